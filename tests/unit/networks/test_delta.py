"""The delta rule's fast weights: by hand, as an associative memory, against the plain loop."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.networks import make_core
from tests.fixtures.kernels import assert_kernel_agrees


def test_two_steps_by_hand() -> None:
    core = make_core("delta", input_dim=1, hidden_dim=1, activation="linear", bias=False).double()
    # v = 2x, u = x, k' = x, q' = 3x: of one number, f is 1 but for the 1e-6; beta' = 0
    core.W.data = torch.tensor([[2.0], [1.0], [1.0], [3.0], [0.0]]).double()
    x = torch.tensor([1.0, 2.0]).double().view(2, 1, 1)
    h, last = core.unroll(x, core.init_state(1), torch.zeros(2, 1).bool())
    # M_1 = 0 + (2 - 0)/2 = 1, h_1 = 1 + 1; M_2 = 1 + (4 - 1)/2 = 2.5, h_2 = 2 + 2.5
    assert h.flatten().tolist() == pytest.approx([2.0, 4.5], rel=1e-5)
    assert last.flatten().tolist() == pytest.approx([2.5], rel=1e-5)


def test_a_value_written_in_full_is_found_under_its_key_and_replaces_the_one_there() -> None:
    core = make_core("delta", input_dim=3, hidden_dim=2, key_dim=2, activation="linear").double()
    # inputs name a key (two numbers) and carry a value (one number, in both units)
    silu_of_20 = 20.0 / (1.0 + math.exp(-20.0))
    assert silu_of_20 == pytest.approx(20.0)
    value, nothing = [[0.0, 0.0, 1.0]] * 2, [[0.0] * 3] * 2
    key = [[20.0, 0.0, 0.0], [0.0, 20.0, 0.0]]
    core.W.data = torch.tensor([*value, *nothing, *key, *key, [0.0] * 3]).double()
    core.b.data[-1] = 20.0  # beta = 1
    x = torch.tensor([[1.0, 0.0, 5.0], [0.0, 1.0, 7.0], [1.0, 0.0, 9.0]]).double().unsqueeze(1)
    h, last = core.unroll(x, core.init_state(1), torch.zeros(3, 1).bool())
    expected = torch.tensor([[9.0, 7.0]] * 2).double()
    torch.testing.assert_close(last[0], expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(h[:, 0, 0], x[:, 0, 2], rtol=1e-6, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.tuples(*5 * [st.integers(1, 5)]),
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "linear"]),
    bias=st.booleans(),
    seed=st.integers(0, 100),
)
def test_kernel_and_plain_loop_agree(
    sizes: tuple[int, ...], activation: str, bias: bool, seed: int
) -> None:
    steps, batch, inputs, hidden, keys = sizes
    g = torch.Generator().manual_seed(seed)
    own = {"key_dim": keys, "activation": activation, "bias": bias}
    core = make_core("delta", input_dim=inputs, hidden_dim=hidden, generator=g, **own).double()
    x = torch.randn(steps, batch, inputs, generator=g).double().requires_grad_()
    state = torch.randn(batch, hidden, keys, generator=g).double().requires_grad_()
    start = torch.rand(steps, batch, generator=g) < 0.3
    assert_kernel_agrees(core, x, state, start, rtol=1e-8, atol=1e-9)


def test_gradients_are_those_of_finite_differences() -> None:
    g = torch.Generator().manual_seed(0)
    core = make_core("delta", input_dim=3, hidden_dim=2, generator=g).double()
    x = torch.randn(4, 2, 3, generator=g).double().requires_grad_()
    state = torch.randn(2, 2, 3, generator=g).double().requires_grad_()
    start = torch.tensor([[0, 0], [0, 1], [0, 0], [1, 0]]).bool()
    assert torch.autograd.gradcheck(lambda *given: core.unroll(*given, start), (x, state))


def test_its_state_has_the_size_of_the_mpns() -> None:
    delta, mpn = (make_core(name, input_dim=6, hidden_dim=9) for name in ("delta", "mpn"))
    assert delta.state_shape == mpn.state_shape == (9, 6)
