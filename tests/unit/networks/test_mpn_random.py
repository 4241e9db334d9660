"""The MPN with drawn rates, and the other controls for what in plasticity it is that helps."""

import pytest
import torch

from mpn_rl.networks import make_core
from mpn_rl.networks.core import parameter_count
from mpn_rl.parameters.errors import ConfigError


def build(name: str, **own: object) -> object:
    g = torch.Generator().manual_seed(3)
    return make_core(name, input_dim=32, hidden_dim=64, generator=g, **own)


@pytest.mark.parametrize("shape", ["post", "full"])
def test_eta_is_drawn_around_zero_with_the_size_that_the_mpns_starts_with(shape: str) -> None:
    drawn, mpn = build("mpn-random", eta_shape=shape), build("mpn", eta_shape=shape)
    assert torch.equal(drawn.W, mpn.W)
    assert not drawn.eta.requires_grad
    assert parameter_count(drawn) == parameter_count(mpn) - mpn.eta.numel()
    draws = (drawn.eta / mpn.eta).detach()
    assert draws.abs().max() <= 3**0.5
    error = 4 / draws.numel() ** 0.5  # four standard errors of the mean, and more of the square's
    assert abs(draws.mean()) < error
    assert abs(draws.square().mean() - 1) < error
    assert draws.unique().numel() > 0.9 * draws.numel()


def test_other_seeds_draw_other_rates() -> None:
    one, other = (
        make_core(
            "mpn-random", input_dim=2, hidden_dim=3, generator=torch.Generator().manual_seed(s)
        )
        for s in (0, 1)
    )
    assert not torch.equal(one.eta, other.eta)


def test_whether_to_train_eta_is_no_question() -> None:
    with pytest.raises(ConfigError, match="learn_eta: the core 'mpn-random' has no such"):
        build("mpn-random", learn_eta=True)


def test_presynaptic_traces_are_a_state_as_large_as_the_mpns() -> None:
    """Each unit keeps a trace of each input at a rate of its own: no two of M are in proportion."""
    core = build("mpn", hebbian_rule="presynaptic")
    x = torch.randn(200, 1, 32, generator=torch.Generator().manual_seed(1))
    _, M = core.unroll(x, core.init_state(1), torch.zeros(200, 1).bool())
    assert M.shape == (1, *build("mpn").state_shape)
    rows = torch.nn.functional.normalize(M[0].detach(), dim=1)
    alike = (rows @ rows.T).abs() - torch.eye(64)
    assert alike.max() < 1 - 1e-4
    one_trace = build("mpn", hebbian_rule="presynaptic", eta=0.1, lambda_decay=0.9)
    _, M = one_trace.unroll(x, one_trace.init_state(1), torch.zeros(200, 1).bool())
    assert torch.linalg.matrix_rank(M[0].detach()) == 1


def test_without_lambda_m_is_the_last_step_alone() -> None:
    core = build("mpn", lambda_decay=0.0, learn_lambda=False)
    x = torch.randn(3, 1, 32, generator=torch.Generator().manual_seed(1))
    h, M = core.unroll(x, core.init_state(1), torch.zeros(3, 1).bool())
    expected = core.eta * h[-1, 0, :, None] * x[-1, 0]
    torch.testing.assert_close(M[0], expected, rtol=1e-5, atol=1e-6)
