"""Tables of where a core rests, on agents made by hand."""

import math

import numpy as np
import pytest

from mpn_rl.analysis.holding import lasting, separation, time_constant, told
from mpn_rl.analysis.rest import Recorded, as_table, rest_tables
from mpn_rl.artifacts.fixed_points import POINTS, TIMESCALES
from mpn_rl.parameters.points import read_point

PHASES = ("cue", "delay", "never")


def agent(**own: object) -> tuple:
    """Two units and one input; the input is ±1 at the cue and 1 in the delay.

    W = (1, 0.1), λ = 0.5: under x = 1 and c = −g/2 + W the first has the gain g = 6. Its memory of
    the cue is which side of the border it is on.
    """
    point = {"core": "mpn", "encoder": "none", "hidden_dim": 2, "learn_lambda": False, "eta": 3.0}
    hp = read_point({**point, "lambda_decay": 0.5, **own})
    weights = {
        "core.layers.0.W": np.array([[1.0], [0.1]]),
        "core.layers.0.b": np.array([-1.0, 0.0]),
        "core.layers.0.eta": np.array(3.0),
        "core.layers.0.lambda_raw": np.array(0.5),
    }
    cue = np.repeat([1.0, -1.0], 6)
    x = np.stack([cue, *[np.ones(12)] * 3], axis=1)[..., None]
    phases = np.tile([0, 1, 1, -1], (12, 1))
    h = np.stack([np.where(cue > 0, 0.5, -0.5), np.full(12, 0.3)], axis=1)
    h = np.repeat(h[:, None], 4, axis=1)
    variables = {"cue": np.repeat(cue[:, None], 4, axis=1), "late": np.tile([0.0, 1.0], (4, 6)).T}
    return hp, weights, Recorded(x, h, phases, variables)


def test_a_unit_made_by_hand_holds_the_cue() -> None:
    hp, weights, recorded = agent()
    points, scales = rest_tables(hp, weights, recorded, PHASES, 8)
    table = as_table([{**row, "seed": 4} for row in points], POINTS)
    delay = table[table["phase"] == "delay"]
    # h = tanh(0 + 6 h): ±0.99998772 and 0, where λ + η = 3.5; the second unit has g = 0.6
    first, second = delay[delay["unit"] == 0], delay[delay["unit"] == 1]
    assert first["h"] == pytest.approx([-0.999988, 0.0, 0.999988], abs=1e-6)
    assert first["stable"].tolist() == [1, 0, 1]
    assert first["multiplier"][1] == pytest.approx(3.5)
    assert first["share"][[0, 2]].tolist() == [0.5, 0.5]
    assert first["holds"].tolist() == ["cue"] * 3
    assert len(second) == 1
    assert second["holds"].tolist() == [""]
    assert second["share"].tolist() == [1.0]
    scale = as_table([{**row, "seed": 4} for row in scales], TIMESCALES)[1]
    assert (scale["bistable_units"], scale["holding_units"]) == (1, 1)
    assert (scale["lambda"], scale["tau"], scale["eta"]) == (0.5, 2.0, 3.0)
    assert scale["holds"] == "cue"
    assert scale["horizon"] == math.inf
    assert scale["horizon_without_writing"] == pytest.approx(
        math.log(0.05) / math.log(0.5), rel=1e-5
    )
    assert scale["growth_per_step"] == pytest.approx(3.5)
    assert {row["phase"] for row in scales} == {"cue", "delay"}


def test_a_unit_that_swings_holds_by_its_side() -> None:
    hp, weights, recorded = agent()
    weights["core.layers.0.W"][0] = -1.0  # g = -6, and c = W + b = 0
    weights["core.layers.0.b"][0] = 1.0
    points, scales = rest_tables(hp, weights, recorded, PHASES, 8)
    (point,) = [row for row in points if row["unit"] == 0 and row["phase"] == "delay"]
    assert point["h"] == pytest.approx(0.0, abs=1e-9)
    assert point["multiplier"] == pytest.approx(0.5 - 3.0)
    assert (point["stable"], point["share"], point["holds"]) == (False, 0.5, "cue")
    delay = scales[1]
    assert (delay["bistable_units"], delay["holding_units"]) == (0, 0)
    assert (delay["swinging_units"], delay["swinging_holding_units"]) == (1, 1)
    assert (delay["horizon"], delay["holds"]) == (math.inf, "cue")
    assert delay["growth_per_step"] == pytest.approx(2.5)


def test_the_presynaptic_rule_forgets() -> None:
    hp, weights, recorded = agent(hebbian_rule="presynaptic")
    _, scales = rest_tables(hp, weights, recorded, PHASES, 8)
    assert [row["bistable_units"] for row in scales] == [0, 0]
    assert scales[1]["horizon"] == pytest.approx(math.log(0.05) / math.log(0.5))
    assert scales[1]["effective_tau"] == pytest.approx(2.0)


def test_a_searched_core_tells_where_trials_settle() -> None:
    hp = read_point({"core": "rnn", "encoder": "none", "hidden_dim": 1, "bias": False})
    weights = {
        "core.rnn.weight_ih_l0": np.array([[1.0]]),
        "core.rnn.weight_hh_l0": np.array([[2.0]]),
    }
    cue = np.repeat([1.0, -1.0], 6)
    x = np.stack([cue, np.zeros(12)], axis=1)[..., None]
    recorded = Recorded(x, x, np.tile([0, 1], (12, 1)), {"cue": np.stack([cue, cue], axis=1)})
    points, (_, delay) = rest_tables(hp, weights, recorded, ("cue", "delay"), 12)
    rows = [row for row in points if row["phase"] == "delay" and row["stable"]]
    assert [row["h"] for row in rows] == pytest.approx([0.957504] * 2, abs=1e-5)
    assert [row["share"] for row in rows] == [0.5, 0.5]
    assert delay["holds"] == "cue"
    assert delay["horizon"] == math.inf
    table = as_table([{**delay, "seed": 0}], TIMESCALES)
    assert np.isnan(table["lambda"][0])


def test_a_core_without_memory_has_no_rows() -> None:
    _, _, recorded = agent()
    hp = read_point({"core": "mpn-frozen", "encoder": "none", "hidden_dim": 2})
    assert rest_tables(hp, {}, recorded, PHASES, 8) == ([], [])
    assert as_table([], POINTS).shape == (0,)


def test_separation() -> None:
    value = np.repeat([0.0, 1.0, 2.0], 5)
    assert separation(np.repeat([0, 1, 1], 5), value) == 1.0
    assert separation(np.tile([0, 1, 0, 1, 0], 3), value) == 0.0
    assert separation(np.repeat([0, 1, 1], 5), np.arange(15.0)) == 0.0  # a quantity
    assert separation(np.array([0, 1]), np.array([0.0, 1.0])) == 0.0  # too few trials
    half = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1])
    assert separation(half, np.where(value == 2, np.nan, value)) == pytest.approx(0.6)
    assert told(np.repeat([0, 1, 1], 5), {"a": value, "b": value * np.nan}) == ["a"]


def test_how_long_a_memory_lasts() -> None:
    assert lasting(0.5) == pytest.approx(4.3219, abs=1e-4)
    assert lasting(-0.5) == lasting(0.5)
    assert (lasting(1.0), lasting(0.0)) == (math.inf, 0.0)
    assert np.isnan([lasting(math.nan), time_constant(math.nan)]).all()
    assert (time_constant(0.75), time_constant(1.2)) == (4.0, math.inf)
