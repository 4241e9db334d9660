"""What the training of a seed leaves behind."""

from dataclasses import dataclass, field

import numpy as np
import torch

from mpn_rl.analysis.rollout import EpisodeScores


@dataclass
class History:
    """What training leaves behind for the curves; one entry per episode, update or validation."""

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

    def copy(self) -> "History":
        """A history of its own with the same entries."""
        return History(**{name: list(values) for name, values in vars(self).items()})

    def add_validation(self, step: int, scores: EpisodeScores) -> None:
        """Enter the mean return, and the fraction of right answers where the task has them."""
        judged = scores.correct[~np.isnan(scores.correct)]
        self.validation_step.append(step)
        self.validation_return.append(float(scores.returns.mean()))
        self.validation_correct.append(float(judged.mean()) if judged.size else None)


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
