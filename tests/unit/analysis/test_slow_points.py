"""The search for slow points, held against exact points and against the cores themselves."""

from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.analysis.fixed_points import Driven, Layer, fixed_points
from mpn_rl.analysis.memory_maps import memory_map
from mpn_rl.analysis.plastic_maps import Looped, Stack
from mpn_rl.analysis.slow_points import nearest, settled, slow_points
from mpn_rl.networks.build import build_network
from mpn_rl.observations import numbers
from mpn_rl.parameters.networks import Variant
from mpn_rl.parameters.points import read_point

HIDDEN, INPUTS = 5, 4


def layer(generator: np.random.Generator, inputs: int = INPUTS, **variant: Any) -> Layer:
    W = generator.standard_normal((HIDDEN, inputs)) * 0.5
    decay = generator.uniform(0.3, 0.9, (HIDDEN, 1))
    b = 0.1 * generator.standard_normal(HIDDEN)
    return Layer(W, b, 2 * (1 - decay), decay, Variant(**variant))


@pytest.mark.parametrize("variant", [{}, {"M_bound": 0.8}, {"hebbian_rule": "postsynaptic"}])
def test_the_search_ends_at_exact_points(variant: dict[str, Any]) -> None:
    generator = np.random.default_rng(3)
    own, x = layer(generator, **variant), generator.standard_normal(INPUTS)
    exact = fixed_points(own, x)
    starts = generator.uniform(-1, 1, (20, HIDDEN))
    found = slow_points(Stack([own]), x, starts)
    assert found
    for point in found:
        for unit, h in enumerate(point.r):
            mine = [e for e in exact if e.unit == unit]
            assert min(abs(e.h - h) for e in mine) < 1e-5
        chosen = [
            min((e for e in exact if e.unit == u), key=lambda e: abs(e.h - point.r[u]))
            for u in range(HIDDEN)
        ]
        assert point.multiplier == pytest.approx(max(abs(e.multiplier) for e in chosen), rel=1e-4)
        assert point.stable == all(e.stable for e in chosen)


@pytest.mark.parametrize(
    ("core", "own"),
    [
        ("rnn", {"activation": "relu"}),
        ("gru", {}),
        ("lstm", {"bias": False}),
        ("mpn", {}),
        ("mpn", {"num_layers": 2, "M_bound": 0.5, "lambda_shape": "full"}),
        ("mpn-recurrent", {"hebbian_rule": "presynaptic"}),
        ("mpn-recurrent", {"modulation": "additive"}),
    ],
)
def test_a_map_steps_as_its_core(core: str, own: dict[str, Any]) -> None:
    hp = read_point({"core": core, "encoder": "none", "hidden_dim": HIDDEN, **own})
    network = build_network(hp, numbers(INPUTS), 2, torch.Generator().manual_seed(1)).double()
    weights = {name: each.numpy() for name, each in network.state_dict().items()}
    of = memory_map(hp, weights)
    assert of is not None
    x = np.random.default_rng(2).standard_normal((6, 3, INPUTS))
    memory, outputs = of.start(3), []
    for x_t in x:
        r, memory = of.step(x_t, memory)
        outputs.append(of.output(r))
    start = torch.zeros(6, 3, dtype=torch.bool)
    state = network.core.init_state(3).double()
    with torch.no_grad():
        h, _ = network.core.unroll(torch.from_numpy(x), state, start)
    np.testing.assert_allclose(np.stack(outputs), h.numpy(), atol=1e-10)


@pytest.mark.parametrize(("seed", "swings"), [(5, True), (6, False)])
def test_a_looped_layer_rests_where_it_settles_or_swings(seed: int, swings: bool) -> None:
    generator = np.random.default_rng(seed)
    own = layer(generator, INPUTS + HIDDEN)
    of, x = Looped(own._replace(W=0.5 * own.W)), generator.standard_normal(INPUTS)
    memory = of.start(4)
    for _ in range(3):
        r, memory = of.step(generator.standard_normal((4, INPUTS)), memory)
    end = settled(of, x, memory)
    points = slow_points(of, x, np.concatenate([end, r]))
    for each in end:
        at = nearest(points, each)
        assert (at is None) == swings
        assert all(point.stable != swings for point in points)


@pytest.mark.parametrize("per_synapse", [False, True])
@pytest.mark.parametrize("rule", ["associative", "presynaptic", "postsynaptic"])
@pytest.mark.parametrize("modulation", ["multiplicative", "additive"])
def test_the_multiplier_of_a_looped_layer_is_that_of_its_whole_jacobian(
    rule: str, modulation: str, per_synapse: bool
) -> None:
    generator = np.random.default_rng(6)
    own = layer(generator, INPUTS + HIDDEN, hebbian_rule=rule, modulation=modulation)
    if per_synapse:
        own = own._replace(lambda_decay=generator.uniform(0.3, 0.9, own.W.shape))
    of, x = Looped(own), generator.standard_normal(INPUTS)
    for point in slow_points(of, x, generator.uniform(-1, 1, (4, HIDDEN))):
        memory = of.start(1)
        y = np.concatenate([x, point.r])
        driven = Driven(own, y)
        memory[0, :, :-1] = [driven.at_rest(u, point.r[[u]])[0] for u in range(HIDDEN)]
        memory[0, :, -1] = point.r
        size = memory.size
        small = 1e-6 * np.eye(size).reshape(size, *memory.shape[1:])
        high, low = (of.step(x[None], memory + way)[1] for way in (small, -small))
        whole = (high - low).reshape(size, size).T / 2e-6
        radius = np.abs(np.linalg.eigvals(whole)).max()
        assert point.multiplier == pytest.approx(radius, rel=1e-4)


def test_an_rnn_of_one_unit_has_the_known_points() -> None:
    # h = tanh(2 h): 0 and ±0.957504, slopes 2 and 2 (1 − h²) = 0.166371
    hp = read_point({"core": "rnn", "encoder": "none", "hidden_dim": 1, "bias": False})
    weights = {
        "core.rnn.weight_ih_l0": np.zeros((1, 1)),
        "core.rnn.weight_hh_l0": np.array([[2.0]]),
    }
    of = memory_map(hp, weights)
    assert of is not None
    points = slow_points(of, np.zeros(1), np.array([[-0.9], [0.01], [0.9]]))
    assert [float(p.r[0]) for p in points] == pytest.approx([-0.957504, 0, 0.957504], abs=1e-5)
    assert [p.multiplier for p in points] == pytest.approx([0.166371, 2.0, 0.166371], abs=1e-4)
    assert [p.stable for p in points] == [True, False, True]


def test_other_cores_have_no_map() -> None:
    assert memory_map(read_point({"core": "mpn-frozen"}), {}) is None
