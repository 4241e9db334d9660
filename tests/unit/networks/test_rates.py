"""Where eta, lambda and the gates of other cores start: by hand."""

import math

import pytest
import torch

from mpn_rl.networks import make_core
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.errors import ConfigError

INPUT, HIDDEN = 4, 3
# 1 − λ from 0.8 to 0.03 by equal factors: the middle is √(0.8 · 0.03)
DECAYS = [0.2, 1 - math.sqrt(0.024), 0.97]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def mpn(seed=0, **parameters):
    return make_core(
        "mpn", input_dim=INPUT, hidden_dim=HIDDEN, generator=generator(seed), **parameters
    )


def column(values):
    return torch.tensor(values).unsqueeze(1)


def test_units_start_spread_with_four_times_what_they_lose_in_a_step():
    core = mpn()
    torch.testing.assert_close(core.lambda_decay, column(DECAYS))
    torch.testing.assert_close(core.eta, column([4 * (1 - decay) for decay in DECAYS]))


def test_one_unit_starts_in_the_middle():
    core = make_core("mpn", input_dim=INPUT, hidden_dim=1, generator=generator())
    assert core.lambda_decay.item() == pytest.approx(DECAYS[1])


@pytest.mark.parametrize(
    ("parameters", "factor"),
    [
        ({"hebbian_rule": "presynaptic"}, math.sqrt(HIDDEN)),
        ({"hebbian_rule": "postsynaptic"}, math.sqrt(INPUT)),
        ({"modulation": "additive"}, math.sqrt(2 / 7)),
        ({"modulation": "additive", "W_init": "he"}, math.sqrt(2 / 4)),
    ],
)
def test_eta_starts_in_the_units_of_its_rule(parameters, factor):
    torch.testing.assert_close(mpn(**parameters).eta, factor * mpn().eta)


def test_every_layer_starts_alike():
    first, second = mpn(num_layers=2).rates()
    torch.testing.assert_close(first, second)


def test_what_is_named_is_one_number():
    for named, other in (("eta", "lambda_decay"), ("lambda_decay", "eta")):
        core = mpn(**{named: 0.5})
        assert getattr(core, named).shape == ()
        assert getattr(core, named).item() == pytest.approx(0.5)
        assert getattr(core, other).shape == ((HIDDEN, 1) if named == "eta" else ())
    assert core.eta.item() == pytest.approx(2.0)  # 4 (1 − 0.5)


def test_full_rates_start_spread_over_the_units():
    core = mpn(eta_shape="full", lambda_shape="full")
    assert core.eta.shape == core.lambda_decay.shape == (HIDDEN, INPUT)
    torch.testing.assert_close(core.lambda_decay, column(DECAYS).expand(HIDDEN, INPUT))


def test_one_decay_a_seed_lies_in_the_range():
    found = [mpn(seed, lambda_spread="seeds") for seed in range(200)]
    decays = torch.stack([core.lambda_decay for core in found])
    assert decays.shape == (200,)
    assert 0.2 <= decays.min() < 0.25
    assert 0.96 < decays.max() <= 0.97
    # log(1 − λ) is uniform: half of the seeds lie below the middle
    assert (decays < DECAYS[1]).float().mean().item() == pytest.approx(0.5, abs=0.1)
    etas = torch.stack([core.eta for core in found])
    torch.testing.assert_close(etas, 4 * (1 - decays))
    assert mpn(3, lambda_spread="seeds").eta == found[3].eta


@pytest.mark.parametrize(
    ("core", "parameters"),
    [
        ("mpn", {"lambda_spread": "seeds"}),
        ("mpn", {"eta": 0.1, "lambda_decay": 0.95}),
        ("gru", {"gate_spread": True}),
        ("lstm", {"gate_spread": True}),
    ],
)
def test_how_rates_start_moves_no_other_weight(core, parameters):
    one, other = (
        dict(MPNDQN(2, HIDDEN, 2, core, generator(), **more).named_parameters())
        for more in ({}, parameters)
    )
    for name, weight in one.items():
        if not any(word in name for word in ("eta", "lambda", "bias_ih")):
            assert torch.equal(weight, other[name]), name


def test_one_decay_a_seed_from_the_global_generator():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        core = make_core("mpn", input_dim=INPUT, hidden_dim=HIDDEN, lambda_spread="seeds")
    assert core.lambda_decay == mpn(3, lambda_spread="seeds").lambda_decay


def test_a_spread_gru_keeps_what_the_units_of_an_mpn_keep():
    core = make_core(
        "gru", input_dim=INPUT, hidden_dim=HIDDEN, generator=generator(), gate_spread=True
    )
    core.gru.weight_ih_l0.detach().zero_()
    core.gru.weight_hh_l0.detach().zero_()
    h, _ = core.step(torch.zeros(1, INPUT), torch.ones(1, HIDDEN))
    torch.testing.assert_close(h, torch.tensor([DECAYS]))


def test_a_spread_lstm_keeps_what_the_units_of_an_mpn_keep():
    core = make_core(
        "lstm", input_dim=INPUT, hidden_dim=HIDDEN, generator=generator(), gate_spread=True
    )
    core.lstm.weight_ih_l0.detach().zero_()
    core.lstm.weight_hh_l0.detach().zero_()
    core.lstm.bias_ih_l0.detach()[2 * HIDDEN : 3 * HIDDEN] = 100.0  # what comes in is 1
    _, state = core.step(torch.zeros(1, INPUT), torch.ones(1, 2, HIDDEN))
    # i = 1 − f: the cell stays where what comes in is what it holds
    torch.testing.assert_close(state[0, 1], torch.ones(HIDDEN))
    _, state = core.step(torch.zeros(1, INPUT), torch.zeros(1, 2, HIDDEN))
    torch.testing.assert_close(state[0, 1], 1 - torch.tensor(DECAYS))


@pytest.mark.parametrize(
    ("core", "parameters", "said"),
    [
        ("mpn", {"lambda_max": 0.9}, "lambda_max: 0.9 with lambda_decay: null"),
        ("mpn", {"eta_shape": "scalar"}, "eta_shape: scalar with lambda_decay: null"),
        ("mpn", {"lambda_shape": "pre"}, "lambda_shape: pre with lambda_decay: null"),
        ("mpn", {"lambda_decay": 1.0, "learn_lambda": False}, "eta: null with lambda_decay: 1"),
        ("gru", {"gate_spread": True, "bias": False}, "gate_spread: true with bias: false"),
    ],
)
def test_starts_that_cannot_be(core, parameters, said):
    with pytest.raises(ConfigError) as caught:
        make_core(core, input_dim=INPUT, hidden_dim=HIDDEN, **parameters)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_shapes_that_hold_what_is_named_may_be_named():
    mpn(eta=0.1, eta_shape="pre", lambda_shape="post")
    mpn(lambda_spread="seeds", eta_shape="scalar", lambda_shape="pre")
