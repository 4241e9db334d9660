"""The training of one seed: act, store, learn, validate.

`SeedTraining` advances in lockstep through its environments and can give its whole state between
any two steps, so that a training that is cut off goes on as if it had not been.
"""

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from mpn_rl.analysis.rollout import EpisodeScores, run_episodes
from mpn_rl.config.hyperparameters import Hyperparameters
from mpn_rl.errors import UserError
from mpn_rl.learning.agent import DivergedError, RecurrentDQN, copy_state_dict
from mpn_rl.learning.replay import SequenceReplay
from mpn_rl.learning.results import History, SeedResult
from mpn_rl.learning.schedules import exploration_epsilon
from mpn_rl.learning.seeding import integer_seed, numpy_generator, torch_generator
from mpn_rl.networks.build import build_network
from mpn_rl.tasks.build import build_task

VALIDATION_ENVS = 32
# So many episodes of one and the same return are no coincidence on any task worth learning.
DEAD_EPISODES = 100


class SeedTraining:
    """One seed on its way from the first step to its `SeedResult`."""

    def __init__(
        self, hyperparameters: Hyperparameters, seed: int, device: str | torch.device = "cpu"
    ) -> None:
        hp = hyperparameters
        self.hyperparameters, self.seed, self.device = hp, seed, torch.device(device)
        self.task = build_task(hp, hp.num_envs)
        self._validation_task = build_task(hp, min(hp.validation_episodes, VALIDATION_ENVS))
        network = build_network(
            hp,
            self.task.observation_dim,
            self.task.num_actions,
            generator=torch_generator(seed, "weights"),
        )
        self.agent = RecurrentDQN(network, hp, self.device)
        self.replay = _make_replay(hp, self.task.observation_dim, network)
        self._exploration = torch_generator(seed, "exploration")
        self._sampling = numpy_generator(seed, "replay")
        self.history = History()
        self.steps = 0
        self.failure: str | None = None
        self._observation, _ = self.task.reset(seed=integer_seed(seed, "training_task"))
        self._state = self.agent.online.init_state(hp.num_envs)
        self._start = np.ones(hp.num_envs, np.bool_)
        self._return = np.zeros(hp.num_envs)
        self._length = np.zeros(hp.num_envs, np.int64)
        self._best = copy_state_dict(self.agent.online)
        self._best_return, self._best_step = -math.inf, 0

    @property
    def episodes(self) -> int:
        """Episodes that have ended so far."""
        return len(self.history.episode_return)

    @property
    def epsilon(self) -> float:
        """Probability of a random action at this moment."""
        hp = self.hyperparameters
        return exploration_epsilon(
            hp.epsilon_schedule,  # type: ignore[arg-type]
            hp.epsilon_start,
            hp.epsilon_end,
            hp.epsilon_decay,
            self.steps,
            self.episodes,
        )

    @property
    def finished(self) -> bool:
        """Whether the budget is used up or the seed has failed."""
        hp = self.hyperparameters
        out_of_steps = hp.num_steps is not None and self.steps >= hp.num_steps
        out_of_episodes = hp.num_episodes is not None and self.episodes >= hp.num_episodes
        return out_of_steps or out_of_episodes or self.failure is not None

    def advance(self) -> None:
        """One step of every environment, and the updates and the validation that are then due."""
        hp = self.hyperparameters
        before = self.steps
        self._act()
        try:
            self._learn()
            if self.steps // hp.validation_period > before // hp.validation_period:
                self._validate()
        except DivergedError as error:
            self.failure = str(error)

    def finish(self) -> SeedResult:
        """Validate a last time and give the result; the training can still go on afterwards."""
        history = self.history.copy()
        best, best_step = self._best, self._best_step
        if self.failure is None and (history.validation_step or [-1])[-1] != self.steps:
            scores = self._greedy_scores()
            history.add_validation(self.steps, scores)
            if scores.returns.mean() >= self._best_return:
                best, best_step = copy_state_dict(self.agent.online), self.steps
        failure = self.failure or self._nothing_learned()
        return SeedResult(
            best=best,
            final=copy_state_dict(self.agent.online),
            history=history,
            steps=self.steps,
            updates=self.agent.updates,
            best_step=best_step,
            failure=failure,
        )

    def _nothing_learned(self) -> str | None:
        """Why there was nothing to learn from in the whole training; None where there was."""
        returns = self.history.episode_return
        if self.agent.updates == 0:
            return f"no gradient update in {self.steps} steps and {self.episodes} episodes"
        if len(returns) >= DEAD_EPISODES and min(returns) == max(returns):
            return (
                f"dead exploration: each of {len(returns)} episodes returned {returns[0]:g}, so "
                "that no action could be told from another"
            )
        return None

    def _act(self) -> None:
        epsilon = self.epsilon
        observation = torch.as_tensor(self._observation, device=self.device)
        with torch.no_grad():
            action, state = self.agent.online.select_action(
                observation, self._state, epsilon, generator=self._exploration
            )
        actions = action.cpu().numpy()
        next_observation, reward, terminated, truncated, _ = self.task.step(actions)
        self.replay.add(
            self._observation,
            actions,
            reward,
            terminated,
            truncated,
            self._start,
            next_observation,
            self._state.cpu().numpy() if self.replay.state is not None else None,
        )
        self.steps += self.hyperparameters.num_envs
        self._return += reward
        self._length += 1
        self._start = terminated | truncated
        self._observation, self._state = next_observation, state
        if self._start.any():
            self._end_episodes(self._start, epsilon)

    def _end_episodes(self, ended: np.ndarray, epsilon: float) -> None:
        self._check_fits(int(self._length[ended].max()))
        for env in np.flatnonzero(ended):
            self.history.episode_return.append(float(self._return[env]))
            self.history.episode_length.append(int(self._length[env]))
            self.history.episode_end_step.append(self.steps)
            self.history.exploration_epsilon.append(epsilon)
        self._return[ended], self._length[ended] = 0.0, 0
        self._observation, _ = self.task.reset(options={"reset_mask": ended})
        mask = torch.as_tensor(ended, device=self.device)
        shape = (-1,) + (1,) * (self._state.dim() - 1)
        self._state = torch.where(mask.view(shape), 0.0, self._state)

    def _check_fits(self, episode_length: int) -> None:
        hp = self.hyperparameters
        if hp.replay_start == "episode" and episode_length + 1 > self.replay.rows:
            raise UserError(
                f"buffer_size: {hp.buffer_size} cannot hold an episode of {episode_length} steps "
                f"in each of {hp.num_envs} environments; give at least "
                f"{(episode_length + 1) * hp.num_envs}, or replay_start: stored with a "
                "sequence_length"
            )

    def _learn(self) -> None:
        hp = self.hyperparameters
        due = (self.steps - hp.learning_starts) // hp.update_period
        credit = due - (self.steps - hp.num_envs - hp.learning_starts) // hp.update_period
        if self.steps <= hp.learning_starts or self.replay.num_candidates() == 0:
            return
        if credit and not torch.isfinite(self._state).all():
            raise DivergedError(
                f"the state of {hp.core} exploded beyond what numbers hold at step {self.steps}"
            )
        for _ in range(credit):
            statistics = self.agent.learn(self.replay.sample(hp.batch_size, self._sampling))
            self.history.loss.append(statistics.loss)
            self.history.gradient_norm.append(statistics.gradient_norm)
            self.history.loss_step.append(self.steps)

    def _greedy_scores(self) -> EpisodeScores:
        return run_episodes(
            self.agent.online,
            self._validation_task,
            self.hyperparameters.validation_episodes,
            integer_seed(self.seed, "validation_task"),
        )

    def _validate(self) -> None:
        scores = self._greedy_scores()
        self.history.add_validation(self.steps, scores)
        mean = float(scores.returns.mean())
        if mean >= self._best_return:
            self._best_return, self._best_step = mean, self.steps
            self._best = copy_state_dict(self.agent.online)

    def get_state(self) -> dict[str, Any]:
        """Everything needed to go on exactly, in plain types, arrays and tensors."""
        return {
            "agent": self.agent.get_state(),
            "replay": self.replay.get_state(),
            "task": self.task.get_state(),
            "exploration": self._exploration.get_state(),
            "sampling": self._sampling.bit_generator.state,
            "history": asdict(self.history),
            "steps": self.steps,
            "failure": self.failure,
            "observation": self._observation,
            "state": self._state.cpu(),
            "start": self._start,
            "return": self._return,
            "length": self._length,
            "best": self._best,
            "best_return": self._best_return,
            "best_step": self._best_step,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.agent.set_state(state["agent"])
        self.replay.set_state(state["replay"])
        self.task.set_state(state["task"])
        self._exploration.set_state(state["exploration"])
        self._sampling.bit_generator.state = state["sampling"]
        self.history = History(**state["history"])
        self.steps, self.failure = state["steps"], state["failure"]
        self._observation, self._start = state["observation"], state["start"]
        self._state = state["state"].to(self.device)
        self._return, self._length = state["return"], state["length"]
        self._best = state["best"]
        self._best_return, self._best_step = state["best_return"], state["best_step"]


def _make_replay(hp: Hyperparameters, observation_dim: int, network: Any) -> SequenceReplay:
    whole_episodes = hp.replay_start == "episode"
    length = None if whole_episodes else hp.sequence_length
    stored = hp.replay_start == "stored"
    return SequenceReplay(
        num_envs=hp.num_envs,
        rows=hp.buffer_size // hp.num_envs,
        observation_dim=observation_dim,
        sequence_length=length,
        stride=1 if length is None else length - hp.burn_in_length,
        state_shape=tuple(network.init_state(1).shape[1:]) if stored else None,
    )
