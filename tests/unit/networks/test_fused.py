"""The compiled sequence of the MPN layer, against the plain equations."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.networks import fused, plasticity
from mpn_rl.networks.plasticity import PAPER
from mpn_rl.parameters.networks import Variant
from tests.fixtures.fused_sequences import ACTIVATIONS, draw, run


def agree(leaves, start, variant, g, tolerance):
    x, M = leaves[:2]
    h_shape = (*start.shape, M.shape[1])
    weights = [torch.randn(shape, generator=g, dtype=x.dtype) for shape in (h_shape, M.shape)]
    found, expected = (run(way, leaves, start, variant, weights) for way in (fused, plasticity))
    for one, other in zip(found, expected, strict=True):
        other = torch.zeros_like(one) if other is None else other
        scale = max(1.0, other.abs().max().item())
        assert (one - other).abs().max().item() <= tolerance * scale


shapes = st.tuples(
    st.integers(1, 12), st.integers(1, 5), st.integers(1, 20), st.integers(1, 40)
)  # time, batch, input, hidden


# the same examples every time: float32 may once in a while fall on the other side of relu's kink
@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 2**31), shapes, st.sampled_from(ACTIVATIONS))
def test_float32_agrees_with_the_equations(seed, shape, activation):
    """The truth is the equations in float64, with eta and lambda per synapse.

    The gradients of the one eta and the one lambda are sums of many terms of either sign, in which
    float32 may lose digits: their error is held against the sum of the terms' sizes.
    """
    leaves, start, g = draw(seed, *shape, torch.float32)
    M = leaves[1]
    weights = [torch.randn(size, generator=g) for size in ((*start.shape, M.shape[1]), M.shape)]
    found = run(fused, leaves, start, Variant(activation=activation), weights)
    exact = [leaf.double() for leaf in leaves]
    exact[4:] = [rate.expand(exact[2].shape) for rate in exact[4:]]
    truth = run(
        plasticity, exact, start, Variant(activation=activation), [w.double() for w in weights]
    )
    for one, other in zip(found[:6], truth[:6], strict=True):
        assert (one - other).abs().max() <= 1e-5 * max(1.0, other.abs().max())
    for one, other in zip(found[6:], truth[6:], strict=True):
        assert (one - other.sum()).abs() <= 1e-5 * max(1.0, other.abs().sum())


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), shapes, st.sampled_from(ACTIVATIONS))
def test_float64_agrees_with_the_equations(seed, shape, activation):
    leaves, start, g = draw(seed, *shape, torch.float64)
    agree(leaves, start, Variant(activation=activation), g, 1e-10)


def rate_shapes(input_dim, hidden_dim):
    return [(), (input_dim,), (hidden_dim, 1), (hidden_dim, input_dim)]


@settings(deadline=None, max_examples=120)
@given(
    st.integers(0, 2**31),
    shapes,
    st.builds(
        Variant,
        activation=st.sampled_from(ACTIVATIONS),
        hebbian_rule=st.sampled_from(["associative", "presynaptic", "postsynaptic"]),
        modulation=st.sampled_from(["multiplicative", "additive"]),
        M_bound=st.sampled_from([None, 0.15]),
    ),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_every_variant_agrees_with_the_equations(seed, shape, variant, eta, lam):
    choices = rate_shapes(*shape[2:])
    leaves, start, g = draw(seed, *shape, torch.float64, (choices[eta], choices[lam]))
    agree(leaves, start, variant, g, 1e-10)


@pytest.mark.parametrize("way", [fused, plasticity])
def test_two_units_with_rates_of_their_own_by_hand(way):
    numbers = {"dtype": torch.float64}
    x, W = torch.tensor([[[2.0]], [[1.0]]], **numbers), torch.tensor([[0.5], [-1.0]], **numbers)
    eta = torch.tensor([[0.1], [0.5]], **numbers).requires_grad_()
    lam = torch.tensor([[0.5], [0.2]], **numbers).requires_grad_()
    M, start = torch.zeros(1, 2, 1, **numbers), torch.zeros(2, 1, dtype=torch.bool)
    h, last = way.unroll(x, M, start, W, None, eta, lam, Variant(activation="linear"))
    # h1 = 2 W, M1 = η 2 h1 = (0.2, −2), h2 = W (1 + M1), M2 = λ M1 + η h2
    close = torch.testing.assert_close
    close(h[:, 0], torch.tensor([[1.0, -2.0], [0.6, 1.0]], **numbers))
    close(last[0, :, 0], torch.tensor([0.16, 0.1], **numbers))
    to_eta, to_lam = torch.autograd.grad(last.sum(), (eta, lam))
    # ∂M2/∂λ = M1, ∂M2/∂η = 2 λ h1 + h2 + η W 2 h1
    close(to_lam, torch.tensor([[0.2], [-2.0]], **numbers))
    close(to_eta, torch.tensor([[1.0 + 0.6 + 0.1], [-0.8 + 1.0 + 2.0]], **numbers))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_those_of_finite_differences(activation):
    (x, M, W, b, eta, lam), start, _ = draw(5, 5, 2, 3, 4, torch.float64)
    leaves = [leaf.requires_grad_() for leaf in (x, M, W, b, eta, lam)]

    def unroll(x, M, W, b, eta, lam):
        return fused.unroll(x, M, start, W, b, eta, lam, Variant(activation=activation))

    assert torch.autograd.gradcheck(unroll, leaves)


@pytest.mark.parametrize("outputs", ["h", "last"])
def test_gradients_of_one_output_alone(outputs):
    leaves, start, _ = draw(6, 4, 2, 3, 4, torch.float64)
    gradients = []
    for way in (fused, plasticity):
        x, M, W, b, eta, lam = (leaf.clone().requires_grad_() for leaf in leaves)
        h, last = way.unroll(x, M, start, W, b, eta, lam, PAPER)
        result = h if outputs == "h" else last
        gradients.append(torch.autograd.grad(result.square().sum(), (x, M, W, b, eta, lam)))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", [(), (3,), (4, 1), (4, 3)])
def test_a_learned_lambda_goes_through_the_kernels_raw(shape):
    (x, M, W, b, eta, _), start, g = draw(14, 5, 2, 3, 4, torch.float64)
    raw = torch.randn(shape, generator=g, dtype=torch.float64).requires_grad_()
    one = fused.unroll(x, M, start, W, b, eta, raw, PAPER, 0.9)
    two = plasticity.unroll(x, M, start, W, b, eta, 0.9 * torch.sigmoid(raw), PAPER)
    gradients = [torch.autograd.grad((h.sum() + last.sum()), raw)[0] for h, last in (one, two)]
    for found, expected in zip((*one, gradients[0]), (*two, gradients[1]), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)


def test_a_raw_lambda_far_out_is_no_overflow():
    (x, M, W, b, eta, _), start, _ = draw(15, 5, 2, 3, 4, torch.float32)
    for raw in (-1e4, 1e4):
        far = torch.tensor(raw, requires_grad=True)
        h, _ = fused.unroll(x, M, start, W, b, eta, far, PAPER, 0.9)
        assert torch.autograd.grad(h.sum(), far)[0].item() == 0.0


def tanh(z):
    """tanh as the kernel has it: the first h of a layer whose W is zero."""
    W, eta = torch.zeros(z.numel(), 1, dtype=z.dtype), torch.zeros((), dtype=z.dtype)
    x, M = torch.zeros(1, 1, 1, dtype=z.dtype), torch.zeros(1, z.numel(), 1, dtype=z.dtype)
    return fused.unroll(x, M, torch.ones(1, 1).bool(), W, z, eta, eta, PAPER)[0].flatten()


def test_float32_tanh_is_good_to_1e_6_everywhere():
    z = torch.cat([torch.linspace(-12, 12, 100_001), torch.tensor([1e-8, -1e-8, 1e8, -1e8])])
    error = (tanh(z).double() - torch.tanh(z.double())).abs()
    assert error.max().item() < 1e-6
    assert tanh(z).abs().max().item() < 1 + 1e-6


def test_float64_tanh_is_exact():
    z = torch.linspace(-12, 12, 1001, dtype=torch.float64)
    torch.testing.assert_close(tanh(z), torch.tanh(z), rtol=1e-15, atol=1e-15)
