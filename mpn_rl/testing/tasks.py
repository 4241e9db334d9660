"""What every task keeps to."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.tasks import VectorTask, make
from mpn_rl.testing.baselines import check_baselines

_ENVS, _STEPS = 5, 60
Result = tuple[Any, ...]


def check_task(name: str, **parameters: Any) -> None:
    """Raise AssertionError, which says what is wrong, where a task breaks its interface.

    `name` is "module:Class", also with options ("module:Class(delay=3)"), or any other that
    `mpn_rl.tasks.make` takes, with `parameters`. What is checked: shapes, types and spaces of
    observations, rewards, ends and info; that a seed decides the episodes, whatever was played
    before; that a reset by mask renews only the masked; that a saved state leads on to the same
    future; that returned arrays belong to the caller; that random actions and the oracle are right
    as often as the task states. Raises UserError where it cannot be made.
    """
    with (
        closing(make(name, num_envs=_ENVS, **parameters)) as task,
        closing(make(name, num_envs=_ENVS, **parameters)) as twin,
    ):
        _check_forms(task)
        _check_seeds(task, twin)
        _check_masks(task, twin)
        _check_states(task, twin)
        _check_callers(task, twin)
        check_baselines(task)


def _actions(task: VectorTask, steps: int = _STEPS) -> NDArray[np.integer[Any]]:
    return np.random.default_rng(3).integers(task.num_actions, size=(steps, task.num_envs))


def _played(task: VectorTask, actions: NDArray[np.integer[Any]]) -> list[Result]:
    """All that is returned, of steps and of the resets where episodes have ended."""
    seen: list[Result] = []
    for action in actions:
        seen.append(task.step(action))
        over = seen[-1][2] | seen[-1][3]
        if over.any():
            seen.append(task.reset(options={"reset_mask": over}))
    return seen


def _equal(first: Sequence[Result], second: Sequence[Result]) -> bool:
    """Whether two courses are the same, info included."""
    pairs = [pair for one, other in zip(first, second, strict=True) for pair in _pairs(one, other)]
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def _pairs(one: Result, other: Result) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    arrays = [*zip(one[:-1], other[:-1], strict=True)]
    arrays += [(one[-1][key], other[-1].get(key)) for key in one[-1]]
    return [(np.asarray(a), np.asarray(b)) for a, b in arrays]


def _check_forms(task: VectorTask) -> None:
    observation, info = task.reset(seed=0)
    expected = {"phase", *task.variable_names} | ({"correct"} if task.has_answer else set())
    results = [(observation, info), *_played(task, _actions(task))]
    for seen, *rest, info in results:
        form = (seen.shape, seen.dtype)
        wanted = ((_ENVS, task.observation_dim), task.observation_form.dtype)
        assert form == wanted, f"observations are {form}, not {wanted}"
        inside = all(row in task.single_observation_space for row in seen)
        assert inside, "an observation is not within the observation space"
        assert set(info) == expected, f"info has {sorted(info)}, not {sorted(expected)}"
        for key, values in info.items():
            assert values.shape == (_ENVS,), f"info[{key!r}] is {values.shape}, not ({_ENVS},)"
        phases = info["phase"]
        known = phases.min() >= 0 and phases.max() < len(task.phase_names)
        assert known, "info['phase'] is no index into phase_names"
        if rest:
            _check_step(task, info, *rest)


def _check_step(task: VectorTask, info: Any, reward: Any, terminated: Any, truncated: Any) -> None:
    types = tuple(one.dtype for one in (reward, terminated, truncated))
    assert types == (np.float32, bool, bool), f"reward and ends are {types}"
    assert bool(np.isfinite(reward).all()), "a reward is not finite"
    assert not (terminated & truncated).any(), "an episode is both terminated and truncated"
    if task.has_answer:
        over = terminated | truncated
        right = np.array_equal(np.isfinite(info["correct"]), over)
        assert right, "info['correct'] is to be finite where an episode has ended, else nan"


def _check_seeds(task: VectorTask, twin: VectorTask) -> None:
    twin.reset(seed=1)
    _played(twin, _actions(twin, 13))
    first, second = [task.reset(seed=7)], [twin.reset(seed=7)]
    first += _played(task, _actions(task))
    second += _played(twin, _actions(twin))
    same = len(first) == len(second) and _equal(first, second)
    assert same, "the same seed and actions give other episodes after other ones were played"


def _check_masks(task: VectorTask, twin: VectorTask) -> None:
    for one in (task, twin):
        one.reset(seed=5)
        one.step(_actions(one)[0])
    mask = np.arange(_ENVS) == 1
    task.reset(options={"reset_mask": mask})
    ours, theirs = task.step(_actions(task)[1]), twin.step(_actions(twin)[1])
    same = all(
        np.array_equal(a[~mask], b[~mask]) for a, b in zip(ours[:4], theirs[:4], strict=True)
    )
    assert same, "a reset by mask changes environments that are not masked"


def _check_states(task: VectorTask, twin: VectorTask) -> None:
    task.reset(seed=6)
    _played(task, _actions(task, 7))
    state = task.get_state()
    future = _played(task, _actions(task))
    twin.reset(seed=99)
    twin.set_state(state)
    again = _played(twin, _actions(twin))
    same = len(future) == len(again) and _equal(future, again)
    assert same, "a saved state (get_state, set_state) leads on to another future"


def _check_callers(task: VectorTask, twin: VectorTask) -> None:
    observation, info = task.reset(seed=2)
    twin.reset(seed=2)
    for action in _actions(task, 3):
        for array in (observation, *info.values()):
            array[...] = 1
        observation, *_, info = task.step(action)
        other, *_ = twin.step(action)
        assert np.array_equal(observation, other), (
            "writing into what reset or step returned changes what comes next"
        )
