"""What a block's trained agents answer after longer and shorter delays than in training."""

import logging

import numpy as np

from mpn_rl.analysis.generalisation import answers, horizon, values_of
from mpn_rl.artifacts.generalisation import GENERALISATION, write_generalisation
from mpn_rl.parameters.catalogue import CORES, task_entry
from mpn_rl.sweep.stages.agents import load_trained
from mpn_rl.sweep.stages.altered import MEMORYLESS, on_another, without_writing
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def generalise(given: Given) -> None:
    """Write generalisation.csv: `num_episodes` episodes of every completed seed at each value.

    Without rows where the core has no memory, or the task no parameter that says how long it takes.
    """
    trained = load_trained(given.inputs["checkpoint"], device=given.device)
    point, tables = trained.hyperparameters, [np.zeros(0, GENERALISATION)]
    own = horizon(task_entry(point.task).parameters)
    if point.core in MEMORYLESS:
        log.info("nothing to generalise: core %s has no memory", point.core)
    elif own is None:
        log.info("nothing to generalise: task %s has no length of memory", point.task)
    else:
        num_episodes, trained_value = given.settings["num_episodes"], getattr(point, own.parameter)
        values = values_of(own, given.settings["values"], trained_value)
        others = {value: on_another(trained, own.parameter, value) for value in values}
        tasks = {value: other.task(num_episodes) for value, other in others.items()}
        resting = dict(without_writing(trained).agents(num_episodes))
        for seed, agent in trained.agents(num_episodes):
            still = resting[seed] if CORES[point.core].plastic else None
            for value, task in tasks.items():
                tables.append(answers(agent, still, task, seed, own.parameter, value))
    write_generalisation(given.outputs["generalisation"], np.concatenate(tables))
