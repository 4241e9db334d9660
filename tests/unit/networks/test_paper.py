"""The MPN layer where plasticity is strong, against the paper's equations written out once more.

Aitken & Mihalas, eLife 2023;12:e83035, in the sizes of its integration task, in float64: eta as
large as the paper's code draws it, inputs of length 3, so that M grows beyond its weights.
"""

from itertools import product

import pytest
import torch

from mpn_rl.networks import fused, plasticity
from mpn_rl.parameters.networks import Variant

T, BATCH, D, N = 20, 2, 50, 100
LAMBDA, LENGTH = 0.95, 3.0
# the paper's postsynaptic rule has no 1/√d in its code: there this layer's eta is √d as large
ETAS = {"associative": 2.2, "presynaptic": 6.6, "postsynaptic": 2.2 * D**0.5}
PHI = {
    "tanh": lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()),
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "relu": lambda z: z * (z > 0),
}


def equations(x, M, W, b, eta, decay, variant):
    """h_t = φ([(M_{t−1} + 1) ∘ W] x_t + b), additive φ([M_{t−1} + W] x_t + b), and M."""
    outputs = []
    for x_t in x:
        read = (M + 1) * W if variant.modulation == "multiplicative" else M + W
        h = PHI[variant.activation](torch.einsum("bij,bj->bi", read, x_t) + b)
        post = torch.ones_like(h) / N**0.5 if variant.hebbian_rule == "presynaptic" else h
        pre = torch.ones_like(x_t) / D**0.5 if variant.hebbian_rule == "postsynaptic" else x_t
        M = decay * M + eta * torch.einsum("bi,bj->bij", post, pre)
        if variant.M_bound is not None:
            M = M.clamp(-variant.M_bound, variant.M_bound)
        outputs.append(h)
    return torch.stack(outputs), M


def drawn(eta):
    """x, M = 0, W Xavier uniform, b, eta and λ; and the loss by h and M."""
    g = torch.Generator().manual_seed(7)
    numbers = {"generator": g, "dtype": torch.float64}
    x = torch.randn(T, BATCH, D, **numbers)
    x *= LENGTH / x.norm(dim=2, keepdim=True)
    W = (2 * torch.rand(N, D, **numbers) - 1) * (6 / (N + D)) ** 0.5
    b = 0.1 * torch.randn(N, **numbers)
    rates = [torch.tensor(rate, dtype=torch.float64) for rate in (eta, LAMBDA)]
    ends = torch.randn(T, BATCH, N, **numbers), torch.randn(BATCH, N, D, **numbers) / D
    return [x, torch.zeros(BATCH, N, D, dtype=torch.float64), W, b, *rates], ends


def values_and_gradients(way, variant, eta):
    leaves, ends = drawn(eta)
    leaves = [leaf.requires_grad_() for leaf in leaves]
    h, M = way(*leaves, variant)
    loss = (h * ends[0]).sum() + (M * ends[1]).sum()
    return [h, M, *torch.autograd.grad(loss, leaves)]


def through(module):
    def way(x, M, W, b, eta, decay, variant):
        start = torch.zeros(T, BATCH, dtype=torch.bool)
        start[0] = True  # M is 0 as it is
        return module.unroll(x, M, start, W, b, eta, decay, variant)

    return way


def agree(module, variant, eta):
    found = values_and_gradients(through(module), variant, eta)
    expected = values_and_gradients(equations, variant, eta)
    names = ("h", "M", "x", "first M", "W", "b", "eta", "lambda")
    for name, one, other in zip(names, found, expected, strict=True):
        if name == "first M":  # an episode begins: no gradient reaches what was before
            assert not one.any()
            continue
        error = (one - other).abs().max() / max(1.0, other.abs().max())
        assert error <= 1e-11, f"{name}: {error:.1e}"
    return expected[1]


@pytest.mark.parametrize("module", [fused, plasticity], ids=["compiled", "plain"])
@pytest.mark.parametrize(
    ("rule", "modulation"), list(product(ETAS, ("multiplicative", "additive")))
)
def test_the_layer_is_the_papers_at_large_eta(module, rule, modulation):
    variant = Variant(hebbian_rule=rule, modulation=modulation)
    # an additive M stands beside W, whose entries are 0.1, not beside 1
    eta = ETAS[rule] if modulation == "multiplicative" else ETAS[rule] / 2
    M = agree(module, variant, eta)
    assert M.abs().max() > 0.9


@pytest.mark.parametrize("module", [fused, plasticity], ids=["compiled", "plain"])
@pytest.mark.parametrize("bound", [1.0, 0.1])
@pytest.mark.parametrize("rule", ETAS)
def test_so_it_is_within_a_bound(module, rule, bound):
    M = agree(module, Variant(hebbian_rule=rule, M_bound=bound), ETAS[rule])
    assert M.abs().max() == bound


@pytest.mark.parametrize("module", [fused, plasticity], ids=["compiled", "plain"])
@pytest.mark.parametrize("activation", PHI)
def test_so_it_is_with_other_activations(module, activation):
    agree(module, Variant(activation=activation), 0.22 if activation == "relu" else 2.2)
