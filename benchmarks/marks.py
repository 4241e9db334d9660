"""A measured figure beside the mark that it has to reach."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.markdown import markdown


@dataclass(frozen=True)
class Mark:
    """What was measured, against what, and the mark; `at_most` says which way it has to fall."""

    what: str
    ours: str
    theirs: str
    ratio: float
    mark: float
    unit: str = "×"
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """Whether the measured ratio reaches the mark."""
        return self.ratio <= self.mark if self.at_most else self.ratio >= self.mark

    def cells(self) -> tuple[str, ...]:
        """The cells of a table row."""
        sign = "≤" if self.at_most else "≥"
        verdict = "yes" if self.reached else "**no**"
        unit = f" {self.unit}"
        return (
            self.what,
            self.ours,
            self.theirs,
            f"{self.ratio:.3g}{unit}",
            f"{sign} {self.mark:g}{unit}",
            verdict,
        )


@dataclass(frozen=True)
class Missing:
    """A figure that could not be measured here, and why."""

    what: str
    why: str

    def cells(self) -> tuple[str, ...]:
        """The cells of a table row."""
        return (self.what, "not measured", self.why, "", "", "")


HEAD = ("what", "here", "other", "measured", "mark", "reached")


def table(rows: Iterable[Mark | Missing]) -> str:
    """A Markdown table of marks."""
    return markdown([HEAD, *(row.cells() for row in rows)]).rstrip("\n")
