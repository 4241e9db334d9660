"""Trained agents that are altered to find out how their memory works."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mpn_rl.parameters.hyperparameters import Hyperparameters

if TYPE_CHECKING:  # which loads numba
    from mpn_rl.sweep.stages.agents import Trained

MEMORYLESS = ("mpn-frozen",)  # cores that hold nothing from step to step


def without_writing(trained: "Trained") -> "Trained":
    """The same agents with η = 0 in every layer: nothing enters M, which fades as before."""
    weights = {
        seed: {n: np.zeros_like(w) if n.endswith(".eta") else w for n, w in own.items()}
        for seed, own in trained.weights.items()
    }
    return replace(trained, weights=weights)


def on_another(trained: "Trained", parameter: str, value: int) -> "Trained":
    """The same agents on their task with another value of a parameter, and no other limit."""
    update = {parameter: value, "max_episode_steps": None}
    changed: Hyperparameters = trained.hyperparameters.model_copy(update=update)
    return replace(trained, hyperparameters=changed)


def unit_decays(trained: "Trained", seed: int) -> NDArray[np.float64] | None:
    """λ (hidden,) of the units, means where synapses have their own.

    None of several layers, or where the core has no λ.
    """
    hp, raw = trained.hyperparameters, trained.weights[seed].get("core.layers.0.lambda_raw")
    if raw is None or hp.num_layers > 1:
        return None
    decay = np.asarray(raw, np.float64)
    if hp.learn_lambda:
        decay = hp.lambda_max / (1.0 + np.exp(-decay))
    by_unit = np.broadcast_to(decay, (hp.hidden_dim, decay.shape[-1] if decay.ndim else 1))
    means: NDArray[np.float64] = by_unit.mean(axis=1)
    return means
