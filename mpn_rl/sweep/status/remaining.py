"""How long what is missing of a sweep takes, as its finished jobs took."""

from collections.abc import Iterable
from functools import cache, partial

from mpn_rl.parameters import recipe
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.config.sweep import Sweep, block_seeds
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger.durations import Durations

# Of a process that runs one job: the engine and the libraries.
START_SECONDS = 4.0


@cache
def planned(point: Hyperparameters) -> Hyperparameters:
    """With what the recipe fills in, as far as no code of others has to be run for it."""
    return recipe.filled_in(point, partial(_facts, point))


def _facts(point: Hyperparameters) -> recipe.Facts:
    if not recipe.quick(point):
        return None, 1
    from mpn_rl.tasks.build import facts  # imports gymnasium

    return facts(point)


def seconds_of(sweep: Sweep, missing: Iterable[Job], took: Durations) -> tuple[float, int]:
    """Seconds of one core for these jobs, and for how many agents they are not known.

    Those are the agents that train for a number of episodes.
    """
    seconds, uncounted = 0.0, 0
    for job in missing:
        seconds += START_SECONDS
        if job.rule != "train":
            seconds += took.other(job.rule)
            continue
        point = planned(sweep.runs[job.run])
        if point.num_steps is None:
            uncounted += len(block_seeds(job.block))
        else:
            steps = point.num_steps * len(block_seeds(job.block))
            seconds += took.training(point.task, point.core, point.learner, steps)
    return seconds, uncounted


def span(seconds: float) -> str:
    """A time in words, in the largest unit of which there are two."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
