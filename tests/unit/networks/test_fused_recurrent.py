"""The compiled kernels of the recurrent cores, against their plain loops in torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.networks import fused_recurrent, make_core

CASES = {
    "gru": {},
    "lstm": {},
    **{phi: {"activation": phi} for phi in ("tanh", "relu", "sigmoid", "linear")},
}
shapes = st.tuples(
    st.integers(1, 12), st.integers(1, 5), st.integers(1, 20), st.integers(1, 40)
)  # time, batch, input, hidden


def draw(case, seed, shape, dtype, bias=True):
    """The core, and x, first state, starts, and weights of h and of the last state in a loss."""
    steps, batch, inputs, hidden = shape
    g = torch.Generator().manual_seed(seed)
    name = "rnn" if case not in ("gru", "lstm") else case
    core = make_core(
        name, input_dim=inputs, hidden_dim=hidden, generator=g, bias=bias, **CASES[case]
    ).to(dtype)
    for weight in core.parameters():
        weight.detach().add_(0.1 * torch.randn(weight.shape, generator=g, dtype=dtype))
    made = [
        torch.randn(size, generator=g, dtype=dtype)
        for size in ((steps, batch, inputs), (batch, *core.state_shape))
    ]
    start = torch.rand(steps, batch, generator=g) < 0.2
    weights = [torch.randn(steps, batch, hidden, generator=g, dtype=dtype), made[1].flip(0)]
    return core, *made, start, weights


def run(way, core, x, state, start, weights):
    """h, the last state, and the gradients of both inputs and of every parameter."""
    x, state = x.clone().requires_grad_(), state.clone().requires_grad_()
    h, last = way(x, state, start)
    loss = (h * weights[0]).sum() + (last * weights[1]).sum()
    return [h, last, *torch.autograd.grad(loss, [x, state, *core.parameters()])]


def agree(drawn, tolerance):
    core = drawn[0]
    assert core.kernel is not None
    found, expected = (run(way, *drawn) for way in (core.unroll, core.plain))
    for one, other in zip(found, expected, strict=True):
        scale = max(1.0, other.abs().max().item())
        assert (one - other).abs().max().item() <= tolerance * scale


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(sorted(CASES)), st.integers(0, 2**31), shapes, st.booleans())
def test_float64_agrees_with_the_equations(case, seed, shape, bias):
    agree(draw(case, seed, shape, torch.float64, bias), 1e-11)


# the same examples every time: float32 may once in a while fall on the other side of relu's kink
@settings(deadline=None, max_examples=30, derandomize=True)
@given(st.sampled_from(["gru", "lstm", "tanh", "sigmoid"]), st.integers(0, 2**31), shapes)
def test_float32_agrees_with_the_equations(case, seed, shape):
    agree(draw(case, seed, shape, torch.float32), 2e-5)


@pytest.mark.parametrize("case", sorted(CASES))
def test_gradients_are_those_of_finite_differences(case):
    core, x, state, start, _ = draw(case, 3, (4, 2, 3, 4), torch.float64)
    weights = [w.requires_grad_() for w in core.weights()]
    given = [x.requires_grad_(), state.requires_grad_()]

    def unroll(x, state, *weights):
        return fused_recurrent.unroll(core.kernel, x, state, start, weights)

    assert torch.autograd.gradcheck(unroll, (*given, *weights))


@pytest.mark.parametrize("case", ["gru", "lstm", "tanh"])
def test_with_and_without_a_gradient_and_twice_the_numbers_are_the_same(case):
    core, x, state, start, weights = draw(case, 4, (6, 3, 5, 8), torch.float32)
    with torch.no_grad():
        alone = core.unroll(x, state, start)
    h, last = core.unroll(x, state, start)
    assert torch.equal(alone[0], h)
    assert torch.equal(alone[1], last)
    loss = (h * weights[0]).sum()
    parameters = list(core.parameters())
    first = torch.autograd.grad(loss, parameters, retain_graph=True)
    for one, two in zip(first, torch.autograd.grad(loss, parameters), strict=True):
        assert torch.equal(one, two)


def test_an_output_that_is_changed_before_the_way_back_is_refused():
    core, x, state, start, _ = draw("gru", 5, (3, 2, 3, 4), torch.float32)
    h, _ = core.unroll(x, state, start)
    with torch.no_grad():
        h.mul_(2.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        h.sum().backward()


def test_a_number_that_is_not_finite_is_seen():
    core, x, state, start, _ = draw("gru", 6, (3, 2, 3, 4), torch.float32)
    x[1, 0, 0] = torch.nan
    h, _ = core.unroll(x, state, torch.zeros_like(start))
    assert h[0].isfinite().all()
    assert h[1:, 0].isnan().all()
    assert h[:, 1].isfinite().all()
