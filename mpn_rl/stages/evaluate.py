"""Greedy evaluation of a block's trained agents."""

from pathlib import Path

import pandas as pd
import torch

from mpn_rl.analysis.evaluation import evaluate_agents
from mpn_rl.artifacts.evaluation import write_evaluation
from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.provenance import recording
from mpn_rl.stages.agents import load_agents
from mpn_rl.tasks.build import build_task

EVALUATION_ENVS = 50


def evaluate(
    directory: Path,
    *,
    run: str,
    num_episodes: int,
    checkpoint: str,
    code: str,
    device: str = "cpu",
) -> pd.DataFrame:
    """Write evaluation.csv: `num_episodes` greedy episodes of every completed seed.

    `checkpoint` is "final" or "best". Returns the table as well.
    """
    torch.set_num_threads(1)
    experiment = Experiment(directory)
    source = experiment.checkpoint(f"{checkpoint}_model")
    params = {"num_episodes": num_episodes, "checkpoint": checkpoint}
    with recording(directory, "evaluate", run=run, code=code, params=params,
                   inputs=[source], outputs=[experiment.evaluation]):  # fmt: skip
        hyperparameters, agents = load_agents(source, device=device)
        task = build_task(hyperparameters, max(1, min(num_episodes, EVALUATION_ENVS)))
        table = evaluate_agents(agents, task, num_episodes)
        write_evaluation(experiment.evaluation, table)
    return table
