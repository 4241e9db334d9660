"""Evaluation of trained agents on fresh episodes."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from mpn_rl.artifacts.evaluation import COLUMNS
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask


def evaluate_agents(
    agents: Iterable[tuple[int, MPNDQN]], task: VectorTask, num_episodes: int
) -> pd.DataFrame:
    """Greedy episodes of each (seed, network), drawn from the seed's evaluation stream.

    Returns one row per seed and episode: seed, episode, return, length (steps), correct (nan where
    the task has no right answer).
    """
    tables = [pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})]
    for seed, network in agents:
        scores = run_episodes(network, task, num_episodes, integer_seed(seed, "evaluation_task"))
        table = pd.DataFrame(
            {
                "seed": seed,
                "episode": np.arange(num_episodes),
                "return": scores.returns,
                "length": scores.lengths,
                "correct": scores.correct,
            }
        )
        tables.append(table)
    full = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(full, ignore_index=True)
