"""What a block's trained agents answer when something is done to their memory."""

import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.lesions import LESIONS, write_lesions
from mpn_rl.parameters.catalogue import CORES, PLAYED
from mpn_rl.parameters.points import point_of
from mpn_rl.sweep.stages.altered import MEMORYLESS, unit_decays, without_writing
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def lesion(given: Given) -> None:
    """Write lesions.csv: the lesions of every completed seed, by `num_episodes` episodes at most.

    Without rows where the core has no memory; on tasks that others wrote only the simplest ones.
    """
    point = point_of(read_checkpoint(given.inputs["checkpoint"]).hyperparameters)
    tables = [np.zeros(0, LESIONS)]
    if point.core in MEMORYLESS:
        log.info("no lesions: core %s has no memory", point.core)
    else:
        tables += _of_seeds(given)
    write_lesions(given.outputs["lesions"], np.concatenate(tables))


def _of_seeds(given: Given) -> Iterator[NDArray[np.void]]:
    """The rows of each seed."""
    # what loads numba and Gymnasium, which not all need
    from mpn_rl.analysis.lesions import Subject, episodes_of, lesions
    from mpn_rl.sweep.stages.agents import load_trained

    trained = load_trained(given.inputs["checkpoint"], device=given.device)
    if not trained.seeds:
        return
    point = trained.hyperparameters
    episodes = episodes_of(trained.task(1), given.settings["num_episodes"])
    task, limited = trained.task(episodes), point.task not in PLAYED
    resting = dict(without_writing(trained).agents(episodes))
    for seed, agent in trained.agents(episodes):
        still = resting[seed] if CORES[point.core].plastic else None
        subject = Subject(agent, still, unit_decays(trained, seed), limited)
        rows = lesions(subject, task, seed, episodes)
        log.info("seed %d: %d lesions, %d episodes each", seed, len(rows), episodes)
        yield rows
