"""A score as a lane in a table's cell: seeds, their mean and interval, on one scale per problem."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpn_rl.canvas import FAINT
from mpn_rl.figures.style import core_style
from mpn_rl.sweep.summary.data import Problem, SummaryTables, levels_of, of_problem
from mpn_rl.sweep.summary.document import Block, Cell, row
from mpn_rl.sweep.summary.texts import AGENT_LABELS, number_text


@dataclass(frozen=True)
class Scale:
    """Where lanes begin and end; levels: agent that learns nothing → its score."""

    low: float
    high: float
    levels: dict[str, float]

    def lane(self, core: str, seeds: Iterable[float], found: Any) -> Cell:
        """The lane of a core, or of none: its seeds, and of `found` value, low and high."""
        color = core_style(core).color if core else FAINT
        levels = [self._place(level) for level in self.levels.values()]
        rings = [place for seed in seeds if (place := self._place(seed)) is not None]
        marks = {name: self._place(found[name]) for name in ("value", "low", "high")}
        return {"lane": {"color": color, "levels": levels, "seeds": rings, **marks}}

    def level_rows(self, width: int, place: int) -> list[Block]:
        """A row per level with its score in column `place`, and the scale, in rows of `width`."""
        rows = []
        for agent, value in self.levels.items():
            lane = self.lane("", (), {"value": value, "low": np.nan, "high": np.nan})
            cells = [AGENT_LABELS[agent], lane, *[""] * (width - 2)]
            cells[place] = number_text(value)
            rows.append(row(*cells, look="dim"))
        ends = {"scale": [number_text(self.low), number_text(self.high)]}
        return [*rows, row("", ends, *[""] * (width - 2))]

    def _place(self, value: float) -> float | None:
        """Return a score as a share of the lane, to three digits; None for none."""
        if not np.isfinite(value):
            return None
        return round(float(np.clip((value - self.low) / (self.high - self.low), 0, 1)), 3)


def scale_of(tables: SummaryTables, problem: Problem, metric: str) -> Scale:
    """The scale of a problem: 0 to 1 of a fraction, else as far as seeds, runs and levels go."""
    levels = levels_of(tables.baselines, problem, metric)
    if metric == "correct":
        return Scale(0.0, 1.0, levels)
    return spanned(of_problem(tables.seed_scores, problem, metric=metric)["value"], levels)


def spanned(values: Iterable[float], levels: dict[str, float]) -> Scale:
    """The scale that these scores and levels fill."""
    every = np.array([*values, *levels.values()], dtype=float)
    every = every[np.isfinite(every)]
    low, high = (every.min(), every.max()) if len(every) else (0.0, 1.0)
    return Scale(float(low), float(high if high > low else low + 1), levels)
