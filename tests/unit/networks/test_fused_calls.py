"""The compiled sequence of the MPN layer as others call it: bits, memory, machine code."""

import gc
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from mpn_rl.compiled import compiling
from mpn_rl.networks import fused, make_core, plasticity
from mpn_rl.networks.plasticity import PAPER
from mpn_rl.parameters.networks import Variant
from tests.fixtures.fused_sequences import ACTIVATIONS, draw, run


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


@pytest.mark.slow
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
