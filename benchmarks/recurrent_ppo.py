"""RecurrentPPO of sb3-contrib until its validation passes a threshold, run by the peers' Python.

Its environments are the project's own tasks in lockstep, the quickest form that they have, and what
is counted is its training alone: what validating costs is left out.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv

from benchmarks.reached import Run, task_of, validated
from mpn_rl.tasks.base import VectorTask

DECAY_STEPS, LEAST = 300_000, 0.05
_SMALL = {"policy_kwargs": {"lstm_hidden_size": 64}}
# What is decayed falls linearly to a twentieth over 300,000 steps.
SETTINGS: dict[str, dict[str, Any]] = {
    # rl-zoo's of CartPoleNoVel-v1
    "zoo": {
        "num_envs": 8,
        "n_steps": 32,
        "batch_size": 256,
        "n_epochs": 20,
        "gae_lambda": 0.8,
        "gamma": 0.98,
        "learning_rate": 1e-3,
        "clip_range": 0.2,
        "decayed": ("learning_rate", "clip_range"),
    },
    # the library's own, with 8 environments
    "library": {"num_envs": 8, "n_steps": 128, "batch_size": 128, "n_epochs": 10},
    "zoo, LSTM 64, 10 epochs": {
        "num_envs": 8,
        "n_steps": 32,
        "batch_size": 256,
        "n_epochs": 10,
        "gae_lambda": 0.8,
        "gamma": 0.98,
        "learning_rate": 1e-3,
        "clip_range": 0.2,
        "decayed": ("learning_rate", "clip_range"),
        **_SMALL,
    },
    "LSTM 64, 4 epochs": {
        "num_envs": 16,
        "n_steps": 64,
        "batch_size": 256,
        "n_epochs": 4,
        "learning_rate": 1e-3,
        **_SMALL,
    },
    "LSTM 64, large batch": {
        "num_envs": 16,
        "n_steps": 128,
        "batch_size": 1024,
        "n_epochs": 8,
        "gae_lambda": 0.9,
        "gamma": 0.98,
        "learning_rate": 1e-3,
        "decayed": ("learning_rate",),
        **_SMALL,
    },
}


class Environments(VecEnv):
    """A task of the project as environments of Stable-Baselines3, which start again by themselves.

    The last observation of a finished episode is in its info, as that library wants it.
    """

    def __init__(self, task: VectorTask, seed: int) -> None:
        box, actions = task.single_observation_space, spaces.Discrete(task.num_actions)
        super().__init__(task.num_envs, box, actions)
        self.task = task
        self._first, _ = task.reset(seed=seed)

    def reset(self) -> Any:
        """The observations that all begin with."""
        return self._first.copy()

    def step_async(self, actions: Any) -> None:
        """Note the actions."""
        self._actions = actions

    def step_wait(self) -> Any:
        """Take the step."""
        observation, reward, terminated, truncated, _ = self.task.step(self._actions)
        done, infos = terminated | truncated, [dict[str, Any]() for _ in range(self.num_envs)]
        if done.any():
            for env in np.flatnonzero(done):
                cut = bool(truncated[env] & ~terminated[env])
                infos[env] = {
                    "terminal_observation": observation[env].copy(),
                    "TimeLimit.truncated": cut,
                }
            observation, _ = self.task.reset(options={"reset_mask": done})
        return observation.copy(), reward.copy(), done, infos

    def close(self) -> None:
        """Close the task."""
        self.task.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute of each environment: none has one."""
        del attr_name, indices
        return [None] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Nothing can be set."""
        raise NotImplementedError

    def env_method(self, method_name: str, *_: Any, **__: Any) -> list[Any]:
        """No method of an environment can be called."""
        raise NotImplementedError(method_name)

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> Sequence[bool]:
        """None is wrapped."""
        del wrapper_class, indices
        return [False] * self.num_envs


class _Greedy:
    """The agent that takes the likeliest action; see `mpn_rl.playing.rollout.Agent`."""

    def __init__(self, learner: RecurrentPPO) -> None:
        self.learner, self.state = learner, None

    def __call__(self, time: int, observation: Any) -> Any:
        start = np.full(len(observation), time == 0)
        state = None if time == 0 else self.state
        action, self.state = self.learner.predict(observation, state, start, deterministic=True)
        return action


class _UntilReached(BaseCallback):
    """Validates between rollouts, stops the clock meanwhile, and ends the training."""

    def __init__(self, task: str, seconds: float) -> None:
        super().__init__()
        self.run, self.task, self.most = Run(), task, seconds
        self.begun = time.process_time()

    def _on_rollout_start(self) -> None:
        self.run.seconds += time.process_time() - self.begun
        if self.run.due(self.num_timesteps):
            score = validated(self.task, _Greedy(self.model))
            self.run.enter(self.task, self.num_timesteps, score)
        self.begun = time.process_time()

    def _on_step(self) -> bool:
        taken = self.run.seconds + time.process_time() - self.begun
        return self.run.reached is None and taken < self.most


def reach(task: str, setting: str, seed: int, seconds: float) -> Run:
    """Train until the threshold is passed or so many seconds of processor time are over."""
    torch.set_num_threads(1)
    options = dict(SETTINGS[setting])
    envs = Environments(task_of(task, options.pop("num_envs")), seed)
    for name in options.pop("decayed", ()):
        options[name] = _decayed(options[name])
    learner = RecurrentPPO("MlpLstmPolicy", envs, seed=seed, device="cpu", **options)
    until = _UntilReached(task, seconds)
    learner.learn(_NO_END, callback=until)
    return until.run


_NO_END = 10**8


def _decayed(first: float) -> Any:
    return lambda left: first * max(LEAST, 1 - (1 - left) * _NO_END / DECAY_STEPS)
