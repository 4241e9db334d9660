"""How large M is over an episode, on numbers that can be checked by hand."""

import numpy as np
import pytest

from mpn_rl.analysis.modulations import flipped, modulation_course

W = np.array([[1.0, -2.0, 3.0, 0.5, 0.0]])


def test_a_weight_turns_below_minus_one_or_where_M_outweighs_W() -> None:
    M = np.array([[-1.5, -0.5, -1.0, 7.0, -3.0]])
    assert flipped(M, W, additive=False).tolist() == [[True, False, False, False, True]]
    # 1 - 1.5, -2 - 0.5, 3 - 1, 0.5 + 7; a weight of 0 has no sign to lose
    assert flipped(M, W, additive=True).tolist() == [[True, False, False, False, False]]


def test_a_row_for_each_step_and_phase() -> None:
    # two episodes; the second one is a step behind, and shorter
    phases = np.array([[0, 1, 1], [0, 0, -1]])
    M = np.zeros((3, 2, 1, 5))
    M[1, 0] = [[-2.0, -1.0, 0.0, 1.0, 2.0]]
    M[1, 1] = 4.0
    M[2, 0], M[2, 1] = -3.0, np.nan
    found = modulation_course(7, M, phases, ("sample", "delay"), W)
    expected = [
        (7, 0, "sample", 2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (7, 1, "sample", 1, 4.0, 4.0, 4.0, 4.0, 4.0, 0.0),
        # positions 0.2, 1, 2, 3 and 3.8 between the five values
        (7, 1, "delay", 1, -1.8, -1.0, 0.0, 1.0, 1.8, 0.2),
        (7, 2, "delay", 1, -3.0, -3.0, -3.0, -3.0, -3.0, 1.0),
    ]
    assert found.tolist() == [pytest.approx(row) for row in expected]
