import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.analysis.fixed_points import Driven, Layer, activation, fixed_points
from mpn_rl.analysis.plastic_maps import plastic_step
from mpn_rl.parameters.networks import Variant

X = np.array([0.5, -1.0])


def one_unit(eta: float, decay: float, b: float = 0.0, **variant: object) -> Layer:
    return Layer(
        np.array([[2.0, 1.0]]), np.array([b]), np.array(eta), np.array(decay), Variant(**variant)
    )  # type: ignore[arg-type]


def test_a_gain_below_one_has_one_point_at_rest() -> None:
    # W·x = 0, W·(x∘x) = 1.5, g = 0.1 · 1.5 / 0.5 = 0.3: h = tanh(0.3 h) has the root 0 alone
    (point,) = fixed_points(one_unit(0.1, 0.5), X)
    assert point.h == pytest.approx(0, abs=1e-9)
    assert point.multiplier == pytest.approx(0.5 + 0.1 * 1.5)
    assert point.stable


def test_a_gain_above_one_has_two_memories_and_a_border_between() -> None:
    # g = 1 · 1.5 / 0.5 = 3: h = tanh(3 h) at ±0.994902 and 0, where λ + η 1.5 = 2
    low, border, high = fixed_points(one_unit(1.0, 0.5), X)
    assert (low.h, border.h, high.h) == pytest.approx((-0.994902, 0, 0.994902), abs=1e-5)
    assert not border.stable
    assert border.multiplier == pytest.approx(2.0)
    slope = 1 - high.h**2
    assert high.multiplier == pytest.approx(0.5 + slope * 1.5)
    assert high.stable
    assert low.stable


def test_a_bias_leaves_one_of_two() -> None:
    assert len(fixed_points(one_unit(1.0, 0.5, b=3.0), X)) == 1


def test_the_presynaptic_rule_has_one_point_whatever_eta() -> None:
    (point,) = fixed_points(one_unit(50.0, 0.5, hebbian_rule="presynaptic"), X)
    assert point.multiplier == 0.5
    # c = W·x + η/(1−λ) W·(x∘x)/√n = 100 · 1.5
    assert point.h == pytest.approx(1.0)


@pytest.mark.parametrize("rule", ["associative", "presynaptic", "postsynaptic"])
@pytest.mark.parametrize("modulation", ["multiplicative", "additive"])
@pytest.mark.parametrize("per_synapse", [False, True])
def test_simulation_rests_where_a_point_is_stable(
    rule: str, modulation: str, per_synapse: bool
) -> None:
    """The map itself, begun a little beside each point, comes back or leaves it."""
    generator = np.random.default_rng(1)
    W = generator.standard_normal((6, 3))
    x = generator.standard_normal(3)
    shape = W.shape if per_synapse else ()
    eta, decay = generator.uniform(0.2, 1.5, shape), generator.uniform(0.3, 0.9, shape)
    variant = Variant(hebbian_rule=rule, modulation=modulation)  # type: ignore[arg-type]
    layer = Layer(W, 0.1 * generator.standard_normal(6), eta, decay, variant)

    def step(M: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        modulated = W * (1 + M) if modulation == "multiplicative" else W + M
        h = np.tanh(layer.b + modulated @ x)
        post = np.full(6, 1 / math.sqrt(6)) if rule == "presynaptic" else h
        pre = np.full(3, 1 / math.sqrt(3)) if rule == "postsynaptic" else x
        return h, decay * M + eta * np.outer(post, pre)

    found = fixed_points(layer, x)
    assert {point.unit for point in found} == set(range(6))
    for point in found:
        post = 1 / math.sqrt(6) if rule == "presynaptic" else point.h
        pre = np.full(3, 1 / math.sqrt(3)) if rule == "postsynaptic" else x
        rest = np.broadcast_to(eta / (1 - decay), W.shape)[point.unit] * post * pre
        M = np.zeros_like(W)
        M[point.unit] = rest
        h, then = step(M)
        assert h[point.unit] == pytest.approx(point.h, abs=1e-8)
        assert then[point.unit] == pytest.approx(rest, abs=1e-8)
        M[point.unit] = rest + 1e-4 * generator.standard_normal(3)
        before = np.abs(M[point.unit] - rest).max()
        for _ in range(60):
            _, M = step(M)
        after = np.abs(M[point.unit] - rest).max()
        assert (after < before) == point.stable


def test_slopes() -> None:
    z = np.array([-0.7, 0.3])
    for name in ("tanh", "sigmoid", "relu", "linear"):
        up, slope = activation(name, z + 1e-6)[0], activation(name, z)[1]
        assert (up - activation(name, z - 1e-6)[0]) / 2e-6 == pytest.approx(slope, abs=1e-6)


def test_a_saturated_unit_rests_at_the_end_of_its_range() -> None:
    for b, end in ((-50.0, -1.0), (50.0, 1.0)):
        (point,) = fixed_points(one_unit(0.0, 0.5, b=b), X)
        assert point.h == pytest.approx(end)


def test_relu_rests_at_zero_or_where_its_line_does() -> None:
    # c = -1: 0 is a root; c + 3 h = h another at h = 0.5, from which M leaves by λ + 1.5 = 2
    zero, line = fixed_points(one_unit(1.0, 0.5, b=-1.0, activation="relu"), X)
    assert (zero.h, line.h) == pytest.approx((0.0, 0.5))
    assert zero.multiplier == 0.5
    assert line.multiplier == pytest.approx(2.0)


def test_a_linear_unit_rests_far_out() -> None:
    # g = 0.3: h = 1000 / (1 − 0.3)
    (point,) = fixed_points(one_unit(0.1, 0.5, b=1000.0, activation="linear"), X)
    assert point.h == pytest.approx(1000 / 0.7)


def test_a_bound_ends_growth_where_linear_units_would_have_none() -> None:
    # at the bound z = ±0.5 (W·x = 0, reads 1 and −1): x_j M_j W_j = 0.5 (|1| + |−1|) = 1
    low, border, high = fixed_points(one_unit(1.0, 0.5, activation="linear", M_bound=0.5), X)
    assert (low.h, border.h, high.h) == pytest.approx((-1.0, 0.0, 1.0), abs=1e-9)
    assert (low.multiplier, high.multiplier) == (0.0, 0.0)
    assert border.multiplier == pytest.approx(2.0)


VARIANTS = st.builds(
    Variant,
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "linear"]),
    hebbian_rule=st.sampled_from(["associative", "presynaptic", "postsynaptic"]),
    modulation=st.sampled_from(["multiplicative", "additive"]),
    M_bound=st.sampled_from([None, 0.1, 1.0]),
)


@given(VARIANTS, st.integers(0, 2**32 - 1), st.sampled_from([(), (3,), (4, 1), (4, 3)]))
@settings(max_examples=60, deadline=None)
def test_every_point_is_one_of_the_layers_own_map(
    variant: Variant, seed: int, shape: tuple[int, ...]
) -> None:
    """One step of the layer, from M at rest for a unit's point, leaves both as they are."""
    generator = np.random.default_rng(seed)
    W, x = generator.standard_normal((4, 3)), generator.standard_normal(3)
    eta, decay = generator.normal(0, 1.0, shape), generator.uniform(0.1, 0.98, shape)
    layer = Layer(W, generator.standard_normal(4), eta, decay, variant)
    driven = Driven(layer, x)
    for point in fixed_points(layer, x):
        M = np.zeros((1, 4, 3))
        M[0, point.unit] = driven.at_rest(point.unit, np.array([point.h]))[0]
        h, after = plastic_step(layer, x[None], M)
        size = 1e-7 * (1.0 + abs(point.h))
        assert h[0, point.unit] == pytest.approx(point.h, abs=size)
        assert after[0, point.unit] == pytest.approx(M[0, point.unit], abs=size)


def test_rates_of_synapses_make_one_gain() -> None:
    # g = Σ_j η_j W_j x_j² / (1 − λ_j) = 1·2·0.25/0.5 + 2·1·1/0.2
    layer = Layer(
        np.array([[2.0, 1.0]]), np.zeros(1), np.array([[1.0, 2.0]]), np.array([[0.5, 0.8]])
    )
    assert Driven(layer, X).line[1].tolist() == pytest.approx([11.0])
