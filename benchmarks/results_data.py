"""The committed numbers of the contest, as docs/results.md tells of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.contest_statistics import Difference, Floats, difference, holm, verdict
from mpn_rl.statistics.learning_measures import median_time

MAIN = ("mpn", "mpn-frozen", "rnn", "gru", "lstm")
FURTHER = ("mpn", "mpn-recurrent", "delta", "rnn, tanh")
FRAMES = (
    *("2 frames", "4 frames", "2 frames, rate 0.002", "4 frames, rate 0.0005"),
    *("mpn", "rnn", "gru", "lstm"),
)
SMALL = ("mpn", "rnn of 33", "gru of 15", "lstm of 12")
EQUAL_STATE = ("mpn of 8", "rnn", "gru")
CONTROLS = ("mpn", "mpn-random", "mpn, presynaptic", "mpn, λ = 0")
GROUPS = (MAIN, FURTHER, FRAMES, SMALL, EQUAL_STATE, CONTROLS)
# the protocol's second family of tests, which the mean over problems leaves out as well
HARDER = ("RepeatPrevious, k 6", "RepeatFirst, length 100", "DelayedMatch, delay 51")
NAMES = ("seeds", "arms", "curves", "problems")
OF_ORACLE = 0.95  # a problem is solved by whose score reaches so much of the oracle's
SMALLEST = 0.05  # of the fraction correct, or of 500 steps


@dataclass(frozen=True)
class Compared:
    """An arm's difference from another, and what the protocol says of it."""

    found: Difference
    corrected: float
    verdict: str


@dataclass(frozen=True)
class Contest:
    """The tables that `benchmarks.contest` wrote."""

    seeds: pd.DataFrame
    arms: pd.DataFrame
    curves: pd.DataFrame
    problems: pd.DataFrame
    mechanism: pd.DataFrame | None = None

    @cached_property
    def names(self) -> list[str]:
        """The problems in the order of the config."""
        return list(self.problems["problem"])

    @property
    def primary(self) -> list[str]:
        """The problems of the protocol's first family."""
        return [problem for problem in self.names if problem not in HARDER]

    def levels(self, problem: str) -> pd.Series:
        """random, memoryless, oracle and the metric of a problem."""
        return self.problems[self.problems["problem"] == problem].iloc[0]

    def column(self, problem: str, arm: str, name: str = "score") -> Floats:
        """A column of the seeds of an arm in a problem (n,); empty where it was not trained."""
        return self._by_cell.get((problem, arm), self.seeds.iloc[:0])[name].to_numpy()

    @cached_property
    def _by_cell(self) -> dict[tuple[str, str], pd.DataFrame]:
        return dict(iter(self.seeds.groupby(["problem", "arm"])))  # type: ignore[arg-type]

    def scaled(self, problem: str, arm: str) -> Floats:
        """Scores (n,) of which 0 is the random agent's and 1 the oracle's."""
        level = self.levels(problem)
        span = level["oracle"] - level["random"]
        return np.asarray((self.column(problem, arm) - level["random"]) / span)

    def solved_at(self, problem: str) -> float:
        """The score from which a problem counts as solved."""
        return OF_ORACLE * float(self.levels(problem)["oracle"])

    def ceiling(self, problem: str, arm: str) -> bool:
        """Whether an arm's mean leaves no headroom in a problem."""
        scores = self.column(problem, arm)
        return bool(len(scores) and scores.mean() >= self.solved_at(problem))

    def size(self, problem: str, arm: str) -> pd.Series | None:
        """The row of an arm in a problem."""
        found = self.arms[(self.arms["problem"] == problem) & (self.arms["arm"] == arm)]
        return found.iloc[0] if len(found) else None

    def present(self, arms: Iterable[str]) -> list[str]:
        """Those of the arms that were trained at all."""
        there = set(self.arms["arm"])
        return [arm for arm in arms if arm in there]

    def having(self, arms: Iterable[str]) -> list[str]:
        """The problems in which every one of the arms was trained."""
        return [p for p in self.names if all(len(self.column(p, arm)) for arm in arms)]

    def compared(
        self, first: str, others: Iterable[str], problems: Iterable[str]
    ) -> dict[tuple[str, str], Compared]:
        """(problem, other) → first − other; harder problems are a family of tests of their own."""
        found = dict(self._differences(first, list(others), problems))
        corrected: dict[tuple[str, str], float] = {}
        for harder in (False, True):
            family = [key for key in found if (key[0] in HARDER) is harder]
            corrected |= dict(zip(family, holm([found[key].p for key in family]), strict=True))
        return {
            key: Compared(
                each, corrected[key], verdict(each, corrected[key], self._smallest(key[0]))
            )
            for key, each in found.items()
        }

    def _smallest(self, problem: str) -> float:
        return SMALLEST * (500 if self.levels(problem)["metric"] == "return" else 1)

    def _differences(
        self, first: str, others: list[str], problems: Iterable[str]
    ) -> Iterator[tuple[tuple[str, str], Difference]]:
        for problem in problems:
            own = self.column(problem, first)
            for other in others:
                theirs = self.column(problem, other)
                if len(own) and len(theirs):
                    yield (problem, other), difference(own, theirs)

    def steps_to_solved(self, problem: str, arm: str) -> tuple[float, int, int] | None:
        """The Kaplan-Meier median, nan where it is not reached; how many seeds did, of how many."""
        steps = self.column(problem, arm, "steps_to_solved")
        size = self.size(problem, arm)
        if size is None:
            return None
        reached = np.isfinite(steps)
        times = np.where(reached, steps, size["budget"])
        return median_time(list(times), list(reached)), int(reached.sum()), len(steps)


def read_contest(folder: Path) -> Contest | None:
    """The tables of a folder, or None where they are not there."""
    paths = {name: folder / f"{name}.csv" for name in NAMES}
    if not all(path.exists() for path in paths.values()):
        return None
    how = folder / "mechanism.csv"
    mechanism = pd.read_csv(how) if how.exists() else None
    tables = {name: pd.read_csv(path) for name, path in paths.items()}
    return Contest(**tables, mechanism=mechanism)
