"""What an analysis of the user's own gives is held against what it says of itself."""

from types import SimpleNamespace

import numpy as np
import pytest

from mpn_rl.analysis.base import Analysis, load_analysis, measured, table_type
from mpn_rl.canvas import new_figure
from mpn_rl.errors import UserError
from mpn_rl.parameters.fields import Parameters

GIVEN = SimpleNamespace(seed=7)


class Means(Analysis):
    columns = {"phase": str, "unit": int, "mean": float, "spread": float}
    unknown = ("spread",)
    found = {"phase": ["cue", "delay"], "unit": [0, 1], "mean": [0.5, 1], "spread": [np.nan, 2.0]}

    def measure(self, recorded):
        return self.found


def means(**changes):
    analysis = Means(Parameters())
    analysis.found = {**Means.found, **changes}
    return analysis


def test_rows_begin_with_the_seed_and_have_the_columns_that_are_named():
    rows = measured(means(), GIVEN)
    assert rows.dtype == table_type(means())
    assert rows.dtype.names == ("seed", "phase", "unit", "mean", "spread")
    assert rows[0].tolist()[:4] == (7, "cue", 0, 0.5)
    assert rows["mean"].tolist() == [0.5, 1.0]


def test_the_largest_whole_numbers_are_kept():
    rows = measured(means(unit=np.array([2**63 - 1, 0], "u8")), GIVEN)
    assert rows["unit"].tolist() == [2**63 - 1, 0]


def test_single_values_are_one_row_and_empty_columns_none():
    assert len(measured(means(phase="cue", unit=0, mean=0.5, spread=1.0), GIVEN)) == 1
    empty = {key: [] for key in Means.columns}
    assert len(measured(means(**empty), GIVEN)) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"more": [1, 2]}, "gives phase, unit, mean, spread, more, not columns phase, unit, mean"),
        ({"mean": [0.5]}, r"not equally long: phase \(2,\), unit \(2,\), mean \(1,\)"),
        ({"unit": [0.5, 1.0]}, "column unit holds float64, not whole numbers"),
        ({"phase": [1, 2]}, "column phase holds int64, not texts"),
        ({"phase": ["a" * 65, "b"]}, "column phase holds a text of more than 64 letters"),
        ({"phase": ["a\u2028", "b"]}, "phase holds a text that is not one line of printable"),
        ({"phase": ["a\ud800", "b"]}, "phase holds a text that is not one line of printable"),
        ({"mean": [np.nan, 1.0]}, "column mean is not finite; `unknown` says"),
        ({"spread": [np.inf, 1.0]}, "column spread is not finite"),
        ({"mean": [[0.5], [1.0]]}, "not equally long"),
        ({"mean": [[0.5], [1.0, 2.0]]}, "column mean is no array: .*inhomogeneous"),
        ({"mean": np.ma.array([0.5, 1.0], mask=[0, 1])}, "column mean has masked values; nan"),
        ({"mean": np.array([np.longdouble("1e400"), 1])}, "column mean is not finite"),
        ({"unit": np.array([0, 2**63], "u8")}, "unit holds 9223372036854775808, more than 92233"),
    ],
)
def test_what_is_not_as_it_says_is_refused(changes, said):
    with pytest.raises(UserError, match=said):
        measured(means(**changes), GIVEN)


class NoColumns(Means):
    columns = {}


class TakenColumn(Means):
    columns = {"core": str}


class SweptColumn(Means):
    columns = {"eta": float}  # which a table of a sweep over eta has for the run's


class UnknownText(Means):
    unknown = ("phase",)


class NumberedColumn(Means):
    columns = {3: float}


class KindlessColumn(Means):
    columns = {"mean": [float]}


class UnknownLetters(Means):
    columns = {"x": float}
    unknown = "x"


class UnknownNothing(Means):
    unknown = None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NumberedColumn", "column 3 is to be a name other than seed"),
        ("KindlessColumn", "column 'mean' is to be a name .* of int, float or str"),
        ("UnknownLetters", r"unknown is 'x', not names of columns such as \['x'\]"),
        ("UnknownNothing", r"unknown is None, not names of columns such as \['phase'\]"),
        ("NoColumns", "its `columns` name no column"),
        ("TakenColumn", "column 'core' is to be a name other than seed, run and those of hyper-p"),
        ("SweptColumn", "column 'eta' is to be a name other than seed, run and those of hyper-p"),
        ("UnknownText", "unknown names 'phase', which is no column of floats"),
        ("GIVEN", "is no class that inherits from mpn_rl's Analysis"),
        ("Meens", "has no Meens"),
        ("Means(width=3)", "analysis Means.width: unknown key"),
    ],
)
def test_what_is_no_analysis_is_refused_by_name(name, said):
    with pytest.raises(UserError, match=said):
        load_analysis(f"{__name__}:{name}")


def test_the_first_numbers_are_drawn_by_seed_where_nothing_else_is_said():
    ax = new_figure(3.0, 2.0).add_subplot()
    rows = measured(means(), GIVEN)
    later = rows.copy()
    later["seed"] = 8
    means().draw(ax, np.concatenate([rows, later]))
    assert [line.get_label() for line in ax.lines] == ["seed 7", "seed 8"]
    assert ax.lines[0].get_xydata().tolist() == [[0.0, 0.5], [1.0, 1.0]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("unit", "mean")
