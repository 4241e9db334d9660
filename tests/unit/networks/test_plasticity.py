"""The equations of the MPN layer, against numbers and against a loop over single synapses."""

import math

import pytest
import torch

from mpn_rl.networks import make_core, plasticity
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.networks import Variant

T, B, I, H = 6, 3, 4, 5  # noqa: E741
ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": lambda z: z * (z > 0),
    "sigmoid": lambda z: 1 / (1 + torch.exp(-z)),
    "linear": lambda z: z,
}


def loop(x, M, start, W, b, eta, lam, activation):
    """The equations of one MPN layer, one synapse after the other."""
    outputs = []
    M = [[[M[n, i, j] for j in range(I)] for i in range(H)] for n in range(B)]
    for t in range(T):
        for n in range(B):
            for i in range(H):
                if start[t, n]:
                    M[n][i] = [torch.zeros((), dtype=x.dtype) for _ in range(I)]
                z = b[i]
                for j in range(I):
                    z = z + W[i, j] * (M[n][i][j] + 1) * x[t, n, j]
                h = ACTIVATIONS[activation](z)
                for j in range(I):
                    M[n][i][j] = lam * M[n][i][j] + eta * h * x[t, n, j]
                outputs.append(h)
    last = torch.stack([torch.stack([torch.stack(row) for row in m]) for m in M])
    return torch.stack(outputs).reshape(T, B, H), last


def draw(dtype=torch.float64):
    """Inputs of a sequence with a carried M and with episodes that begin inside."""
    g = torch.Generator().manual_seed(3)
    x = torch.randn(T, B, I, generator=g, dtype=dtype)
    M = 0.3 * torch.randn(B, H, I, generator=g, dtype=dtype)
    start = torch.zeros(T, B, dtype=torch.bool)
    start[0, 1] = start[3, 0] = start[3, 1] = start[5, 1] = True
    W = 0.6 * torch.randn(H, I, generator=g, dtype=dtype)
    b = 0.2 * torch.randn(H, generator=g, dtype=dtype)
    eta, lam = torch.tensor(0.4, dtype=dtype), torch.tensor(0.9, dtype=dtype)
    weight_h = torch.randn(T, B, H, generator=g, dtype=dtype)
    weight_M = torch.randn(B, H, I, generator=g, dtype=dtype)
    return [x, M, start, W, b, eta, lam], weight_h, weight_M


def values_and_gradients(way, inputs, weight_h, weight_M):
    leaves = [tensor.requires_grad_() for tensor in inputs if tensor.dtype != torch.bool]
    h, M = way(*inputs)
    loss = (h * weight_h).sum() + (M * weight_M).sum()
    return [h, M, *torch.autograd.grad(loss, leaves)]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("compiled", [False, True], ids=["plain", "core"])
def test_values_and_gradients_are_those_of_a_loop_over_the_synapses(activation, compiled):
    inputs, weight_h, weight_M = draw()
    expected = values_and_gradients(
        lambda *tensors: loop(*tensors, activation), inputs, weight_h, weight_M
    )
    core = make_core("mpn", input_dim=I, hidden_dim=H, activation=activation).double()

    def way(x, M, start, W, b, eta, lam):
        if not compiled:
            return plasticity.unroll(x, M, start, W, b, eta, lam, Variant(activation=activation))
        layer = core.first
        del layer.W, layer.b, layer.eta, layer.lambda_raw
        layer.learn_lambda = False
        layer.W, layer.b, layer.eta, layer.lambda_raw = W, b, eta, lam
        return core.unroll(x, M, start)

    inputs, weight_h, weight_M = draw()
    found = values_and_gradients(way, inputs, weight_h, weight_M)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_two_steps_by_hand():
    x = torch.tensor([[[2.0, 0.0]], [[1.0, 3.0]]])
    W, b = torch.tensor([[0.5, -1.0]]), torch.tensor([0.25])
    eta, lam = torch.tensor(0.1), torch.tensor(0.5)
    h, M = plasticity.unroll(
        x,
        torch.zeros(1, 1, 2),
        torch.zeros(2, 1).bool(),
        W,
        b,
        eta,
        lam,
        Variant(activation="linear"),
    )
    # h1 = 0.25 + 0.5·2 = 1.25, M1 = 0.1·1.25·(2, 0) = (0.25, 0)
    # h2 = 0.25 + 0.5·1.25·1 − 1·1·3 = −2.125, M2 = (0.125 − 0.2125, −0.6375)
    torch.testing.assert_close(h.flatten(), torch.tensor([1.25, -2.125]))
    torch.testing.assert_close(M.flatten(), torch.tensor([-0.0875, -0.6375]))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("associative", [[3.0 * 2.0, 3.0 * 4.0], [5.0 * 2.0, 5.0 * 4.0]]),
        ("presynaptic", [[2.0 / math.sqrt(2), 4.0 / math.sqrt(2)]] * 2),
        ("postsynaptic", [[3.0 / math.sqrt(2)] * 2, [5.0 / math.sqrt(2)] * 2]),
    ],
)
def test_what_each_rule_adds_to_M(rule, expected):
    M, h, x = torch.ones(1, 2, 2), torch.tensor([[3.0, 5.0]]), torch.tensor([[2.0, 4.0]])
    eta, lam = torch.tensor(0.5), torch.tensor(0.25)
    found = plasticity.hebbian_update(M, h, x, eta, lam, Variant(hebbian_rule=rule))
    torch.testing.assert_close(found[0], 0.25 + 0.5 * torch.tensor(expected))


def test_the_bound_cuts_M_on_both_sides():
    M, x = torch.tensor([[[0.0], [0.0]]]), torch.tensor([[1.0]])
    h, one = torch.tensor([[3.0, -3.0]]), torch.tensor(1.0)
    found = plasticity.hebbian_update(M, h, x, one, one, Variant(M_bound=0.5))
    assert found.flatten().tolist() == [0.5, -0.5]


def test_additive_modulation_adds_M_to_W():
    x, M = torch.tensor([[2.0, 3.0]]), torch.tensor([[[0.5, -1.0]]])
    W = torch.tensor([[1.0, 10.0]])
    z = plasticity.preactivation(x, M, W, None, Variant(modulation="additive"))
    assert z.item() == 1.5 * 2.0 + 9.0 * 3.0
    z = plasticity.preactivation(x, M, W, None)
    assert z.item() == 1.5 * 2.0 + 0.0 * 3.0


@pytest.mark.parametrize("lambda_decay", [0.01, 0.5, 0.95, 0.989])
def test_a_learned_lambda_starts_where_told_and_keeps_its_gradient(lambda_decay):
    core = make_core("mpn", input_dim=I, hidden_dim=H, lambda_decay=lambda_decay)
    assert core.lambda_decay.item() == pytest.approx(lambda_decay, abs=1e-6)
    core.lambda_decay.backward()
    assert core.first.lambda_raw.grad.item() > 0


def test_a_learned_lambda_never_leaves_its_range():
    core = make_core("mpn", input_dim=I, hidden_dim=H, lambda_max=0.9, lambda_decay=0.5)
    for raw in (-50.0, 0.0, 50.0):
        core.first.lambda_raw.data.fill_(raw)
        assert 0.0 <= core.lambda_decay.item() <= 0.9 + 1e-7


def test_what_is_not_learned_is_fixed_at_its_value():
    core = make_core(
        "mpn",
        input_dim=I,
        hidden_dim=H,
        eta=-0.25,
        learn_eta=False,
        lambda_decay=1.0,
        learn_lambda=False,
    )
    assert core.eta.item() == -0.25
    assert core.lambda_decay.item() == 1.0
    trained = {name for name, p in core.named_parameters() if p.requires_grad}
    assert trained == {"layers.0.W", "layers.0.b"}


@pytest.mark.parametrize(
    ("name", "shape"), [("scalar", ()), ("pre", (I,)), ("post", (H, 1)), ("full", (H, I))]
)
def test_rates_have_the_shape_asked_for(name, shape):
    core = make_core(
        "mpn",
        input_dim=I,
        hidden_dim=H,
        eta=0.1,
        lambda_decay=0.95,
        eta_shape=name,
        lambda_shape=name,
    )
    assert core.eta.shape == core.lambda_decay.shape == shape


def test_W_starts_xavier_uniform_and_b_zero():
    generator = torch.Generator().manual_seed(0)
    core = make_core("mpn", input_dim=100, hidden_dim=300, generator=generator)
    edge = math.sqrt(6 / 400)
    assert core.W.abs().max().item() <= edge
    assert core.W.std().item() == pytest.approx(edge / math.sqrt(3), rel=0.02)
    assert not core.b.any()


def test_he_init_has_the_variance_two_over_input():
    generator = torch.Generator().manual_seed(0)
    core = make_core("mpn", input_dim=100, hidden_dim=300, generator=generator, W_init="he")
    assert core.W.std().item() == pytest.approx(math.sqrt(2 / 100), rel=0.02)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"activation": "gelu"}, "activation: 'gelu'"),
        ({"eta": math.inf}, "eta: inf"),
        ({"lambda_decay": 1.5, "learn_lambda": False}, "lambda_decay: 1.5"),
        ({"lambda_decay": 0.99}, "lambda_decay: 0.99"),
        ({"lambda_decay": 0.0}, "lambda_decay: 0.0"),
        ({"M_bound": 0.0}, "M_bound: 0.0"),
        ({"hebbian_rule": "oja"}, "hebbian_rule: 'oja'"),
        ({"modulation": "gated"}, "modulation: 'gated'"),
        ({"eta_shape": "row"}, "eta_shape: 'row'"),
        ({"W_init": "orthogonal"}, "W_init: 'orthogonal'"),
        ({"num_layers": 0}, "num_layers: 0"),
        ({"dropout": 0.1}, "dropout: the core 'mpn' has no such parameter"),
    ],
)
def test_what_cannot_be_is_refused_with_key_and_value(parameters, named):
    with pytest.raises(ConfigError) as caught:
        make_core("mpn", input_dim=I, hidden_dim=H, **parameters)
    assert named in str(caught.value)
