"""The MPN layer over a sequence on the CPU: the compiled kernels as one torch operation.

Same equations, shapes and gradients as `plasticity.unroll`; results agree to about 1e-6 in float32
and to rounding in float64.
"""

import math
import threading
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from mpn_rl.networks.plasticity import HEBBIAN_RULES, PAPER, Variant

try:
    from mpn_rl.networks import kernels
except ImportError:  # numba is missing here: plasticity.unroll serves
    kernels = None  # type: ignore[assignment]

_ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")  # in the order of the kernels' codes
_DTYPES = (torch.float32, torch.float64)
_memory = threading.local()


def available(*tensors: Tensor | None) -> bool:
    """Return whether the kernels can serve: numba is here, all tensors on the CPU, of one type."""
    if kernels is None:
        return False
    given = [tensor for tensor in tensors if tensor is not None]
    dtype = given[0].dtype
    return dtype in _DTYPES and all(t.dtype == dtype and t.device.type == "cpu" for t in given)


def unroll(
    x: Tensor,
    M: Tensor,
    start: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    variant: Variant = PAPER,
) -> tuple[Tensor, Tensor]:
    """Advance over a sequence, as `plasticity.unroll`.

    x (time, batch, input), M (batch, hidden, input), start (time, batch), W (hidden, input),
    b (hidden) or None, eta and lambda_decay scalars or broadcast against (hidden, input)
    → h (time, batch, hidden), M after the last step, a view of memory that lies
    (batch, input, hidden): handed in again, it is read without a copy.
    """
    tensors = (x, M, W, b, eta, lambda_decay)
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors):
        h, last = _Unroll.apply(x, M, start, W, b, eta, lambda_decay, variant)
        return h, last
    return _forward(x, M, start, W, b, eta, lambda_decay, variant)


# From here on in numpy: at a small layer the dozen torch operations that these few views and
# conversions would be cost as much as the kernel.


def _forward(
    x: Tensor,
    M: Tensor,
    start: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    variant: Variant,
) -> tuple[Tensor, Tensor]:
    inputs = _array(x)
    last = _inside(M).copy()
    h = np.empty((*inputs.shape[:2], W.shape[0]), inputs.dtype)
    kernels.forward(
        inputs,
        _array(start),
        np.ascontiguousarray(W.detach().numpy().T),
        np.zeros(W.shape[0], inputs.dtype) if b is None else _array(b),
        *_rates(eta, lambda_decay, W),
        *_codes(variant, W.shape[1], W.shape[0], inputs.dtype),
        last,
        h,
    )
    return torch.from_numpy(h), torch.from_numpy(last.transpose(0, 2, 1))


class _Unroll(torch.autograd.Function):
    """The sequence with its hand-written backward pass."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> tuple[Tensor, Tensor]:
        h, last = _forward(*arguments)
        x, M, start, W, b, eta, lambda_decay, ctx.variant = arguments
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, M, start, W, eta, lambda_decay, h)
        return h, last

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_h: Tensor | None, grad_last: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        x, M, start, W, eta, lambda_decay, h = ctx.saved_tensors
        inputs = _array(x)
        hidden_dim, input_dim = W.shape
        weights = np.ascontiguousarray(W.detach().numpy().T)
        grad_M = _scratch("G", (M.shape[0], input_dim, hidden_dim), inputs.dtype)
        grad_M[:] = 0.0 if grad_last is None else _inside(grad_last)
        grad_x = np.empty_like(inputs)
        grad_W, grad_b = np.zeros_like(weights), np.zeros(hidden_dim, inputs.dtype)
        rates = _rates(eta, lambda_decay, W)
        grad_rates = [np.zeros_like(weights) if rate.ndim else None for rate in rates]
        sums = kernels.backward(
            np.zeros(h.shape, inputs.dtype) if grad_h is None else _array(grad_h),
            grad_M,
            inputs,
            _array(start),
            _array(h),
            np.ascontiguousarray(_inside(M)),
            weights,
            *rates,
            *_codes(ctx.variant, input_dim, hidden_dim, inputs.dtype),
            _scratch("M", (h.shape[0] + 1, input_dim, hidden_dim), inputs.dtype),
            np.empty(hidden_dim, inputs.dtype),
            grad_x,
            grad_W,
            grad_b,
            *grad_rates,
        )
        return (
            torch.from_numpy(grad_x),
            torch.from_numpy(grad_M.transpose(0, 2, 1).copy()) if ctx.needs_input_grad[1] else None,
            None,
            torch.from_numpy(grad_W.T),
            torch.from_numpy(grad_b) if ctx.needs_input_grad[4] else None,
            _rate_gradient(eta, sums[0], grad_rates[0]),
            _rate_gradient(lambda_decay, sums[1], grad_rates[1]),
            None,
        )


def _array(tensor: Tensor) -> np.ndarray:
    """Return the numbers of `tensor` in C order, without a copy where they lie so."""
    return np.ascontiguousarray(tensor.detach().numpy())


def _inside(M: Tensor) -> np.ndarray:
    """Return M (batch, hidden, input) as a view (batch, input, hidden)."""
    return M.detach().numpy().transpose(0, 2, 1)


def _rates(eta: Tensor, lambda_decay: Tensor, W: Tensor) -> tuple[Any, Any]:
    """Return eta and lambda as the kernels take them: both scalars, or both (input, hidden)."""
    rates = eta.detach().numpy(), lambda_decay.detach().numpy()
    if all(rate.ndim == 0 for rate in rates):
        return rates[0][()], rates[1][()]
    shape = tuple(W.shape)
    first, second = (np.ascontiguousarray(np.broadcast_to(rate, shape).T) for rate in rates)
    return first, second


def _rate_gradient(rate: Tensor, total: float, per_synapse: np.ndarray | None) -> Tensor:
    """Return the gradient of an eta or lambda in its own shape, summed where it is shared."""
    if per_synapse is None:
        return rate.new_tensor(total)
    return torch.from_numpy(per_synapse.T).sum_to_size(rate.shape)


@lru_cache(maxsize=64)
def _codes(variant: Variant, input_dim: int, hidden_dim: int, dtype: np.dtype) -> tuple:
    """Return (flat_pre, flat_post, activation, rule, additive, bound) as the kernels take them."""
    return (
        np.full((1, 1, input_dim), 1.0 / math.sqrt(input_dim), dtype),
        np.full((1, 1, hidden_dim), 1.0 / math.sqrt(hidden_dim), dtype),
        _ACTIVATIONS.index(variant.activation),
        HEBBIAN_RULES.index(variant.hebbian_rule),
        True if variant.modulation == "additive" else None,
        None if variant.M_bound is None else dtype.type(variant.M_bound),
    )


def _scratch(use: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return memory of this thread that the last call used too: fresh pages cost more than work."""
    size, name = math.prod(shape), f"{use} {dtype.name}"
    block: np.ndarray | None = getattr(_memory, name, None)
    if block is None or block.size < size:
        block = np.empty(size, dtype)
        setattr(_memory, name, block)
    return block[:size].reshape(shape)
