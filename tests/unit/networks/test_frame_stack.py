"""The layer over the last inputs: by hand, against inputs side by side, against the plain loop."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.networks import make_core
from mpn_rl.parameters.errors import ConfigError
from tests.fixtures.kernels import assert_kernel_agrees


def test_three_steps_by_hand() -> None:
    core = make_core("frame-stack", input_dim=1, hidden_dim=1, num_frames=3, activation="linear")
    core.W.data = torch.tensor([[[1.0]], [[10.0]], [[100.0]]])
    core.b.data = torch.tensor([0.5])
    x = torch.tensor([1.0, 2.0, 3.0, 4.0]).view(4, 1, 1)
    start = torch.tensor([[True], [False], [False], [True]])
    h, last = core.unroll(x, core.init_state(1), start)
    assert h.flatten().tolist() == [1.5, 12.5, 123.5, 4.5]
    assert last.flatten().tolist() == [40.0, 400.0]  # what 4 adds to the next two steps


def test_it_is_the_memoryless_layer_over_inputs_side_by_side() -> None:
    stack, frozen = (
        make_core(
            name, input_dim=width, hidden_dim=5, generator=torch.Generator().manual_seed(1), **own
        )
        for name, width, own in (("frame-stack", 4, {"num_frames": 3}), ("mpn-frozen", 12, {}))
    )
    x = torch.randn(6, 2, 4, generator=torch.Generator().manual_seed(2))
    padded = torch.cat([torch.zeros(2, 2, 4), x])
    beside = torch.cat([padded[2:], padded[1:-1], padded[:-2]], -1)
    start = torch.zeros(6, 2).bool()
    h, _ = stack.unroll(x, stack.init_state(2), start)
    expected, _ = frozen.unroll(beside, frozen.init_state(2), start)
    torch.testing.assert_close(h, expected, rtol=1e-5, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.tuples(*4 * [st.integers(1, 5)]),
    frames=st.integers(2, 5),
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "linear"]),
    bias=st.booleans(),
    seed=st.integers(0, 100),
)
def test_kernel_and_plain_loop_agree(
    sizes: tuple[int, ...], frames: int, activation: str, bias: bool, seed: int
) -> None:
    steps, batch, inputs, hidden = sizes
    g = torch.Generator().manual_seed(seed)
    own = {"num_frames": frames, "activation": activation, "bias": bias}
    core = make_core("frame-stack", input_dim=inputs, hidden_dim=hidden, generator=g, **own)
    core = core.double()
    x = torch.randn(steps, batch, inputs, generator=g).double().requires_grad_()
    state = torch.randn(batch, hidden, frames - 1, generator=g).double().requires_grad_()
    start = torch.rand(steps, batch, generator=g) < 0.3
    assert_kernel_agrees(core, x, state, start, rtol=1e-9, atol=1e-10)


def test_one_frame_is_no_stack() -> None:
    with pytest.raises(ConfigError, match="num_frames: 1 is not a whole number at least 2"):
        make_core("frame-stack", input_dim=2, hidden_dim=2, num_frames=1)
