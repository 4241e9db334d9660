"""The matrix M at the end of each phase."""

import numpy as np
import pytest

from mpn_rl.canvas import symmetric_limit
from mpn_rl.figures.m_matrix import m_matrix, phase_ends
from mpn_rl.figures.style import (
    figure_to_png_bytes,
)
from tests.fixtures.drawn import decoded, texts


def test_m_matrix_shows_the_end_of_each_phase_on_one_scale() -> None:
    M = np.zeros((5, 4, 3))
    M[:, 0, 0] = [0.1, 0.2, -0.9, 0.4, 0.5]
    phases = np.array([0, 1, 1, 1, 2])
    q_values = np.zeros((5, 2))
    figure = m_matrix(M, phases, ("cue", "delay", "answer"), q_values, np.zeros(5, int), "run")
    images = [ax.images[0] for ax in figure.axes if ax.images]
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.images]
    assert titles == ["cue, t = 0", "delay, t = 3", "answer, t = 4"]
    assert {image.get_clim() for image in images} == {(-0.9, 0.9)}
    norms = next(ax for ax in figure.axes if "Frobenius" in ax.get_ylabel()).lines[0]
    np.testing.assert_allclose(norms.get_ydata(), [0.1, 0.2, 0.9, 0.4, 0.5])
    assert "chosen" in texts(figure)


def test_a_line_parts_the_recurrent_synapses() -> None:
    M, phases = np.ones((1, 4, 7)), np.zeros(1, int)  # 3 inputs, then 4 hidden units
    figure = m_matrix(
        M, phases, ("cue",), np.zeros((1, 2)), phases, core="mpn-recurrent", recurrent=True
    )
    [ax] = [ax for ax in figure.axes if ax.images and ax.get_xlabel()]
    assert ax.get_xlabel() == "input unit | hidden unit"
    assert list(ax.lines[0].get_xdata()) == [2.5, 2.5]


def test_times_shown_are_bounded() -> None:
    assert phase_ends(np.array([0, 0, 1])) == [1, 2]
    assert phase_ends(np.zeros(11, int)) == [0, 2, 4, 6, 8, 10]
    assert len(phase_ends(np.arange(50) % 2)) == 6
    assert phase_ends(np.array([], int)) == []
    assert symmetric_limit(np.array([np.nan, -2.0])) == 2.0
    assert symmetric_limit(np.zeros(3)) == 1.0


@pytest.mark.parametrize(
    "M",
    [np.zeros((1, 1, 1)), np.full((3, 2, 2), np.nan), np.ones((200, 2, 2)), np.zeros((0, 2, 2))],
)
def test_m_matrix_survives(M: np.ndarray) -> None:
    steps = len(M)
    phases, actions = np.full(steps, -1), np.full(steps, -1)
    figure = m_matrix(M, phases, (), np.full((steps, 2), np.nan), actions)
    assert decoded(figure_to_png_bytes(figure)).std() > 0
