"""A training by the default flags until its validation passes a threshold: compiling left out."""

import time

from benchmarks.reached import Run
from mpn_rl.learning.training import SeedTraining, make_training
from mpn_rl.parameters.hyperparameters import Hyperparameters

FEW_STEPS = 6_000  # until a validation


def reach(task: str, core: str, seed: int, seconds: float) -> Run:
    """Train until the threshold is passed, the steps are used up or the seconds are over."""
    few = Hyperparameters(task=task, core=core, num_steps=FEW_STEPS)
    make_training(few, 0).run(lambda: None)
    training = make_training(Hyperparameters(task=task, core=core), seed)
    training.prepare()
    run, begun = Run(), time.process_time()
    while run.reached is None and run.seconds < seconds and not training.finished:
        training.advance()
        run.seconds = time.process_time() - begun
        if training.history.validation_step and training.history.validation_step[-1] > run.steps:
            run.enter(task, training.history.validation_step[-1], _score(training))
    return run


def _score(training: SeedTraining) -> float:
    correct = training.history.validation_correct[-1]
    return training.history.validation_return[-1] if correct is None else correct
