"""Evaluation of trained agents on fresh episodes."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from mpn_rl.artifacts.evaluation import COLUMNS
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.playing.rollout import Greedy, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask


def evaluate_agents(
    agents: Iterable[tuple[int, MPNDQN]], task: VectorTask, num_episodes: int
) -> pd.DataFrame:
    """Greedy episodes of each (seed, network), drawn from the seed's evaluation stream.

    Returns one row per seed and episode: seed, episode, return, length (steps), correct (nan where
    the task has no right answer).
    """
    tables = []
    for seed, network in agents:
        stream = integer_seed(seed, "evaluation_task")
        scores = run_episodes(Greedy(network), task, num_episodes, stream)
        columns = (seed, np.arange(num_episodes), scores.returns, scores.lengths, scores.correct)
        tables.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    if num_episodes and tables:
        return pd.concat(tables, ignore_index=True)
    return pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
