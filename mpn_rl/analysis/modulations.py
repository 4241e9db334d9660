"""How large the modulations of an MPN layer are over an episode."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.plasticity import COURSE, QUANTILES


def flipped(M: NDArray[np.floating], W: NDArray[np.floating], additive: bool) -> NDArray[np.bool_]:
    """Where a synapse's weight has the other sign than W: M (…, hidden, synapses), W alike.

    The weight is W (1 + M), so that M < −1 turns it, or W + M where modulation is additive.
    """
    return (W + M) * W < 0 if additive else M < -1


def modulation_course(
    seed: int,
    steps: Iterable[NDArray[np.floating]],
    phases: NDArray[np.integer],
    phase_names: tuple[str, ...],
    W: NDArray[np.floating],
    additive: bool = False,
) -> NDArray[np.void]:
    """Rows of COURSE of one seed, by step and phase.

    `steps` gives M (episode, hidden, synapses) after each step; phases (episode, time) are indices
    into phase_names, -1 where an episode is over.
    """
    rows = []
    for time, M in enumerate(steps):
        for phase in sorted({*phases[:, time].tolist()} - {-1}):
            chosen = M[phases[:, time] == phase]
            # the 0.05-quantile of a million float32 is one of them, or lies between two
            quantiles = np.quantile(chosen, [*QUANTILES.values()])
            turned = float(flipped(chosen, W, additive).mean())
            rows.append((seed, time, phase_names[phase], len(chosen), *quantiles, turned))
    return np.array(rows, COURSE)
