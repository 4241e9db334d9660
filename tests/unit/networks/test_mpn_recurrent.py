"""The MPN layer that reads its last output: by hand, and the kernel against the plain loop."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.networks import make_core
from mpn_rl.parameters.errors import ConfigError
from tests.fixtures.kernels import assert_kernel_agrees

RULES = st.sampled_from(["associative", "presynaptic", "postsynaptic"])


def test_three_steps_by_hand() -> None:
    core = make_core(
        "mpn-recurrent",
        input_dim=1,
        hidden_dim=1,
        activation="linear",
        eta=1.0,
        lambda_decay=0.5,
        learn_lambda=False,
    ).double()
    core.first.W.data = torch.tensor([[0.5, 0.2]]).double()
    x, start = torch.tensor([1.0, 1.0, 2.0]).double().view(3, 1, 1), torch.zeros(3, 1).bool()
    h, last = core.unroll(x, core.init_state(1), start)
    # h_1 = 0.5, M_1 = (0.5, 0); h_2 = 0.5 · 1.5 + 0.2 · 0.5, M_2 = (0.25 + 0.85, 0.85 · 0.5)
    # h_3 = 0.5 · 2.1 · 2 + 0.2 · 1.425 · 0.85, M_3 = 0.5 M_2 + h_3 · (2, 0.85)
    assert h.flatten().tolist() == pytest.approx([0.5, 0.85, 2.34225])
    assert last.flatten().tolist() == pytest.approx([5.2345, 2.2034125, 2.34225])
    assert core.modulations(last).flatten().tolist() == pytest.approx([5.2345, 2.2034125])


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.tuples(*4 * [st.integers(1, 5)]),
    rule=RULES,
    modulation=st.sampled_from(["multiplicative", "additive"]),
    bound=st.sampled_from([None, 0.3]),
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "linear"]),
    shapes=st.sampled_from([("post", "post"), ("post", "full"), ("full", "post")]),
    seed=st.integers(0, 100),
)
def test_kernel_and_plain_loop_agree(
    sizes: tuple[int, ...],
    rule: str,
    modulation: str,
    bound: float | None,
    activation: str,
    shapes: tuple[str, str],
    seed: int,
) -> None:
    steps, batch, inputs, hidden = sizes
    g = torch.Generator().manual_seed(seed)
    core = make_core(
        "mpn-recurrent",
        input_dim=inputs,
        hidden_dim=hidden,
        generator=g,
        hebbian_rule=rule,
        modulation=modulation,
        M_bound=bound,
        activation=activation,
        eta_shape=shapes[0],
        lambda_shape=shapes[1],
    ).double()
    x = torch.randn(steps, batch, inputs, generator=g).double().requires_grad_()
    state = 0.1 * torch.randn(batch, hidden, inputs + hidden + 1, generator=g).double()
    state.requires_grad_()
    start = torch.rand(steps, batch, generator=g) < 0.2
    assert_kernel_agrees(core, x, state, start, rtol=1e-9, atol=1e-10)


def test_its_input_weights_are_those_of_the_mpn_and_the_recurrent_ones_orthogonal() -> None:
    recurrent, mpn = (
        make_core(name, input_dim=3, hidden_dim=7, generator=torch.Generator().manual_seed(2))
        for name in ("mpn-recurrent", "mpn")
    )
    assert torch.equal(recurrent.W[:, :3], mpn.W)
    U = recurrent.W[:, 3:]
    torch.testing.assert_close(U @ U.T, torch.eye(7), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(recurrent.eta, mpn.eta / 4)


def test_it_has_one_layer() -> None:
    with pytest.raises(ConfigError, match="num_layers: the core 'mpn-recurrent' has no such"):
        make_core("mpn-recurrent", input_dim=2, hidden_dim=2, num_layers=2)
