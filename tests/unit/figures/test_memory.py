"""The memory figure: the panels of those tables that have rows, and nothing that is not there."""

import numpy as np
import pytest

from mpn_rl.figures.memory import memory
from mpn_rl.figures.memory_panels import lesion_rows, means_of
from mpn_rl.figures.style import figure_to_png_bytes
from tests.fixtures.memory_example import all_tables, as_rows, decoding, fixed_points, lesions

TITLES = {
    "decoding": ["Reading sample", "sample from M across times"],
    "generalisation": ["Beyond what was trained"],
    "fixed_points": ["Fixed points in delay, seed 0"],
    "lesions": ["After a lesion (disc and range of seeds) and after its control (ring)"],
}


@pytest.mark.parametrize("missing", [None, *TITLES])
def test_only_tables_with_rows_have_panels(missing: str | None) -> None:
    tables = {name: as_rows(table) for name, table in all_tables().items() if name in TITLES}
    if missing is not None:
        tables[missing] = tables[missing][:0]
    shown = [ax.get_title(loc="left") or ax.get_title() for ax in memory(tables, "mpn").axes]
    expected = [text for name, texts in TITLES.items() if name != missing for text in texts]
    assert {text for text in shown if text} == set(expected)


def test_a_figure_without_any_table_says_so() -> None:
    figure = memory({}, "mpn-frozen", "run a")
    assert [text.get_text() for text in figure.texts] == ["run a: nothing to draw"]
    assert figure_to_png_bytes(figure)


def test_lesions_stand_beside_their_controls() -> None:
    rows = as_rows(lesions())
    found = lesion_rows(rows)
    assert [(name, control) for name, _, _, control in found] == [
        ("none", ""),
        ("zeroed", ""),
        ("swapped", ""),
        ("sample axis removed", "random axis removed"),
        ("selective units zeroed", "random units zeroed"),
    ]
    ax = memory({"lesions": rows}, "mpn").axes[-1]
    rings = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    assert [line.get_ydata()[0] for line in rings] == [3, 4]
    assert rings[0].get_xdata()[0] == pytest.approx(1.0 - 0.002)


def test_means_are_over_seeds_and_leave_out_what_is_unknown() -> None:
    rows = as_rows(decoding(seeds=(0, 1, 2), sources="h"))
    rows["score"][rows["seed"] == 2] = np.nan
    own = rows[(rows["train_time"] == 4) & (rows["test_time"] == 4)]
    found = means_of(own, ("test_time",), "score")
    assert found == [(4, pytest.approx(0.915), pytest.approx(0.91), pytest.approx(0.92))]


def test_units_with_one_fixed_point_are_drawn_without_unstable_ones() -> None:
    ax = memory({"fixed_points": as_rows(fixed_points(bistable=0))}, "mpn").axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["stable"]
