"""What a training asks of its machine, said and held against it before the first step."""

import logging
import math
import os
from bisect import bisect_right

import numpy as np
import torch

from mpn_rl.errors import UserError
from mpn_rl.learning.learner import Learner, make_learner
from mpn_rl.learning.training import SeedTraining
from mpn_rl.networks.build import build_network
from mpn_rl.networks.conv import Convolutions
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.task_ids import own_name
from mpn_rl.sweep.stages.memory import Bound, bounds, in_words
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task, filled_in
from mpn_rl.tasks.making import tell

log = logging.getLogger(__name__)

# Beside the replay and the observations of an update: gradients, what is played, blocks of a state.
SPARE_BYTES = 300_000_000
# What convolutions put out, their gradients, and what the target network puts out: as measured.
ACTIVATIONS = 3


def check_demands(training: SeedTraining, at_once: int = 1) -> None:
    """Say how much memory the replay will take; so many seeds share the machine's.

    Raises UserError where it is more than there can be, or where the task's episodes are longer
    than what is kept of them.
    """
    learner, hp = training.learner, training.hyperparameters
    log.info("seed %d: %s", training.seed, _need_in_words(learner, hp))
    warning = check_memory(learner, hp, [_shared(bound, at_once) for bound in bounds()])
    if warning is not None:
        log.warning("seed %d: %s", training.seed, warning)
    _check_episodes(learner, training.task)
    if training.task.longest_episode is None and learner.longest_kept is not None:
        log.info(
            "seed %d: task %s does not limit the length of episodes; one of more than %d steps "
            "ends this training, because buffer_size: %d has no room for longer ones",
            training.seed,
            hp.task,
            learner.longest_kept,
            hp.buffer_size,
        )


def refuse_beyond(hp: Hyperparameters) -> None:
    """Raise the errors of `check_demands` without a training, for which no folder is made then."""
    hp = filled_in(hp)
    learner, task = untrained(hp)
    check_memory(learner, hp, bounds())
    _check_episodes(learner, task)
    task.close()


def untrained(hp: Hyperparameters) -> tuple[Learner, VectorTask]:
    """The learner that a training would begin with, and its task in one environment."""
    task = build_task(hp, 1)
    form = task.observation_form
    network = build_network(hp, form, task.num_actions, torch.Generator())
    return make_learner(network, hp, form, np.random.default_rng(0)), task


def _check_episodes(learner: Learner, task: VectorTask) -> None:
    if (longest := task.longest_episode) is not None:
        learner.check_episode(longest)


def _shared(bound: Bound, at_once: int) -> Bound:
    if at_once == 1:
        return bound
    name = f"{bound.name}, shared by {at_once} seeds at once,"
    return Bound(name, bound.most // at_once, bound.free // at_once)


def advise_processes(training: SeedTraining, seconds: float, processes: int) -> None:
    """Say once where the environments take most of the time, and other cores are idle."""
    hp = training.hyperparameters
    slow = training.task_seconds > seconds / 2 and own_name(hp.task) not in TASKS
    if not slow or processes > 1:
        return
    idle = len(os.sched_getaffinity(0)) - max(1, math.ceil(os.getloadavg()[0]))
    useful = min(hp.num_envs, 1 + idle)
    if useful > 1:
        tell(
            f"task {hp.task!r}: more than half of the time goes into steps of the environments, "
            f"while cores are idle: env_processes {useful} would step them in parallel, with "
            f"the same result (`--env-processes {useful}`, or in the workflow `--set-resources "
            f"train:env_processes={useful} --set-threads train={useful}`)"
        )


def check_memory(learner: Learner, hp: Hyperparameters, found: list[Bound]) -> str | None:
    """What to warn of, if the need is more than is free now; UserError if it is beyond a bound."""
    key, need = learner.size_key, replay_bytes(learner, hp) + update_bytes(learner, hp)
    tightest = min(found, key=lambda bound: bound.most)
    if need + SPARE_BYTES > tightest.most:
        room = tightest.most - SPARE_BYTES
        raise UserError(
            f"{key}: {getattr(hp, key)} needs {in_words(need)} of memory, but {tightest.name} "
            f"leaves only {in_words(max(0, room))}; {_what_fits(learner, hp, room)}"
        )
    fullest = min(found, key=lambda bound: bound.free)
    if need + SPARE_BYTES > fullest.free:
        room = fullest.free - SPARE_BYTES
        return (
            f"{key}: {getattr(hp, key)} will need {in_words(need)} of memory, but of "
            f"{fullest.name} only {in_words(max(0, room))} is free now; unless other processes end "
            f"first, the system will kill this one; {_what_fits(learner, hp, room)}"
        )
    return None


def _need_in_words(learner: Learner, hp: Hyperparameters) -> str:
    key, form, replay = learner.size_key, learner.form, replay_bytes(learner, hp)
    update = update_bytes(learner, hp)
    return (
        f"the replay will need up to {in_words(replay)} of memory, and twice that on disk while "
        f"training is saved ({key}: {getattr(hp, key)}, observations of {form.dim} × {form.dtype})"
        + (f"; an update up to {in_words(update)}" if update > SPARE_BYTES else "")
    )


def replay_bytes(learner: Learner, hp: Hyperparameters) -> int:
    """The bytes of all that the replay may hold."""
    return learner.replay_shape(hp).nbytes


def update_bytes(learner: Learner, hp: Hyperparameters) -> int:
    """What the observations of an update take: as they are kept, seen and convolved.

    0 where the length of the episodes decides it.
    """
    form = learner.form
    seen = 0 if form.told_by_dim else 4 * (form.seen_dim + ACTIVATIONS * _activations(learner))
    kept = form.dim * np.dtype(form.dtype).itemsize
    return (learner.update_rows(hp) or 0) * (kept + seen)


def _activations(learner: Learner) -> int:
    modules = learner.online.modules()
    return sum(module.activations for module in modules if isinstance(module, Convolutions))


def _what_fits(learner: Learner, hp: Hyperparameters, room: int) -> str:
    key = learner.size_key

    def needed(value: int) -> int:
        other = hp.model_copy(update={key: value})
        return replay_bytes(learner, other) + update_bytes(learner, other)

    fits = bisect_right(range(getattr(hp, key)), room, key=needed) - 1
    if fits < 2:
        return "no smaller value fits: reduce num_envs, batch_size or sequence_length"
    return f"{key}: {fits} fits"
