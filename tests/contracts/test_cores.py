"""What every memory core keeps to."""

import pytest
import torch

from mpn_rl.networks import make_core
from mpn_rl.networks.core import parameter_count
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.errors import ConfigError

T, B, INPUT, HIDDEN = 9, 4, 6, 10

CASES = {
    **{name: (name, {}) for name in CORES},
    **{f"rnn-{phi}": ("rnn", {"activation": phi}) for phi in ("relu", "sigmoid", "linear")},
    **{f"{name}-without-bias": (name, {"bias": False}) for name in CORES},
    "mpn-layers": ("mpn", {"num_layers": 3}),
    "mpn-frozen-layers": ("mpn-frozen", {"num_layers": 3}),
    "mpn-additive": ("mpn", {"modulation": "additive", "M_bound": 0.1}),
    "mpn-presynaptic": ("mpn", {"hebbian_rule": "presynaptic", "eta_shape": "full"}),
    "mpn-postsynaptic": (
        "mpn",
        {"hebbian_rule": "postsynaptic", "lambda_decay": 0.95, "lambda_shape": "pre"},
    ),
    "mpn-fixed": (
        "mpn",
        {"learn_eta": False, "eta": 0.1, "learn_lambda": False, "lambda_decay": 1.0},
    ),
    "mpn-paper": ("mpn", {"eta": 0.1, "lambda_decay": 0.95}),
    "mpn-seeds": ("mpn", {"lambda_spread": "seeds"}),
    "mpn-recurrent-additive": ("mpn-recurrent", {"modulation": "additive", "M_bound": 0.1}),
    "mpn-recurrent-presynaptic": (
        "mpn-recurrent",
        {
            "hebbian_rule": "presynaptic",
            "eta_shape": "full",
            "lambda_decay": 0.95,
            "lambda_shape": "pre",
        },
    ),
    "mpn-random-full": ("mpn-random", {"eta_shape": "full", "num_layers": 2}),
    "frame-stack-four": ("frame-stack", {"num_frames": 4, "activation": "relu"}),
    "delta-narrow": ("delta", {"key_dim": 3, "activation": "linear"}),
    "gru-spread": ("gru", {"gate_spread": True}),
    "lstm-spread": ("lstm", {"gate_spread": True}),
}


def build(case, seed=0, **parameters):
    name, own = CASES[case]
    generator = torch.Generator().manual_seed(seed)
    return make_core(
        name, input_dim=INPUT, hidden_dim=HIDDEN, generator=generator, **own, **parameters
    )


def weights(core):
    return torch.cat([p.detach().flatten() for p in core.parameters()])


def sequence(core, seed=1):
    """Inputs, a first state that is not zero (where the core's may be so), starts inside."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(T, B, INPUT, generator=g)
    _, state = core.step(torch.randn(B, INPUT, generator=g), core.init_state(B))
    start = torch.zeros(T, B, dtype=torch.bool)
    start[0, 0] = start[4, 0] = start[4, 2] = start[8, 3] = True
    return x, state.detach(), start


def close(one, other):
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


# Each has kernels of its own to compile; these are the plain ones' with another rule inside.
SLOW = ("mpn-recurrent-additive", "mpn-recurrent-presynaptic")


@pytest.fixture(
    params=[pytest.param(c, marks=pytest.mark.slow if c in SLOW else []) for c in CASES]
)
def case(request):
    return request.param


@pytest.fixture
def core(case):
    return build(case)


def test_the_first_state_is_zero_and_has_the_shape_it_says(core):
    state = core.init_state(B)
    assert state.shape == (B, *core.state_shape)
    assert not state.any()
    assert not state.requires_grad


def test_shapes(core):
    x, state, start = sequence(core)
    h, next_state = core.step(x[0], state)
    assert h.shape == (B, HIDDEN)
    assert next_state.shape == state.shape
    h, next_state = core.unroll(x, state, start)
    assert h.shape == (T, B, HIDDEN)
    assert next_state.shape == state.shape


def test_unroll_is_step_after_step(core):
    x, state, start = sequence(core)
    unrolled, last = core.unroll(x, state, start)
    outputs = []
    for t in range(T):
        state = torch.where(start[t].view(B, *(1,) * (state.dim() - 1)), 0.0, state)
        h, state = core.step(x[t], state)
        outputs.append(h)
    close(unrolled, torch.stack(outputs))
    close(last, state)


@pytest.mark.parametrize("where", ["nowhere", "first", "inside"])
def test_gradients_of_unroll_are_those_of_step_after_step(case, where):
    core = build(case).double()
    x, state, start = sequence(build(case))
    if where != "inside":
        start = torch.zeros_like(start)
        start[0] = where == "first"
    gradients = []
    for way in ("unroll", "step"):
        inputs = x.double().requires_grad_()
        first = state.double().requires_grad_()
        if way == "unroll":
            outputs, last = core.unroll(inputs, first, start)
        else:
            hs, last = [], first
            for t in range(T):
                last = torch.where(start[t].view(B, *(1,) * (last.dim() - 1)), 0.0, last)
                h, last = core.step(inputs[t], last)
                hs.append(h)
            outputs = torch.stack(hs)
        leaves = [inputs, first, *(p for p in core.parameters() if p.requires_grad)]
        loss = outputs.square().sum()
        if CASES[case][0] != "mpn-frozen":  # which hands its state on unread
            loss = loss + 0.1 * last.sum()
        gradients.append(
            torch.autograd.grad(loss, leaves, allow_unused=True, materialize_grads=True)
        )
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


def test_a_start_inside_is_a_fresh_state(core):
    x, state, start = sequence(core)
    whole, _ = core.unroll(x, state, start)
    fresh, _ = core.unroll(x[4:], core.init_state(B), torch.zeros_like(start[4:]))
    close(whole[4:, 0], fresh[:, 0])


def test_a_start_at_the_first_step_forgets_the_state_handed_in(core):
    x, state, start = sequence(core)
    start = torch.zeros_like(start)
    start[0] = True
    carried, _ = core.unroll(x, state, start)
    fresh, _ = core.unroll(x, core.init_state(B), torch.zeros_like(start))
    close(carried, fresh)


def test_the_state_carries_a_sequence_on_where_it_was_cut(core):
    x, state, start = sequence(core)
    whole, last = core.unroll(x, state, start)
    first, middle = core.unroll(x[:5], state, start[:5])
    second, end = core.unroll(x[5:], middle, start[5:])
    close(whole, torch.cat([first, second]))
    close(last, end)


def test_the_first_state_matters_where_a_core_has_memory(case, core):
    x, state, start = sequence(core)
    start = torch.zeros_like(start)
    moved = core.unroll(x, state, start)[0] - core.unroll(x, torch.zeros_like(state), start)[0]
    assert moved.any() == (CASES[case][0] != "mpn-frozen")


def test_nothing_given_is_changed(core):
    x, state, start = sequence(core)
    before = [tensor.clone() for tensor in (x, state, start)]
    weights_before = weights(core)
    h, next_state = core.unroll(x, state, start)
    h, next_state = core.step(x[0], state)
    assert h.data_ptr() != x.data_ptr()
    for tensor, copy in zip((x, state, start), before, strict=True):
        assert torch.equal(tensor, copy)
    assert torch.equal(weights(core), weights_before)
    assert next_state.shape == state.shape


def test_batch_elements_do_not_see_each_other(core):
    x, state, start = sequence(core)
    whole, last = core.unroll(x, state, start)
    part, part_last = core.unroll(x[:, 1:3], state[1:3], start[:, 1:3])
    close(whole[:, 1:3], part)
    close(last[1:3], part_last)


def test_equal_seeds_give_equal_weights_and_other_seeds_others(case):
    assert torch.equal(weights(build(case, 5)), weights(build(case, 5)))
    one, other = build(case, 5), build(case, 6)
    for (name, p), q in zip(one.named_parameters(), other.parameters(), strict=True):
        if p.dim() == 2 and "eta" not in name and "lambda" not in name:
            assert not torch.equal(p, q)


def test_weights_leave_the_global_generator_alone(case):
    before = torch.get_rng_state()
    build(case)
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_generator_weights_come_from_the_global_one(case):
    name, parameters = CASES[case]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        core = make_core(name, input_dim=INPUT, hidden_dim=HIDDEN, **parameters)
    assert torch.equal(weights(core), weights(build(case, 3)))


def test_preparing_leaves_no_trace(core):
    before = weights(core)
    core.prepare()
    assert torch.equal(weights(core), before)
    assert all(p.grad is None for p in core.parameters())


def test_every_trained_parameter_gets_a_gradient(core):
    x, state, start = sequence(core)
    core.unroll(x, state, start)[0].square().sum().backward()
    for name, p in core.named_parameters():
        assert not p.requires_grad or p.grad.abs().sum() > 0, name


def test_a_saved_core_is_the_same_core(case):
    core, other = build(case, 1), build(case, 2)
    other.load_state_dict(core.state_dict())
    x, state, start = sequence(core)
    for one, two in zip(core.unroll(x, state, start), other.unroll(x, state, start), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize(
    ("case", "count"),
    [
        ("mpn", HIDDEN * (INPUT + 1 + 2)),
        ("mpn-paper", HIDDEN * (INPUT + 1) + 2),
        ("mpn-seeds", HIDDEN * (INPUT + 1) + 2),
        ("mpn-recurrent", HIDDEN * (INPUT + HIDDEN + 1 + 2)),
        ("mpn-frozen", HIDDEN * (INPUT + 1)),
        ("mpn-fixed", HIDDEN * (INPUT + 1)),
        ("mpn-random", HIDDEN * (INPUT + 1 + 1)),
        ("frame-stack-four", HIDDEN * (4 * INPUT + 1)),
        ("delta", (2 * HIDDEN + 2 * INPUT + 1) * (INPUT + 1)),
        ("delta-narrow", (2 * HIDDEN + 2 * 3 + 1) * (INPUT + 1)),
        ("rnn", HIDDEN * (INPUT + HIDDEN + 2)),
        ("gru", 3 * HIDDEN * (INPUT + HIDDEN + 2)),
        ("lstm", 4 * HIDDEN * (INPUT + HIDDEN + 2)),
    ],
)
def test_parameter_counts(case, count):
    assert parameter_count(build(case)) == count


def test_the_frozen_mpn_is_a_feed_forward_layer():
    core = build("mpn-frozen")
    x, state, start = sequence(core)
    h, last = core.unroll(x, state, start)
    assert torch.equal(h, torch.tanh(torch.nn.functional.linear(x, core.W, core.b)))
    assert torch.equal(last, core.init_state(B))


def test_the_mpn_and_its_frozen_control_start_from_the_same_weights():
    mpn, frozen = build("mpn", 4), build("mpn-frozen", 4)
    assert torch.equal(mpn.W, frozen.W)
    x, _, start = sequence(mpn)
    all_start = torch.ones_like(start)
    close(
        mpn.unroll(x, mpn.init_state(B), all_start)[0],
        frozen.unroll(x, frozen.init_state(B), all_start)[0],
    )


def test_an_unknown_core_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"core: 'mnp' is unknown; allowed are mpn, "):
        make_core("mnp", input_dim=2, hidden_dim=2)


def test_a_parameter_of_another_core_is_refused():
    with pytest.raises(ConfigError, match="eta: the core 'gru' has no such parameter"):
        make_core("gru", input_dim=2, hidden_dim=2, eta=0.1)
