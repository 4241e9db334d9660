"""Scores of seeds and runs of a results folder, by the statistics of the summary."""

from typing import TYPE_CHECKING

import pandas as pd

from mpn_rl.sweep.results.experiment import Experiment
from mpn_rl.sweep.summary.data import BlockData
from mpn_rl.sweep.summary.histories import without_episodes
from mpn_rl.sweep.summary.scores import grouped, pooled, seed_scores

if TYPE_CHECKING:
    from mpn_rl.sweep.results.sweep import Sweep


def block_data(block: Experiment) -> BlockData:
    """What the summary's statistics need of one block."""
    evaluation = block.evaluation
    return BlockData(
        run=block.run,
        seeds=tuple(block.seeds),
        hyperparameters=block.config["hyperparameters"],
        history={seed: without_episodes(entry) for seed, entry in block.history.items()},
        evaluation=evaluation.groupby("seed", as_index=False)[["return", "correct"]].mean(),
    )


def seed_scores_of(sweep: "Sweep") -> pd.DataFrame:
    """A row per run, seed and metric: value and status (`summary.scores.seed_scores`)."""
    heads = [(p["task"], "", run, p["core"]) for run, p in sweep.points.items()]
    runs = pd.DataFrame(heads, columns=["task", "setting", "run", "core"])
    found = seed_scores([block_data(block) for block in sweep.blocks], runs)
    return found.drop(columns=["setting"])


def run_scores_of(sweep: "Sweep") -> pd.DataFrame:
    """A row per run and metric: IQM, interval, numbers of seeds (`summary.scores.pooled`)."""
    return grouped(seed_scores_of(sweep), ["run", "metric"], pooled)
