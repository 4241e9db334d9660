"""What a part of the benchmarks finds: tables, and marks to reach."""

from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.marks import Mark, Missing


@dataclass
class Part:
    """The tables of a part by name, each as rows of texts with a head, and its marks."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    marks: list[Mark | Missing] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The part as what JSON holds."""
        return asdict(self)
