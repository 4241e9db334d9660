"""What the training of a seed leaves behind."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch

from mpn_rl.playing.rollout import EpisodeScores


@dataclass
class History:
    """What training leaves behind for the curves; one entry per episode, update or validation.

    validation_eta and validation_lambda (validation, layer, 3) are the mean, the smallest and the
    largest of each plastic layer's values, all equal where it has one; empty without plasticity.
    """

    episode_return: list[float] = field(default_factory=list)
    episode_length: list[int] = field(default_factory=list)
    episode_end_step: list[int] = field(default_factory=list)
    exploration_epsilon: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    loss_step: list[int] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    validation_step: list[int] = field(default_factory=list)
    validation_return: list[float] = field(default_factory=list)
    validation_correct: list[float | None] = field(default_factory=list)
    validation_eta: list[list[list[float]]] = field(default_factory=list)
    validation_lambda: list[list[list[float]]] = field(default_factory=list)

    def entries(self) -> dict[str, Any]:
        """Every list by its name, those of plasticity only where they hold something."""
        plastic = ("validation_eta", "validation_lambda")
        return {name: v for name, v in asdict(self).items() if v or name not in plastic}

    def add_validation(
        self, step: int, scores: EpisodeScores, rates: Sequence[tuple[torch.Tensor, torch.Tensor]]
    ) -> None:
        """Enter the mean return, the fraction of right answers where the task has them, the rates.

        `rates`: (eta, lambda_decay) of each plastic layer.
        """
        judged = scores.correct[~np.isnan(scores.correct)]
        self.validation_step.append(step)
        self.validation_return.append(float(scores.returns.mean()))
        self.validation_correct.append(float(judged.mean()) if judged.size else None)
        if rates:
            self.validation_eta.append([_spread(eta) for eta, _ in rates])
            self.validation_lambda.append([_spread(decay) for _, decay in rates])


def _spread(values: torch.Tensor) -> list[float]:
    """Mean, smallest and largest of a tensor of any shape."""
    every = values.detach().double().cpu()
    return [float(every.mean()), float(every.min()), float(every.max())]


@dataclass(frozen=True)
class SeedResult:
    """The outcome of one seed: weights of the best and the final network, history, status.

    `failure` says why a seed failed and is None for one that completed; `best_step` is the
    environment step at which the best greedy validation return was seen.
    """

    best: dict[str, torch.Tensor]
    final: dict[str, torch.Tensor]
    history: History
    steps: int
    updates: int
    best_step: int
    failure: str | None
