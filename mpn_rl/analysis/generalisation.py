"""Whether an agent still answers where it has to remember for longer than it was trained to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mpn_rl.artifacts.generalisation import GENERALISATION
from mpn_rl.playing.seeding import integer_seed

if TYPE_CHECKING:  # what loads Gymnasium, which is not needed to see that there is nothing to do
    from mpn_rl.playing.rollout import Agent, Greedy
    from mpn_rl.tasks.base import VectorTask

_MEMBER = 5  # of a seed's evaluation stream


class Horizon(NamedTuple):
    """A parameter that says for how many steps a task makes remember, from `least` on."""

    parameter: str
    least: int


# The first that a task has is its own. RepeatPrevious has none: its k says what is asked for.
HORIZONS = (Horizon("delay", 0), Horizon("memory_length", 1), Horizon("corridor_length", 1))
# How the phases are called in which it has to remember.
WAITING = ("delay", "corridor", "recall")


def horizon(parameters: Iterable[str]) -> Horizon | None:
    """That of a task with these parameters; None where none of them is one."""
    names = set(parameters)
    return next((one for one in HORIZONS if one.parameter in names), None)


def values_of(own: Horizon, wanted: Iterable[int], trained: int) -> list[int]:
    """The values that are tried: those wanted that are possible, and that of training."""
    return sorted({trained, *(value for value in wanted if value >= own.least)})


def answers(
    agent: "Greedy",
    resting: "Greedy | None",
    task: "VectorTask",
    seed: int,
    parameter: str,
    value: int,
) -> NDArray[np.void]:
    """Rows of GENERALISATION of one agent at one value, an episode in each environment of the task.

    Intact and, where `resting` is the same agent with η = 0, without writing while it waits.
    """
    from mpn_rl.playing.interventions import Resting
    from mpn_rl.playing.rollout import run_episodes

    conditions: dict[str, tuple[Agent, Resting | None]] = {"intact": (agent, None)}
    waiting = [p for p, name in enumerate(task.phase_names) if name in WAITING]
    if resting is not None and waiting:
        pair = Resting(agent, resting, waiting)
        conditions["no writing"] = (pair, pair)
    stream, rows = integer_seed(seed, "evaluation_task", _MEMBER), []
    with threadpool_limits(limits=1):
        for condition, (player, pair_or_none) in conditions.items():
            hook = None if pair_or_none is None else pair_or_none.before
            played = run_episodes(player, task, task.num_envs, stream, intervene=hook)
            means = float(played.returns.mean()), float(played.correct.mean())
            rows.append((seed, parameter, value, condition, *means, len(played.returns)))
    return np.array(rows, GENERALISATION)
