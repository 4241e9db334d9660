"""The recipe: what hyper-parameters that are null stand for, by the task and the learner.

They stay null in configs, ids and checkpoints; a training works with what is filled in here. A
change of a number makes the trainings stale that leave it to the recipe, and no others.
"""

from collections.abc import Callable
from typing import Any

from mpn_rl.parameters.catalogue import PLAYED
from mpn_rl.parameters.hyperparameters import BY_RECIPE, Hyperparameters
from mpn_rl.parameters.points import applicable

# By the learner, where nothing of the task tells; one that is not named here is like pqn.
_OF_LEARNER: dict[str, dict[str, Any]] = {
    "pqn": {"num_envs": 16, "learning_rate": 1e-3, "learning_rate_power": 2.0, "epsilon_end": 0.3},
    "dqn": {"num_envs": 8, "learning_rate": 1e-3, "learning_rate_power": 1.0, "epsilon_end": 0.05},
}
# Of training, in environment steps: on quick tasks so many for each step of the longest episode.
_FEWEST_STEPS, _MOST_STEPS, _STEPS_PER_EPISODE_STEP = 100_000, 300_000, 1_000
# Of the decay of epsilon, where only episodes are counted; else its part of the training.
_DECAY_STEPS, _DECAY_SHARE = 20_000.0, 0.2
# Of replayed sequences, in steps; of them a fifth is burned in, and so many are learned from.
_SEQUENCE_LENGTH, _BURNED_IN, _LEARNED = 40, 5, 32
# Of the replay: environment steps, and bytes of observations.
_KEPT_STEPS, _KEPT_BYTES = 100_000, 1_000_000_000
# What a task tells: the longest episode, in steps, None where nothing says so; the bytes of an
# observation.
Facts = tuple[int | None, int]


def quick(point: Hyperparameters) -> bool:
    """Whether the task steps in microseconds, so that many steps cost little."""
    return point.task in PLAYED and point.env_wrappers is None


def learner_of(point: Hyperparameters) -> str:
    """The learner that is named, or the one for the task."""
    return point.learner or ("pqn" if quick(point) else "dqn")


def needs_recipe(point: Hyperparameters) -> bool:
    """Whether anything is left to fill in."""
    return not _ends(point) or any(
        getattr(point, name) is None for name in applicable(vars(point)) if name in BY_RECIPE
    )


def filled_in(point: Hyperparameters, task: Callable[[], Facts]) -> Hyperparameters:
    """The point with everything filled in; itself, where nothing is left to.

    `task` gives what its task tells, and is called only where that matters.
    """
    if not needs_recipe(point):
        return point
    learner = learner_of(point)
    values = {name: getattr(point, name) for name in applicable(vars(point))}
    values |= {"learner": learner}
    for name, value in _OF_LEARNER.get(learner, _OF_LEARNER["pqn"]).items():
        if values.get(name, value) is None:
            values[name] = value
    if not _ends(point):
        values["num_steps"] = _num_steps(task()[0] if quick(point) else None)
    if values["epsilon_decay"] is None:
        steps = values["num_steps"]
        values["epsilon_decay"] = _DECAY_STEPS if steps is None else _DECAY_SHARE * steps
    if learner == "dqn":
        values |= _replayed(point)
        if point.buffer_size is None:
            values["buffer_size"] = _kept(values["num_steps"], task()[1])
    return Hyperparameters(**values)


def _ends(point: Hyperparameters) -> bool:
    return point.num_steps is not None or point.num_episodes is not None


def _num_steps(longest: int | None) -> int:
    """Environment steps of training: min(max(100,000, 1,000 L), 300,000), L the longest episode."""
    return min(max(_FEWEST_STEPS, _STEPS_PER_EPISODE_STEP * (longest or 0)), _MOST_STEPS)


def _kept(num_steps: int | None, observation_bytes: int) -> int:
    """Steps in the replay: as many as are taken, with at most a gigabyte of observations."""
    return min(num_steps or _KEPT_STEPS, _KEPT_STEPS, _KEPT_BYTES // observation_bytes)


def _replayed(point: Hyperparameters) -> dict[str, Any]:
    """Where replayed sequences start, how long they are, and how much of them is burned in."""
    start, length, burn_in = point.replay_start, point.sequence_length, point.burn_in_length
    start = start or "stored"
    if start == "episode":
        return {"replay_start": start}
    if length is None:
        length = _SEQUENCE_LENGTH if burn_in is None else _LEARNED + burn_in
    burn_in = length // _BURNED_IN if burn_in is None else burn_in
    return {"replay_start": start, "sequence_length": length, "burn_in_length": burn_in}
