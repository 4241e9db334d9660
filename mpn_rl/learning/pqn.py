"""Q-learning without replay and without a target network, from the rollouts just played."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import torch

from mpn_rl.learning.learner import Learner, UpdateStatistics
from mpn_rl.learning.replay import ReplayShape, SequenceReplay
from mpn_rl.learning.sequences import Step, to_tensors
from mpn_rl.parameters.hyperparameters import Hyperparameters


class PQN(Learner):
    """Parallelised Q-learning with a recurrent network.

    Every `rollout_length` steps of all environments: unroll the network over what was just played,
    from the core's state at its start, form targets from its own values max_a Q
    (`sequence_targets`, lambda-returns in the paper), then go `rollout_epochs` times through the
    environments, in `rollout_minibatches` parts in random order, with an Adam step on the masked
    Huber loss of each.
    The paper relies on `layer_norm` for stability where DQN has a target network; it minimises the
    squared error with RAdam.
    Source: Gallici et al. 2025, "Simplifying deep temporal difference learning", algorithm 1.
    """

    size_key = "rollout_length"
    compiled = "mpn_rl.learning.compiled:make_training"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._first = np.zeros(self.hyperparameters.num_envs, np.int64)
        self._state = self._last_state = self.online.init_state(self.hyperparameters.num_envs)

    @cached_property
    def _rollout(self) -> SequenceReplay:
        return SequenceReplay(self.replay_shape(self.hyperparameters))

    def replay_shape(self, hyperparameters: Hyperparameters) -> ReplayShape:
        """The rows that a rollout of these hyper-parameters takes."""
        hp = hyperparameters
        # An episode's end takes a row too, and the rollout before leaves its last row.
        return ReplayShape(hp.num_envs, 2 * hp.rollout_length + 2, self.form)

    def update_rows(self, hyperparameters: Hyperparameters) -> int:
        """Those of a rollout, in which each episode's end may take one more."""
        shape = self.replay_shape(hyperparameters)
        return shape.num_envs * shape.rows

    def passes(self, episode_length: int) -> float:
        """Of acting, of the targets, and of each epoch forward and backward."""
        del episode_length
        return 2.0 + 3.0 * self.hyperparameters.rollout_epochs

    def store(self, step: Step) -> None:
        """Add one step of every environment to the rollout."""
        super().store(step)
        self._last_state = step.state
        self._rollout.add(step)

    def updates_due(self) -> int:
        """All updates of a rollout when it is complete, none before."""
        hp = self.hyperparameters
        if self.steps // hp.num_envs % hp.rollout_length:
            return 0
        return hp.rollout_epochs * min(hp.rollout_minibatches, hp.num_envs)

    def learn(self) -> Iterator[UpdateStatistics]:
        """Take the updates that are due. Raises DivergedError at a number that is not finite."""
        if not self.updates_due():
            return
        hp = self.hyperparameters
        batch = to_tensors(self._rollout.since(self._first), self.device)
        with torch.no_grad():
            q, _ = self.online.unroll(batch["observation"], self._state, batch["start"])
            target = self.targets(batch, q.amax(-1))
        for _ in range(hp.rollout_epochs):
            order = self.generator.permutation(hp.num_envs)
            for envs in np.array_split(order, min(hp.rollout_minibatches, hp.num_envs)):
                part = torch.as_tensor(envs, device=self.device)
                rows = {name: row[:, part] for name, row in batch.items()}
                q, _ = self.online.unroll(rows["observation"], self._state[part], rows["start"])
                yield self.descend(q, rows, target[:, part])
        # The last row was there to bootstrap from: the next rollout begins with it.
        self._first = self._rollout.written - 1
        self._state = self._last_state

    def get_state(self) -> dict[str, Any]:
        """Network, optimiser, rollout and generator; see `SequenceReplay.get_state`."""
        return super().get_state() | {
            "rollout": self._rollout.get_state(),
            "first": self._first.copy(),
            "state": self._state.cpu(),
            "last_state": self._last_state.cpu(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        super().set_state(state)
        self._rollout.set_state(state["rollout"])
        self._first = state["first"]
        self._state = state["state"].to(self.device)
        self._last_state = state["last_state"].to(self.device)
