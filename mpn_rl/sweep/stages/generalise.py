"""What a block's trained agents answer after longer and shorter delays than in training."""

import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mpn_rl.analysis.generalisation import Horizon, answers, horizon, values_of
from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.generalisation import GENERALISATION, write_generalisation
from mpn_rl.parameters.catalogue import CORES, task_entry
from mpn_rl.parameters.points import point_of
from mpn_rl.sweep.stages.altered import MEMORYLESS, on_another, without_writing
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def generalise(given: Given) -> None:
    """Write generalisation.csv: `num_episodes` episodes of every completed seed at each value.

    Without rows where the core has no memory, or the task no parameter that says how long it takes.
    """
    point = point_of(read_checkpoint(given.inputs["checkpoint"]).hyperparameters)
    own, tables = horizon(task_entry(point.task).parameters), [np.zeros(0, GENERALISATION)]
    if point.core in MEMORYLESS:
        log.info("nothing to generalise: core %s has no memory", point.core)
    elif own is None:
        log.info("nothing to generalise: task %s has no length of memory", point.task)
    else:
        tables += _of_seeds(given, own)
    write_generalisation(given.outputs["generalisation"], np.concatenate(tables))


def _of_seeds(given: Given, own: Horizon) -> Iterator[NDArray[np.void]]:
    """The rows of each seed at each value."""
    from mpn_rl.sweep.stages.agents import load_trained  # loads numba, which not all need

    trained = load_trained(given.inputs["checkpoint"], device=given.device)
    point, num_episodes = trained.hyperparameters, given.settings["num_episodes"]
    values = values_of(own, given.settings["values"], getattr(point, own.parameter))
    others = {value: on_another(trained, own.parameter, value) for value in values}
    tasks = {value: other.task(num_episodes) for value, other in others.items()}
    resting = dict(without_writing(trained).agents(num_episodes))
    for seed, agent in trained.agents(num_episodes):
        still = resting[seed] if CORES[point.core].plastic else None
        for value, task in tasks.items():
            yield answers(agent, still, task, seed, own.parameter, value)
