"""Recording of a block's trained agents, step by step."""

from pathlib import Path

import torch

from mpn_rl.artifacts.activity import write_activity
from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.activity import record_activity
from mpn_rl.sweep.ledger import recording
from mpn_rl.sweep.stages.agents import load_agents
from mpn_rl.tasks.build import build_task

COLLECTION_ENVS = 16


def collect(
    directory: Path,
    *,
    run: str,
    num_episodes: int,
    checkpoint: str,
    max_recorded_mb: float,
    code: str,
    device: str = "cpu",
) -> None:
    """Write activity.npz: `num_episodes` greedy episodes of every completed seed.

    `checkpoint` is "final" or "best"; `max_recorded_mb` bounds the recorded M matrices (10^6
    bytes).
    """
    torch.set_num_threads(1)
    experiment = Experiment(directory)
    source = experiment.checkpoint(f"{checkpoint}_model")
    params = {
        "num_episodes": num_episodes,
        "checkpoint": checkpoint,
        "max_recorded_mb": max_recorded_mb,
    }
    with recording(
        directory,
        "collect",
        run=run,
        code=code,
        params=params,
        inputs=[source],
        outputs=[experiment.activity],
    ):
        hyperparameters, agents = load_agents(source, device=device)
        task = build_task(hyperparameters, max(1, min(num_episodes, COLLECTION_ENVS)))
        activity = record_activity(
            agents,
            task,
            num_episodes,
            plastic=CORES[hyperparameters.core].plastic,
            max_recorded_mb=max_recorded_mb,
        )
        write_activity(experiment.activity, activity)
