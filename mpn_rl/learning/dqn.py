"""Recurrent double deep Q-learning from replayed sequences."""

import logging
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpn_rl.learning.adam import as_one_vector
from mpn_rl.learning.exploration import HeldActions
from mpn_rl.learning.learner import Learner, UpdateStatistics, copy_state_dict
from mpn_rl.learning.priorities import sequence_priority
from mpn_rl.learning.replay import ReplayShape, SequenceReplay
from mpn_rl.learning.schedules import learning_rate
from mpn_rl.learning.sequences import SequenceBatch, Step, to_tensors
from mpn_rl.learning.targets import chosen_values, double_q_values
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import Agent

if TYPE_CHECKING:
    from mpn_rl.learning.compiled_replay import CompiledReplay

log = logging.getLogger(__name__)


class RecurrentDQN(Learner):
    """Online and target network, replay, and the update that joins them.

    One update: unroll both networks over the sequences (after `burn_in_length` rows without a
    gradient), form double-Q targets (`sequence_targets`), take an Adam step on the masked Huber
    loss with the gradient's global norm clipped, and every `target_update_period` updates move the
    target, theta' <- (1 - rate) theta' + rate theta. With `priority_exponent`, sequences that were
    predicted badly are drawn more often, without weights against it, as in R2D2. An update is a
    call of compiled functions where the hyper-parameters allow it, else it is torch's.
    Sources: Kapturowski et al. 2019 (R2D2); van Hasselt et al. 2016 (double Q-learning).
    """

    size_key = "buffer_size"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.target = self.online.copied()
        self._theta_target = as_one_vector(self.target)
        self.target.requires_grad_(False)
        hp = self.hyperparameters
        actions = hp.num_envs, self.online.action_dim
        self._held = HeldActions(*actions, hp.epsilon_hold) if hp.epsilon_hold > 1 else None

    @cached_property
    def replay(self) -> SequenceReplay:
        """What has been played, from the first step on."""
        return SequenceReplay(self.replay_shape(self.hyperparameters))

    def replay_shape(self, hyperparameters: Hyperparameters) -> ReplayShape:
        """The replay that these hyper-parameters ask for."""
        hp = hyperparameters
        length = None if hp.replay_start == "episode" else hp.sequence_length
        return ReplayShape(
            num_envs=hp.num_envs,
            rows=hp.buffer_size // hp.num_envs,
            form=self.form,
            sequence_length=length,
            stride=1 if length is None else length - hp.burn_in_length,
            state_shape=self.online.core.state_shape if hp.replay_start == "stored" else None,
            prioritised=hp.priority_exponent > 0,
        )

    def update_rows(self, hyperparameters: Hyperparameters) -> int | None:
        """Those of a batch of sequences, if these are cut."""
        hp = hyperparameters
        return None if hp.sequence_length is None else hp.batch_size * (hp.sequence_length + 1)

    def passes(self, episode_length: int) -> float:
        """Of acting, and of each replayed row by the target, forward and backward."""
        hp = self.hyperparameters
        rows = hp.batch_size * (hp.sequence_length or episode_length) / hp.update_period
        return 1.0 + 4.0 * rows

    def store(self, step: Step) -> None:
        """Add one step of every environment to the replay."""
        super().store(step)
        self.replay.add(step)
        if self._held is not None:
            self._held.let_go(step.terminated | step.truncated)

    @property
    def longest_kept(self) -> int | None:
        """What fits into each environment's rows, where whole episodes are replayed."""
        return self.replay.rows - 1 if self.hyperparameters.replay_start == "episode" else None

    def updates_due(self) -> int:
        """One wherever steps since `learning_starts` pass a multiple of `update_period`, from 0 on.

        None before `learning_starts`, nor before there is a sequence to replay.
        """
        hp = self.hyperparameters
        learning = self.steps - hp.learning_starts
        if learning <= 0 or self.replay.num_candidates() == 0:
            return 0
        return learning // hp.update_period - (learning - hp.num_envs) // hp.update_period

    def learn(self) -> Iterator[UpdateStatistics]:
        """Take the updates that are due. Raises DivergedError at a number that is not finite."""
        for _ in range(self.updates_due()):
            yield self.update()

    def prepare(self) -> None:
        """As `Learner.prepare`; compiling takes seconds, once on a machine."""
        if self._compiled is None:
            super().prepare()

    @cached_property
    def _compiled(self) -> "CompiledReplay | None":
        """Network and updates in compiled functions, or None; the log says which, and why."""
        hp, reason = self.hyperparameters, None
        if self.device.type != "cpu":
            reason = f"device {self.device}"
        else:
            try:
                from mpn_rl.compiled.network import why_not_network
                from mpn_rl.learning.compiled_replay import CompiledReplay

                reason = why_not_network(hp, self.form)
            except ModuleNotFoundError as error:
                if error.name != "numba":
                    raise
                reason = "numba is missing"
        if reason is not None:
            log.info("network and updates run in torch: %s", reason)
            return None
        log.info("network and updates run in compiled functions")
        return CompiledReplay(hp, self.online, self.optimizer, self._theta_target.numpy())

    def choose(
        self,
        observation: NDArray[Any],
        state: Tensor,
        epsilon: float,
        generator: torch.Generator,
    ) -> tuple[NDArray[np.int64], Tensor]:
        """As `Learner.choose`; with `epsilon_hold` random actions are held (`HeldActions`)."""
        way = super().choose if self._compiled is None else self._compiled.choose
        if self._held is None:
            return way(observation, state, epsilon, generator)
        greedy, state = way(observation, state, 0.0, generator)
        return self._held.instead_of(greedy, epsilon, generator), state

    def greedy(self, envs: int) -> Agent:
        """As `Learner.greedy`."""
        return super().greedy(envs) if self._compiled is None else self._compiled.greedy(envs)

    def update(self) -> UpdateStatistics:
        """Take one gradient update from sequences that it draws.

        Raises DivergedError where loss or gradient is not finite.
        """
        if self._compiled is None:
            batch = self.replay.sample(self.hyperparameters.batch_size, self.generator)
            return self._update_plain(batch)
        drawn, rows = self._compiled.sample(self.replay, self.generator)
        rate = learning_rate(self.hyperparameters, self.steps)
        self._compiled.update(rows, rate, self.reward_scale.value)
        statistics = self.checked(*self._compiled.report.tolist())
        self.replay.set_priorities(drawn, self._compiled.priority)
        return statistics

    def _update_plain(self, batch: SequenceBatch) -> UpdateStatistics:
        hp = self.hyperparameters
        rows = to_tensors(batch, self.device)
        burn_in = min(hp.burn_in_length or 0, rows["action"].shape[0] - 2)
        q_online = self._unroll(self.online, rows, batch.state, burn_in)
        with torch.no_grad():
            q_target = self._unroll(self.target, rows, batch.state, 0)[burn_in:]
            tail = {name: row[burn_in:] for name, row in rows.items()}
            target = self.targets(tail, double_q_values(q_online, q_target))
        statistics = self.descend(q_online, tail, target)
        if self.replay.priorities is not None:
            error = (target - chosen_values(q_online.detach(), tail["action"])).cpu().numpy()
            valid = tail["valid"][:-1].cpu().numpy()
            weights = hp.priority_max_weight, hp.priority_exponent
            self.replay.set_priorities(batch, sequence_priority(error, valid, *weights))
        if self.updates % hp.target_update_period == 0:
            self._theta_target.lerp_(self.optimizer.theta, hp.target_update_rate)
        return statistics

    def _unroll(
        self,
        network: MPNDQN,
        rows: dict[str, Tensor],
        stored_state: np.ndarray | None,
        burn_in: int,
    ) -> Tensor:
        observation, start = rows["observation"], rows["start"]
        state = network.init_state(observation.shape[1])
        if stored_state is not None:
            state = torch.as_tensor(stored_state, device=self.device)
        if burn_in > 0:
            with torch.no_grad():
                _, state = network.unroll(observation[:burn_in], state, start[:burn_in])
        q, _ = network.unroll(observation[burn_in:], state, start[burn_in:])
        return q

    def get_state(self) -> dict[str, Any]:
        """Networks, optimiser, replay and generator; see `SequenceReplay.get_state`."""
        held = {} if self._held is None else {"held": self._held.get_state()}
        return super().get_state() | {
            "target": copy_state_dict(self.target),
            "replay": self.replay.get_state(),
            **held,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        super().set_state(state)
        self.target.load_state_dict(state["target"])
        self.replay.set_state(state["replay"])
        if self._held is not None:
            self._held.set_state(state["held"])
