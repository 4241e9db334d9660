"""The compiled sequence of the MPN layer, against the plain equations."""

import gc
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.compiled import compiling
from mpn_rl.networks import fused, make_core, plasticity
from mpn_rl.networks.plasticity import PAPER
from mpn_rl.parameters.networks import Variant

ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")


def draw(seed, steps, batch, input_dim, hidden_dim, dtype, rates=((), ())):
    """Leaves (x, M, W, b, eta, lambda) and starts of a sequence, of moderate size."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(steps, batch, input_dim, generator=g, dtype=dtype)
    M = 0.3 * torch.randn(batch, hidden_dim, input_dim, generator=g, dtype=dtype)
    W = torch.randn(hidden_dim, input_dim, generator=g, dtype=dtype) / input_dim**0.5
    b = 0.2 * torch.randn(hidden_dim, generator=g, dtype=dtype)
    eta = 0.1 + 0.1 * torch.rand(rates[0], generator=g, dtype=dtype)
    lam = 0.8 + 0.2 * torch.rand(rates[1], generator=g, dtype=dtype)
    start = torch.rand(steps, batch, generator=g) < 0.2
    return [x, M, W, b, eta, lam], start, g


def run(way, leaves, start, variant, weights):
    leaves = [leaf.clone().requires_grad_() for leaf in leaves]
    x, M, W, b, eta, lam = leaves
    h, last = way.unroll(x, M, start, W, b, eta, lam, variant)
    loss = (h * weights[0]).sum() + (last * weights[1]).sum()
    gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
    return [h, last, *gradients]


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


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_nan_is_never_hidden(activation):
    (x, M, W, b, eta, lam), _, _ = draw(0, 3, 1, 2, 20, torch.float32)
    x[1, 0, 0] = torch.nan
    start = torch.zeros(3, 1, dtype=torch.bool)
    h, last = fused.unroll(x, M, start, W, b, eta, lam, Variant(activation=activation))
    assert h[0].isfinite().all()
    assert h[1].isnan().all()
    assert last[:, :, 0].isnan().all()


def test_equal_calls_give_equal_bits():
    leaves, start, g = draw(1, 9, 4, 5, 33, torch.float32)
    weights = [torch.randn(9, 4, 33, generator=g), torch.randn(4, 33, 5, generator=g)]
    first, second = (run(fused, leaves, start, PAPER, weights) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)


def test_a_batch_element_does_not_depend_on_the_others():
    (x, M, W, b, eta, lam), start, g = draw(2, 9, 6, 5, 33, torch.float32)
    weight = torch.randn(9, 6, 33, generator=g)

    def outputs(k):
        inputs, state = x[:, k].clone().requires_grad_(), M[k].clone().requires_grad_()
        h, last = fused.unroll(inputs, state, start[:, k], W, b, eta, lam, PAPER)
        return [h, *torch.autograd.grad((h * weight[:, k]).sum(), (inputs,)), last]

    whole, part = outputs(slice(None)), outputs(slice(2, 4))
    for one, other, axis in zip(whole, part, (1, 1, 0), strict=True):
        assert torch.equal(one.narrow(axis, 2, 2), other)


def test_with_and_without_gradient_the_values_are_the_same_bits():
    (x, M, W, b, eta, lam), start, _ = draw(3, 9, 4, 5, 33, torch.float32)
    plain = fused.unroll(x, M, start, W, b, eta, lam, PAPER)
    W.requires_grad_()
    tracked = fused.unroll(x, M, start, W, b, eta, lam, PAPER)
    assert all(torch.equal(one, other) for one, other in zip(plain, tracked, strict=True))


def test_no_M_is_kept_but_the_first_and_the_last():
    (x, M, W, b, eta, lam), start, _ = draw(4, 50, 2, 30, 40, torch.float32)
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        h, _ = fused.unroll(x, M, start, W.requires_grad_(), b, eta, lam, PAPER)
    assert kept
    assert sum(t.numel() for t in kept) <= M.numel() + 2 * (h.numel() + x.numel())
    with torch.no_grad():
        h, last = fused.unroll(x, M, start, W, b, eta, lam, PAPER)
    assert h.grad_fn is None
    assert last.grad_fn is None


def test_passes_in_flight_do_not_share_their_results():
    first = draw(7, 6, 2, 3, 8, torch.float64)
    second = draw(8, 9, 4, 5, 16, torch.float64)

    def begin(leaves, start):
        leaves = [leaf.clone().requires_grad_() for leaf in leaves]
        x, M, W, b, eta, lam = leaves
        h, last = fused.unroll(x, M, start, W, b, eta, lam, PAPER)
        return h.square().sum() + last.square().sum(), leaves

    alone = [torch.autograd.grad(*begin(*case[:2])) for case in (first, second)]
    losses = [begin(*case[:2]) for case in (first, second)]
    together = [torch.autograd.grad(*loss) for loss in losses]
    for one, other in zip(alone, together, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_change_between_the_ways_there_and_back_is_noticed():
    (x, M, W, b, eta, lam), start, _ = draw(9, 3, 2, 3, 4, torch.float32)
    h, _ = fused.unroll(x, M, start, W.requires_grad_(), b, eta, lam, PAPER)
    x.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        h.sum().backward()


def test_nothing_given_is_changed_and_no_memory_is_shared():
    (x, M, W, b, eta, lam), start, _ = draw(10, 3, 2, 3, 4, torch.float32)
    given_to = [x, M, start, W, b, eta, lam]
    before = [tensor.clone() for tensor in given_to]
    h, last = fused.unroll(*given_to, PAPER)
    h.fill_(0.0)
    last.fill_(0.0)
    for tensor, copy in zip(given_to, before, strict=True):
        assert torch.equal(tensor, copy)


@pytest.mark.parametrize("layout", ["strided", "expanded"])
def test_any_layout_in_memory_will_do(layout):
    (x, M, W, b, eta, lam), start, _ = draw(11, 6, 2, 3, 4, torch.float32)
    if layout == "strided":
        other = [x.transpose(0, 2).contiguous().transpose(0, 2), M.transpose(1, 2).contiguous()]
        other[1] = other[1].transpose(1, 2)
    else:
        x, M = x[:, :1].repeat(1, 2, 1), M[:1].repeat(2, 1, 1)
        other = [x[:, :1].expand(6, 2, 3), M[:1].expand(2, 4, 3)]
    one = fused.unroll(x, M, start, W, b, eta, lam, PAPER)
    two = fused.unroll(*other, start, W, b, eta, lam, PAPER)
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


def test_without_numba_the_core_takes_the_plain_equations(monkeypatch):
    core = make_core("mpn", input_dim=3, hidden_dim=8, generator=torch.Generator().manual_seed(0))
    (x, M, *_), start, _ = draw(12, 5, 2, 3, 8, torch.float32)
    compiled = core.unroll(x, M, start)
    monkeypatch.setattr(fused, "plasticity", None)
    plain = core.unroll(x, M, start)
    for one, other in zip(compiled, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    monkeypatch.setattr(plasticity, "unroll", lambda *_: "plain")
    assert core.unroll(x, M, start) == "plain"


def test_other_number_types_take_the_plain_equations():
    half, single = torch.zeros(1, dtype=torch.bfloat16), torch.zeros(1)
    assert fused.available(single, single, None)
    assert not fused.available(half, half)
    assert not fused.available(single, single.double())
    assert not fused.available(single, torch.zeros(1, device="meta"))


def test_a_sequence_of_no_steps_leaves_M_as_it_is():
    (_, M, W, b, eta, lam), _, _ = draw(13, 1, 2, 3, 4, torch.float32)
    x, start = torch.zeros(0, 2, 3), torch.zeros(0, 2, dtype=torch.bool)
    h, last = fused.unroll(x, M, start, W, b, eta, lam, PAPER)
    assert h.shape == (0, 2, 4)
    assert torch.equal(last, M)


def test_machine_code_goes_to_the_first_folder_that_can_be_written(monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setattr(compiling, "_folders", lambda: iter([file / "below", tmp_path / "b"]))
    folder = compiling.cache_folder()
    assert folder is not None
    assert folder.parent == tmp_path / "b"
    monkeypatch.setattr(compiling, "_folders", lambda: iter([file / "below"]))
    assert compiling.cache_folder() is None


def test_without_a_folder_to_write_the_kernels_are_compiled_all_the_same(monkeypatch):
    monkeypatch.setattr(compiling, "_CACHE", None)

    def double(x):
        return 2.0 * x

    assert compiling.compiled(double)(4.0) == 8.0


def test_the_folder_named_by_the_environment_comes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compiling.cache_folder().parent == tmp_path


def test_scratch_memory_is_used_again():
    dtype = np.dtype(np.float32)
    gc.collect()
    first = fused.scratch("test", (4, 8), dtype)
    again = fused.scratch("test", (2, 8), dtype)
    assert np.shares_memory(first, again)
    assert first.ctypes.data % 64 == 0


GRADIENTS = """
import hashlib, torch
from mpn_rl.networks import make_core
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(0)
core = make_core("mpn", input_dim=8, hidden_dim=64, eta_shape="full", generator=generator)
x = torch.randn(12, 4, 8, generator=generator, requires_grad=True)
start = torch.zeros(12, 4, dtype=torch.bool)
start[0] = start[5, 1] = True
h, _ = core.unroll(x, core.init_state(4), start)
(h ** 2).sum().backward()
parts = [h.detach(), x.grad, *(p.grad for p in core.parameters() if p.grad is not None)]
print(hashlib.sha256(b"".join(part.numpy().tobytes() for part in parts)).hexdigest())
"""


def test_who_compiles_computes_the_bytes_of_who_loads(tmp_path):
    """Functions of their own inside a kernel gave 72 of 384 variants other last digits."""
    variables = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", GRADIENTS]
    first, second = (
        subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert any(tmp_path.rglob("*.nbc"))
    assert first.stdout == second.stdout
