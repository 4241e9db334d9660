"""Greedy episodes of a network on a task, with or without a record of what happened inside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.rounds import rounds


@dataclass(frozen=True)
class EpisodeScores:
    """Per episode: return (sum of rewards), length in steps, and correct (fraction of answers).

    Each array has shape (episode,). In an episode without an answer correct is 0; it is nan in a
    task that has no answers.
    """

    returns: NDArray[np.float64]
    lengths: NDArray[np.int64]
    correct: NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """One step of every environment in lockstep, as `on_step` receives it.

    observation (env, observation_dim), info and pictures (one per environment, None where there is
    nothing to draw or the task was made without) belong to the moment before the action; h (env,
    hidden), state (env, …) after the core's step on that observation; q_values (env, action);
    action, reward (env,); episode (env,) is the episode's number, -1 where the environment idles.
    """

    time: int
    episode: NDArray[np.int64]
    observation: NDArray[np.float32]
    info: dict[str, Any]
    h: torch.Tensor
    state: torch.Tensor
    q_values: torch.Tensor
    action: NDArray[np.int64]
    reward: NDArray[np.float32]
    pictures: list[NDArray[np.uint8]] | None


@torch.no_grad()
def run_episodes(
    network: MPNDQN,
    task: VectorTask,
    num_episodes: int,
    seed: int,
    on_step: Callable[[Step], None] | None = None,
) -> EpisodeScores:
    """Play `num_episodes` greedy episodes in `rounds`, which `seed` alone decides."""
    device = next(network.parameters()).device
    returns = np.zeros(num_episodes)
    lengths = np.zeros(num_episodes, np.int64)
    correct = np.full(num_episodes, np.nan)
    for episode, observation, info in rounds(task, num_episodes, seed):
        state = network.init_state(task.num_envs)
        time = 0
        while (episode >= 0).any():
            x = network.encoder(torch.as_tensor(observation, device=device))
            h, state = network.core.step(x, state)
            q_values = network.q_head(h)
            action = q_values.argmax(dim=-1).cpu().numpy()
            pictures = task.render() if on_step is not None else None
            next_observation, reward, terminated, truncated, next_info = task.step(action)
            if on_step is not None:
                step = Step(
                    time,
                    episode.copy(),
                    observation,
                    info,
                    h,
                    state,
                    q_values,
                    action,
                    reward,
                    pictures,
                )
                on_step(step)
            running = episode >= 0
            returns[episode[running]] += reward[running]
            lengths[episode[running]] += 1
            ended = terminated | truncated
            judged = running & ended
            if "correct" in next_info:
                correct[episode[judged]] = next_info["correct"][judged]
            episode[ended] = -1
            observation, info = next_observation, next_info
            if ended.any() and (episode >= 0).any():
                observation, info = task.reset(options={"reset_mask": ended})
            time += 1
    return EpisodeScores(returns, lengths, correct)
