"""Learners of Stable-Baselines3 and sb3-contrib on CartPole-v1, run by the peers' Python."""

import time
from collections.abc import Callable
from typing import Any

import torch

TRAINED_PER_STEP = 64  # transitions, of the DQN


def dqn() -> Callable[[], dict[str, float]]:
    """A DQN (MLP 64) that trains a batch of 64 transitions after each step."""
    from stable_baselines3 import DQN

    options: dict[str, Any] = {"policy_kwargs": {"net_arch": [64]}, "learning_starts": 100}
    often = {"batch_size": TRAINED_PER_STEP, "train_freq": 1, "gradient_steps": 1}
    learner = DQN("MlpPolicy", "CartPole-v1", seed=0, device="cpu", **options, **often)
    return _measured(learner, 2000, TRAINED_PER_STEP)


def ppo() -> Callable[[], dict[str, float]]:
    """RecurrentPPO (LSTM 64) with the rollouts, minibatches and epochs of our PQN."""
    from sb3_contrib import RecurrentPPO
    from stable_baselines3.common.env_util import make_vec_env

    rollouts = {"n_steps": 64, "batch_size": 256, "n_epochs": 4}
    policy = {"lstm_hidden_size": 64}
    envs = make_vec_env("CartPole-v1", 16, seed=0)
    learner = RecurrentPPO(
        "MlpLstmPolicy", envs, policy_kwargs=policy, seed=0, device="cpu", **rollouts
    )
    return _measured(learner, 2048, learner.n_epochs)


def _measured(learner: Any, steps: int, per_step: int) -> Callable[[], dict[str, float]]:
    torch.set_num_threads(1)
    learner.learn(300)

    def measure() -> dict[str, float]:
        before, begin = learner.num_timesteps, time.process_time()
        learner.learn(steps, reset_num_timesteps=False)
        rate = (learner.num_timesteps - before) / (time.process_time() - begin)
        return {"rate": rate, "transitions": rate * per_step}

    return measure
