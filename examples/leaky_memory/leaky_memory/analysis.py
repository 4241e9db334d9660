"""How long hidden activity resembles itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mpn_rl.analysis.base import Analysis, Recorded
from mpn_rl.parameters.fields import Count, Parameters, parameter


class PersistenceParameters(Parameters):
    """What Persistence has: leaky_memory.analysis:Persistence(lags=5)."""

    lags: Count = parameter(3, "largest distance in time [steps]")


class Persistence(Analysis[PersistenceParameters]):
    """Mean cosine of h_t and h_{t+lag}, over episodes and times, for lags from 1 up [steps]."""

    columns = {"lag": int, "similarity": float}
    unknown = ("similarity",)  # where no episode is that long, or h is zero

    def __init__(self, parameters: PersistenceParameters) -> None:
        """Name the model of the parameters; as `Analysis`."""
        super().__init__(parameters)

    def measure(self, recorded: Recorded) -> Mapping[str, Any]:
        """A row per lag; h (episode, time, hidden) is nan where an episode is over."""
        lags = range(1, self.parameters.lags + 1)
        sizes = np.linalg.norm(recorded.h, axis=-1, keepdims=True)
        h = np.divide(recorded.h, sizes, where=sizes > 0, out=np.full_like(recorded.h, np.nan))
        cosines = [(h[:, :-lag] * h[:, lag:]).sum(axis=-1) for lag in lags]
        known = [cosine[np.isfinite(cosine)] for cosine in cosines]
        return {"lag": lags, "similarity": [c.mean() if c.size else np.nan for c in known]}

    def draw(self, ax: Any, table: Any) -> None:
        """Draw a line per seed, similarity over the lag."""
        seeds = np.asarray(table["seed"])
        for seed in np.unique(seeds):
            lag, similarity = (np.asarray(table[name])[seeds == seed] for name in self.columns)
            ax.plot(lag, similarity, marker="o", label=f"seed {seed}")
        ax.set(xlabel="lag (steps)", ylabel="cosine of hidden activity")
        if len(seeds):
            ax.legend()
