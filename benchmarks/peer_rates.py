"""Rates of a peer, run by the peers' own Python: python peer_rates.py dqn|ppo STEPS

Prints JSON: name and versions, environment steps and transitions trained per second of processor
time, one thread, on CartPole-v1.
"""

import importlib.metadata
import json
import sys
import time
from typing import Any

import gymnasium
import torch


def make(name: str) -> tuple[str, Any, int]:
    """The peer's name, its learner, and the transitions that it trains per environment step."""
    env = gymnasium.make("CartPole-v1")
    if name == "dqn":
        from stable_baselines3 import DQN

        options = {"policy_kwargs": {"net_arch": [64]}, "batch_size": 64, "learning_starts": 100}
        every_step = {"train_freq": 1, "gradient_steps": 1}
        learner = DQN("MlpPolicy", env, seed=0, device="cpu", **options, **every_step)
        return f"stable-baselines3 {version('stable-baselines3')} DQN", learner, 64
    from sb3_contrib import RecurrentPPO

    policy = {"lstm_hidden_size": 64}
    learner = RecurrentPPO("MlpLstmPolicy", env, policy_kwargs=policy, seed=0, device="cpu")
    title = f"sb3-contrib {version('sb3-contrib')} RecurrentPPO"
    return title, learner, learner.n_epochs


def version(package: str) -> str:
    """The installed version of a package."""
    return importlib.metadata.version(package)


def main() -> None:
    """Warm up, measure, print."""
    torch.set_num_threads(1)
    name, learner, per_step = make(sys.argv[1])
    steps = int(sys.argv[2])
    learner.learn(300)
    before, begin = learner.num_timesteps, time.process_time()
    learner.learn(steps, reset_num_timesteps=False)
    rate = (learner.num_timesteps - before) / (time.process_time() - begin)
    print(json.dumps({"name": name, "steps": rate, "transitions": rate * per_step}))


if __name__ == "__main__":
    main()
