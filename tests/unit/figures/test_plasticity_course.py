"""The course of eta and lambda: lines and bands by hand, and histories without them."""

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from mpn_rl.figures.plasticity_course import plasticity_course
from mpn_rl.figures.style import figure_to_png_bytes


def entry(eta: Any, decay: Any, **changes: Any) -> dict[str, Any]:
    made = {
        "status": "completed",
        "steps": 300,
        "validation_step": [100, 200, 300],
        "validation_eta": eta,
        "validation_lambda": decay,
    }
    return {**made, **changes}


def titles(figure: Figure) -> list[str]:
    return [ax.get_title(loc="left") for ax in figure.axes]


def test_a_line_per_seed_their_mean_and_the_band() -> None:
    one = [[[0.1, 0.1, 0.1]], [[0.2, 0.0, 0.4]], [[0.3, -0.5, 1.0]]]
    two = [[[0.3, 0.3, 0.3]], [[0.4, 0.4, 0.4]], [[0.5, 0.5, 0.5]]]
    flat = [[[0.9, 0.9, 0.9]]] * 3
    figure = plasticity_course({0: entry(one, flat), 1: entry(two, flat)}, "mpn", "a run")
    left, right = figure.axes
    drawn = [line.get_ydata() for line in left.lines if len(line.get_xdata()) == 3]
    np.testing.assert_allclose(drawn[0], [0.1, 0.2, 0.3])
    np.testing.assert_allclose(drawn[1], [0.3, 0.4, 0.5])
    mean = left.lines[-1]
    assert mean.get_ydata()[-1] == pytest.approx(0.4)
    assert left.lines[0].get_xdata().tolist() == [100, 200, 300]
    band = left.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == -0.5
    assert band[:, 1].max() == 1.0
    assert right.get_ylabel() == "λ"
    (legend,) = figure.legends
    said = [text.get_text() for text in legend.get_texts()]
    assert said == ["smallest to largest in the layer", "seeds 0, 1", "mpn: mean of seeds"]
    values_alike = plasticity_course({0: entry(two, flat)}, "mpn")
    assert [text.get_text() for text in values_alike.legends[0].get_texts()] == ["seed 0"]
    assert titles(figure) == ["Strength of plasticity", "Decay of modulations"]


def test_a_row_per_layer() -> None:
    rates = [[[0.1] * 3, [0.5] * 3, [0.7] * 3]] * 3
    figure = plasticity_course({0: entry(rates, rates)}, "mpn")
    assert len(figure.axes) == 6
    values = [float(ax.lines[0].get_ydata()[0]) for ax in figure.axes[::2]]
    assert values == [0.1, 0.5, 0.7]
    assert titles(figure)[4] == "Strength of plasticity, layer 3"


@pytest.mark.parametrize(
    "seeds",
    [
        {},
        {0: {"status": "completed", "validation_step": [1, 2], "validation_return": [0.0, 1.0]}},
        {0: entry([], [])},
        {0: entry([[[None, None, None]]] * 3, [[[0.5] * 3]] * 3, status="failed")},
        {0: entry([[[0.1] * 3]], [[[0.5] * 3]], validation_step=[100])},
        {0: entry([[[0.1] * 3]] * 3, [[[0.5] * 3]] * 3), 1: {"status": "failed", "steps": 4}},
    ],
)
def test_histories_without_rates_or_from_before_they_were_kept(seeds: Any) -> None:
    figure = plasticity_course(seeds, "mpn", "a run")
    assert figure_to_png_bytes(figure) == figure_to_png_bytes(
        plasticity_course(seeds, "mpn", "a run")
    )
    said = [text.get_text() for text in figure.axes[0].texts]
    known = any(
        value is not None
        for history in seeds.values()
        for layers in history.get("validation_eta") or []
        for value in layers[0]
    )
    assert ("no data" in said) != known
