"""Trajectories, whatever the paths."""

from typing import Any

import numpy as np
import pytest

from mpn_rl.figures.style import (
    figure_to_png_bytes,
)
from mpn_rl.figures.trajectories import Coloring, trajectories
from tests.fixtures.drawn import decoded, texts


def test_trajectories_mark_starts_and_ends() -> None:
    rng = np.random.default_rng(0)
    path, phases = rng.normal(size=(2, 5, 4, 3)), rng.integers(0, 2, size=(2, 5, 4))
    coloring = Coloring(phases, "phase", ("cue", "answer"))
    figure = trajectories(path, np.full((2, 5), 4), coloring, [3, 4], "run")
    words = texts(figure)
    for word in ("start", "end", "phase", "cue", "answer", "seed 3", "seed 4", "PC 3"):
        assert word in words
    ends = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    assert len(ends) == 2  # two episodes are drawn through


def test_trajectory_colours_span_the_middle_of_what_was_lived() -> None:
    values = np.arange(101.0).reshape(1, 1, 101)
    values[..., 99:] = 1e9  # padding, past the end
    path = np.random.default_rng(0).normal(size=(1, 1, 101, 3))
    figure = trajectories(path, np.full((1, 1), 99), Coloring(values, "reward"), [0])
    points = figure.axes[0].collections[-1]
    np.testing.assert_allclose(points.get_clim(), np.percentile(np.arange(99), (5, 95)))
    assert "reward" in texts(figure)


def degenerate_paths() -> list[Any]:
    rng = np.random.default_rng(0)
    failed = rng.normal(size=(2, 3, 4, 3))
    failed[1] = np.nan
    two_components = rng.normal(size=(1, 3, 4, 3))
    two_components[..., 2] = np.nan
    return [
        pytest.param(rng.normal(size=(1, 1, 1, 3)), id="one episode of one step"),
        pytest.param(rng.normal(size=(1, 3, 4, 1)), id="one component"),
        pytest.param(two_components, id="two components"),
        pytest.param(failed, id="a failed seed"),
        pytest.param(np.zeros((1, 3, 4, 3)), id="no activity"),
        pytest.param(np.full((1, 3, 4, 3), np.nan), id="nothing"),
        pytest.param(rng.normal(size=(6, 2, 4, 3)), id="more seeds than rows"),
        pytest.param(np.zeros((0, 2, 4, 3)), id="no seed completed"),
        pytest.param(rng.normal(size=(1, 400, 60, 3)), id="many episodes"),
    ]


@pytest.mark.parametrize("path", degenerate_paths())
def test_trajectories_survive(path: np.ndarray) -> None:
    shape = path.shape[:3]
    names = ("a", "b") if shape[1] == 3 else None  # phases, or numbers of one value
    coloring = Coloring(np.zeros(shape), "phase", names)
    lengths = np.full(shape[:2], shape[2])
    figure = trajectories(path, lengths, coloring, list(range(shape[0])))
    assert decoded(figure_to_png_bytes(figure)).std() > 0
