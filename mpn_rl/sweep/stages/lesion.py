"""What a block's trained agents answer when something is done to their memory."""

import logging

import numpy as np

from mpn_rl.analysis.lesions import Subject, episodes_of, lesions
from mpn_rl.artifacts.lesions import LESIONS, write_lesions
from mpn_rl.parameters.catalogue import CORES, PLAYED
from mpn_rl.sweep.stages.agents import load_trained
from mpn_rl.sweep.stages.altered import MEMORYLESS, unit_decays, without_writing
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def lesion(given: Given) -> None:
    """Write lesions.csv: the lesions of every completed seed, by `num_episodes` episodes at most.

    Without rows where the core has no memory; on tasks that others wrote only the simplest ones.
    """
    trained = load_trained(given.inputs["checkpoint"], device=given.device)
    point, tables = trained.hyperparameters, [np.zeros(0, LESIONS)]
    if point.core in MEMORYLESS:
        log.info("no lesions: core %s has no memory", point.core)
    elif trained.seeds:
        episodes = episodes_of(trained.task(1), given.settings["num_episodes"])
        task, limited = trained.task(episodes), point.task not in PLAYED
        resting = dict(without_writing(trained).agents(episodes))
        for seed, agent in trained.agents(episodes):
            plastic = CORES[point.core].plastic
            still = resting[seed] if plastic else None
            subject = Subject(agent, still, unit_decays(trained, seed), limited)
            tables.append(lesions(subject, task, seed, episodes))
            log.info("seed %d: %d lesions, %d episodes each", seed, len(tables[-1]), episodes)
    write_lesions(given.outputs["lesions"], np.concatenate(tables))
