"""Figures: told apart without colour, and the same bytes each time."""

import itertools
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from mpn_rl.figures.style import (
    applied,
    core_style,
    figure_to_png_bytes,
    figure_to_svg,
    ordered_cores,
    short_count,
)
from mpn_rl.figures.training_curves import training_curves
from tests.fixtures.drawn import history

CORES = ("mpn", "mpn-recurrent", "mpn-frozen", "rnn", "gru", "lstm")


RED_BLIND = np.array(
    [[0.1521, 1.0526, -0.2046], [0.1145, 0.7863, 0.0993], [-0.0039, -0.0481, 1.052]]
)


GREEN_BLIND = np.array(
    [[0.3673, 0.8606, -0.2280], [0.2801, 0.6727, 0.0471], [-0.0118, 0.0430, 0.9688]]
)


def linear_rgb(color: str) -> np.ndarray:
    channels = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lightness(color: str) -> float:
    """CIE L* of a colour, 0 (black) to 100 (white)."""
    luminance = float(linear_rgb(color) @ (0.2126, 0.7152, 0.0722))
    return 116 * luminance ** (1 / 3) - 16


def test_cores_differ_in_grey_print_and_to_the_colour_blind() -> None:
    for first, second in itertools.combinations(CORES, 2):
        a, b = core_style(first), core_style(second)
        assert abs(lightness(a.color) - lightness(b.color)) > 10, (first, second)
        for deficiency in (RED_BLIND, GREEN_BLIND):
            gap = deficiency @ (linear_rgb(a.color) - linear_rgb(b.color))
            assert np.abs(gap).max() > 0.03, (first, second)
        assert a.linestyle != b.linestyle
        assert a.marker != b.marker


def test_a_new_core_has_a_style_of_its_own_name() -> None:
    assert core_style("mpn-pre") == core_style("mpn-pre")
    assert core_style("mpn-pre").color not in {core_style(core).color for core in CORES}
    assert ordered_cores(["zebra", "gru", "alpha", "mpn", "gru"]) == [
        "mpn",
        "gru",
        "alpha",
        "zebra",
    ]


def test_the_style_leaves_the_users_settings_alone() -> None:
    with matplotlib.rc_context({"font.size": 31}):
        with applied():
            assert matplotlib.rcParams["font.size"] == 8
        assert matplotlib.rcParams["font.size"] == 31


def test_a_png_has_no_date_and_repeats() -> None:
    def draw() -> Figure:
        return training_curves({0: history(), 1: history()}, "mpn", "title")

    png = figure_to_png_bytes(draw())
    assert png == figure_to_png_bytes(draw())
    assert b"Software" not in png


@pytest.mark.parametrize("letters", [True, False])
def test_vectors_have_no_date_and_repeat(letters: bool) -> None:
    def draw() -> str:
        figure = training_curves({0: history(), 1: history()}, "mpn", "a title & <b>")
        return figure_to_svg(figure, letters)

    svg = draw()
    assert svg == draw()
    assert "<dc:date>" not in svg
    assert "<b>" not in svg
    assert ("<text" in svg) == letters


def test_counts_are_short() -> None:
    assert [short_count(value) for value in (0, 500, 2500, 80_000, 1.2e6)] == [
        "0",
        "500",
        "2.5k",
        "80k",
        "1.2M",
    ]


def test_figures_import_nothing_slow_or_global() -> None:
    modules = (
        "mpn_rl.rendering, mpn_rl.sweep.summary.tables, mpn_rl.figures.training_curves, "
        "mpn_rl.figures.pca_variance, mpn_rl.figures.trajectories, mpn_rl.figures.m_matrix, "
        "mpn_rl.figures.plasticity_course, mpn_rl.sweep.summary.pages"
    )
    code = (
        f"import sys, {modules}\n"
        "print(*{'torch', 'gymnasium', 'sklearn', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
