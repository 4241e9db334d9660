"""Curves of the summary."""

import numpy as np

from mpn_rl.sweep.summary.curves import pooled_curve


def test_a_curve_ends_where_most_seeds_do():
    ends = [(100.0, 1.0), (100.0, 2.0), (150.0, 50.0)]
    curves = [(np.linspace(0, end, 50), np.full(50, level)) for end, level in ends]
    table = pooled_curve([curves])
    assert table["x"].max() <= 100
    assert table["value"].max() < 50
