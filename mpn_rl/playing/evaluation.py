"""Evaluation of trained agents on fresh episodes."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.evaluation import PLAYED
from mpn_rl.playing.rollout import Agent, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask


def evaluate_agents(
    agents: Iterable[tuple[int, Agent]], task: VectorTask, num_episodes: int
) -> NDArray[np.void]:
    """Episodes of each (seed, agent), drawn from the seed's evaluation stream.

    Returns a row of PLAYED per seed and episode: seed, episode, return, length (steps), correct
    (nan where the task has no right answer).
    """
    tables = [np.zeros(0, PLAYED)]
    for seed, agent in agents:
        stream = integer_seed(seed, "evaluation_task")
        scores = run_episodes(agent, task, num_episodes, stream)
        table = np.zeros(num_episodes, PLAYED)
        table["seed"], table["episode"] = seed, np.arange(num_episodes)
        table["return"], table["length"] = scores.returns, scores.lengths
        table["correct"] = scores.correct
        tables.append(table)
    return np.concatenate(tables)
