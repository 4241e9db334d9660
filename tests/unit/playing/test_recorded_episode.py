"""An episode to be shown: cut, copied, and robust against whatever an environment draws."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces

from mpn_rl import MPNDQN
from mpn_rl.playing import episode as module
from mpn_rl.playing.episode import CHANNELS, Episode, record_episode
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.playing.scratch import IN_MEMORY, Scratch
from mpn_rl.rendering import render_episode
from mpn_rl.tasks.base import VectorTask

STEPS = 5


class Drawn(VectorTask):
    """An episode of STEPS steps; `paint(step)` is what it draws."""

    def __init__(self, paint: Callable[[int], Any], dim: int = 2) -> None:
        super().__init__(1, spaces.Box(-np.inf, np.inf, (dim,), np.float32), 2)
        self._paint, self._time = paint, 0

    def _start_episodes(self, mask: Any) -> Any:
        self._time = 0
        return self._seen(), {"phase": np.zeros(1, np.int64)}

    def _seen(self) -> np.ndarray:
        return np.full((1, self.observation_dim), self._time, np.float32)

    def step(self, actions: Any) -> Any:
        self._time += 1
        ends, nothing = np.array([self._time == STEPS]), np.zeros(1, np.bool_)
        info = {"phase": np.zeros(1, np.int64)}
        return self._seen(), np.ones(1, np.float32), ends, nothing, info

    def render(self) -> Any:
        return [self._paint(self._time)]


def recorded(paint: Callable[[int], Any], max_steps: int = 100, dim: int = 2) -> Episode:
    network = MPNDQN(dim, 4, 2, generator=torch.Generator().manual_seed(0))
    agent, task = GreedyNetwork(network), Drawn(paint, dim)
    return record_episode(agent, task, 0, plastic=True, max_steps=max_steps)


def grey(step: int) -> np.ndarray:
    return np.full((3, 5), 10 * step, np.uint8)


def test_pictures_are_those_of_the_moments_of_the_actions() -> None:
    found = recorded(grey)
    assert not found.cut
    assert [int(picture[0, 0]) for picture in found.frames or ()] == [0, 10, 20, 30, 40]
    np.testing.assert_array_equal(found.observations[:, 0], range(STEPS))
    assert len(found.state) == STEPS
    assert found.channels is None


@pytest.mark.parametrize("max_steps", [1, 3, STEPS - 1])
def test_a_longer_episode_is_cut_and_that_is_told(max_steps: int, caplog: Any) -> None:
    found = recorded(grey, max_steps)
    whole = recorded(grey)
    assert found.cut
    assert len(found.actions) == len(found.state) == len(found.frames or ()) == max_steps
    np.testing.assert_array_equal(found.q_values, whole.q_values[:max_steps])
    assert f"render.max_steps is {max_steps}" in caplog.text


@pytest.mark.parametrize("max_steps", [STEPS, STEPS + 1])
def test_an_episode_that_just_fits_is_not_cut(max_steps: int, caplog: Any) -> None:
    assert not recorded(grey, max_steps).cut
    assert not caplog.text


def test_matrices_are_bounded(monkeypatch: Any, caplog: Any) -> None:
    each = 4 * 32 * 4  # hidden × encoder × float32
    monkeypatch.setattr(module, "MATRIX_BYTES", 3 * each)
    found = recorded(grey)
    assert len(found.state) == 3
    assert "M matrices would take more than" in caplog.text


def test_a_kept_canvas_is_copied() -> None:
    canvas = np.zeros((3, 4, 3), np.uint8)

    def paint(step: int) -> np.ndarray:
        canvas[:] = step
        return canvas

    assert [int(picture.max()) for picture in recorded(paint).frames or ()] == [0, 1, 2, 3, 4]


def raises(step: int) -> Any:
    if step == 2:
        raise RuntimeError("no\ndisplay")
    return grey(step)


@pytest.mark.parametrize(
    ("paint", "why"),
    [
        (lambda _: None, "it draws none"),
        (lambda step: grey(step) if step < 3 else None, "it draws none at step 3"),
        (raises, "its render ends in RuntimeError: no (test_recorded_episode.py, line "),
        (lambda _: "a picture", "its render gives str, which is no picture"),
        (lambda _: {}, "its render gives dict, which is no picture"),
        (lambda _: [[1, 2], [3]], "its render ends in ValueError"),
        (lambda _: np.zeros((2, 2), complex), "its render gives ndarray"),
        (lambda _: np.full((3, 4), -1.0), "at step 0 it draws values from -1 to -1"),
        (lambda step: np.zeros((6, 4, 3 if step < 2 else 5)), "at step 2 it draws an array of"),
        (lambda step: [grey(step), grey(step)], "at step 0 it draws an array of shape (2, 3, 5)"),
    ],
)
def test_what_cannot_be_shown_falls_back_with_one_line(paint: Any, why: str, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    assert next(iter(render_episode(recorded(paint)))).ndim == 3
    assert len(caplog.messages) == 1
    assert why in caplog.text


@pytest.mark.parametrize(
    "paint",
    [grey, lambda step: grey(step).tolist(), lambda step: np.zeros((3 + step, 9 - step, 3), bool)],
)
def test_what_can_be_shown_needs_no_line(paint: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    assert len([*render_episode(recorded(paint))]) == STEPS
    assert not caplog.messages


def test_a_request_to_stop_is_no_failure_to_draw() -> None:
    def paint(_: int) -> Any:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        recorded(paint)


def test_of_very_many_channels_some_are_kept_evenly() -> None:
    found = recorded(lambda _: None, dim=100_800)
    assert found.channels is not None
    assert found.observations.shape == (STEPS, CHANNELS)
    assert (found.channels[0], found.channels[-1]) == (0, 100_799)
    assert {*np.diff(found.channels)} <= {395, 396}


def test_arrays_come_back_as_they_went() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=size).astype(kind) for size, kind in ((3, "f4"), ((2, 5), "f8"))]
    arrays += [np.zeros((0, 2), bool), np.float32(3), np.asfortranarray(arrays[1])]
    for compressed in (False, True):
        scratch = Scratch(compressed)
        for array in arrays:
            scratch.append(np.asarray(array))
        for found, array in zip(scratch, arrays, strict=True):
            np.testing.assert_array_equal(found, array)
            assert found.dtype == np.asarray(array).dtype
        assert len(scratch[1:3]) == 2


def test_what_is_large_goes_to_disk() -> None:
    scratch = Scratch()
    for number in range(3):
        scratch.append(np.full(IN_MEMORY // 2, number, np.uint8))
    assert scratch._file._rolled  # type: ignore[attr-defined]
    assert [int(array[0]) for array in scratch] == [0, 1, 2]
