"""Figures: told apart without colour, the same bytes each time, and drawn whatever the data."""

import io
import itertools
import subprocess
import sys
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from mpn_rl.canvas import new_figure, printable, symmetric_limit
from mpn_rl.figures.m_matrix import m_matrix, phase_ends
from mpn_rl.figures.pca_variance import pca_variance
from mpn_rl.figures.style import (
    applied,
    core_style,
    figure_to_png_bytes,
    figures_to_pdf_bytes,
    ordered_cores,
    short_count,
)
from mpn_rl.figures.training_curves import mean_curve, training_curves
from mpn_rl.figures.trajectories import Coloring, trajectories

CORES = ("mpn", "mpn-frozen", "rnn", "gru", "lstm")
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


def history(steps: int = 900, **changes: Any) -> dict[str, Any]:
    ends = list(range(9, steps + 1, 9))
    entry = {
        "status": "completed",
        "failure": None,
        "steps": steps,
        "updates": len(ends),
        "episode_return": [float(end % 2) for end in ends],
        "episode_length": [9] * len(ends),
        "episode_end_step": ends,
        "exploration_epsilon": [0.5] * len(ends),
        "loss": [1.0 / end for end in ends],
        "loss_step": ends,
        "gradient_norm": [1.0] * len(ends),
        "validation_step": [steps // 2, steps],
        "validation_return": [0.0, 1.0],
        "validation_correct": [0.5, 1.0],
        "best_step": steps,
    }
    return {**entry, **changes}


def spectrum(variable: str, seed: int, ratios: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seed": seed,
            "variable": variable,
            "component": np.arange(1, len(ratios) + 1),
            "variance": ratios,
            "variance_ratio": ratios,
            "cumulative_ratio": np.cumsum(ratios),
            "participation_ratio": 1.0 / np.sum(np.square(ratios)) if sum(ratios) else np.nan,
        }
    )


def texts(figure: Figure) -> str:
    found = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(str(artist.get_text()) for artist in found)  # type: ignore[attr-defined]


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


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


def test_png_and_pdf_have_no_date_and_repeat() -> None:
    def draw() -> Figure:
        return training_curves({0: history(), 1: history()}, "mpn", "title")

    png, pdf = figure_to_png_bytes(draw()), figures_to_pdf_bytes([draw(), draw()], "title")
    assert png == figure_to_png_bytes(draw())
    assert pdf == figures_to_pdf_bytes([draw(), draw()], "title")
    assert b"Software" not in png
    assert b"CreationDate" not in pdf
    assert matplotlib.__version__.encode() not in pdf
    with pytest.raises(ValueError, match="page"):
        figures_to_pdf_bytes([], "empty")


def test_training_curves_label_what_they_show() -> None:
    figure = training_curves({0: history(), 3: history(450, status="failed")}, "gru", "run")
    words = texts(figure)
    for word in ("environment steps", "fraction correct", "epsilon", "Huber loss", "return"):
        assert word in words
    assert "seed 3 failed at step 450" in words
    assert "seeds 0, 3" in words


def test_mean_curve_is_over_the_seeds_that_reach_a_step() -> None:
    long = (np.array([0.0, 10.0, 20.0]), np.array([0.0, 1.0, 2.0]))
    short = (np.array([0.0, 10.0]), np.array([2.0, 3.0]))
    mean = mean_curve([long, short], np.array([0.0, 5.0, 20.0, 30.0]))
    np.testing.assert_allclose(mean, [1.0, 1.5, 2.0, np.nan])


EMPTY = {key: [] if isinstance(value, list) else value for key, value in history(steps=9).items()}


@pytest.mark.parametrize(
    "seeds",
    [
        {0: history(9)},  # a single episode
        {0: EMPTY | {"status": "failed"}},  # failed before the first episode ended
        {0: history(validation_correct=None), 1: EMPTY},
        {0: history(loss=[None] * 100, gradient_norm=[None] * 100, status="failed")},
        {seed: history(episode_return=[0.0] * 100) for seed in range(12)},
    ],
)
def test_training_curves_survive(seeds: dict[int, dict[str, Any]]) -> None:
    assert decoded(figure_to_png_bytes(training_curves(seeds, "mpn"))).std() > 0


def test_pca_variance_shows_a_participation_ratio_per_seed() -> None:
    table = pd.concat(
        [spectrum("hidden", 0, [0.5, 0.5]), spectrum("hidden", 7, [1.0]), spectrum("M", 0, [1.0])]
    )
    figure = pca_variance(table, "mpn", "run")
    words = texts(figure)
    assert "seed 0: PR = 2.00" in words
    assert "seed 7: PR = 1.00" in words
    assert len(figure.axes) == 2


@pytest.mark.parametrize(
    "table",
    [
        spectrum("hidden", 0, [1.0]),  # one hidden unit
        spectrum("hidden", 0, [0.0, 0.0]),  # no activity at all
        spectrum("hidden", 0, [np.nan]),  # a failed seed
        pd.concat([spectrum("hidden", seed, [0.6, 0.4]) for seed in range(14)]),
        spectrum("hidden", 0, [1.0]).iloc[:0],
    ],
)
def test_pca_variance_survives(table: pd.DataFrame) -> None:
    assert decoded(figure_to_png_bytes(pca_variance(table, "gru"))).std() > 0


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
@pytest.mark.parametrize("names", [None, ("a", "b")])
def test_trajectories_survive(path: np.ndarray, names: tuple[str, ...] | None) -> None:
    shape = path.shape[:3]
    coloring = Coloring(np.zeros(shape), "phase", names)
    lengths = np.full(shape[:2], shape[2])
    figure = trajectories(path, lengths, coloring, list(range(shape[0])))
    assert decoded(figure_to_png_bytes(figure)).std() > 0


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


def test_text_that_a_font_lacks_is_replaced() -> None:
    assert printable("a\tb\x1b[0m$x$ η") == "a   b?[0m$x$ η"
    assert printable("漢字") == "??"
    figure = new_figure(1, 1)
    figure.text(0, 0, printable("漢字"))
    figure_to_png_bytes(figure)  # a missing glyph would warn, and warnings are errors


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
        "mpn_rl.rendering, mpn_rl.analysis.summary, mpn_rl.figures.training_curves, "
        "mpn_rl.figures.pca_variance, mpn_rl.figures.trajectories, mpn_rl.figures.m_matrix, "
        "mpn_rl.figures.plasticity_course, mpn_rl.figures.summary_pages"
    )
    code = (
        f"import sys, {modules}\n"
        "print(*{'torch', 'gymnasium', 'sklearn', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
