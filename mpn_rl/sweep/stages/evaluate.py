"""Greedy evaluation of a block's trained agents, beside agents that learn nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from mpn_rl.artifacts.baselines import COLUMNS, references_of, write_references
from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.evaluation import write_evaluation
from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.networks.build import build_network
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.baselines import baseline_table
from mpn_rl.playing.evaluation import evaluate_agents
from mpn_rl.sweep.ledger import recording
from mpn_rl.sweep.stages.agents import load_agents
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
    """Write evaluation.csv, `num_episodes` greedy episodes of every completed seed.

    And references.csv: agents that learn nothing, and the trained one with its size. `checkpoint`
    is "final" or "best". Returns the table of episodes as well.
    """
    torch.set_num_threads(1)
    experiment = Experiment(directory)
    source = experiment.checkpoint(f"{checkpoint}_model")
    references = references_of(directory)
    params = {"num_episodes": num_episodes, "checkpoint": checkpoint}
    with recording(
        directory,
        "evaluate",
        run=run,
        code=code,
        params=params,
        inputs=[source],
        outputs=[experiment.evaluation, references],
    ):
        hyperparameters, agents = load_agents(source, device=device)
        task = build_task(hyperparameters, max(1, min(num_episodes, EVALUATION_ENVS)))
        table = evaluate_agents(agents, task, num_episodes)
        write_evaluation(experiment.evaluation, table)
        first_seed = min(read_checkpoint(source).seeds)
        learnt_nothing = baseline_table(hyperparameters, first_seed, num_episodes)
        trained = _trained(table, hyperparameters, task.observation_dim, task.num_actions)
        write_references(references, pd.concat([learnt_nothing, trained], ignore_index=True))
    return table


def _trained(
    table: pd.DataFrame, hyperparameters: Hyperparameters, observation_dim: int, num_actions: int
) -> pd.DataFrame:
    """Return the row of the trained agent: means over its seeds' episodes, trained parameters."""
    network = build_network(hyperparameters, observation_dim, num_actions, torch.Generator())
    trained = sum(part.numel() for part in network.parameters() if part.requires_grad)
    means = [float(table[name].mean()) if len(table) else np.nan for name in ("return", "correct")]
    row = (hyperparameters.core, *means, len(table), trained)
    return pd.DataFrame([row], columns=list(COLUMNS))
