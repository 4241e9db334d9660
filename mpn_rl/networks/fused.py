"""The MPN layer over a sequence on the CPU: the compiled kernels as one torch operation.

Same equations, shapes and gradients as `plasticity.unroll`; results agree to about 1e-6 in float32
and to rounding in float64.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from mpn_rl.compiled.layer import ACTIVATION_CODES, RULE_CODES
from mpn_rl.compiled.memory import empty, scratch
from mpn_rl.networks.arrays import suited
from mpn_rl.networks.plasticity import PAPER
from mpn_rl.parameters.networks import Variant

try:
    from mpn_rl.compiled import plasticity, plasticity_back
except ImportError:  # numba is missing here: plasticity.unroll serves
    plasticity = None  # type: ignore[assignment]


def available(*tensors: Tensor | None) -> bool:
    """Return whether the kernels can serve: numba is here, and `suited` are the tensors."""
    return plasticity is not None and suited(*tensors)


def unroll(
    x: Tensor,
    M: Tensor,
    start: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    variant: Variant = PAPER,
    lambda_max: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Advance over a sequence, as `plasticity.unroll`.

    x (time, batch, input), M (batch, hidden, input), start (time, batch), W (hidden, input),
    b (hidden) or None, eta and lambda_decay scalars or broadcast against (hidden, input)
    → h (time, batch, hidden), M after the last step, a view of memory that lies
    (batch, input, hidden): handed in again, it is read without a copy. With `lambda_max`,
    `lambda_decay` is the raw parameter of a learned λ = lambda_max · sigmoid(raw).
    """
    given = (x, M, start, W, b, eta, lambda_decay, variant, lambda_max)
    if torch.is_grad_enabled() and any(isinstance(t, Tensor) and t.requires_grad for t in given):
        h, last = _Unroll.apply(*given)
        return h, last
    done = _forward(*given)
    return torch.from_numpy(done.h), torch.from_numpy(done.last.transpose(0, 2, 1))


# From here on in numpy: at a small layer the dozen torch operations that these few views and
# conversions would be cost as much as the kernel.


class _Pass(NamedTuple):
    """What a forward pass leaves to a backward pass; M and W lie (…, input, hidden)."""

    x: np.ndarray
    start: np.ndarray
    W: np.ndarray
    rates: tuple[Any, Any]
    codes: tuple[Any, Any]
    last: np.ndarray
    h: np.ndarray


def _forward(
    x: Tensor,
    M: Tensor,
    start: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    variant: Variant,
    lambda_max: float | None,
) -> _Pass:
    inputs = _array(x)
    hidden_dim, input_dim = W.shape
    done = _Pass(
        inputs,
        _array(start),
        _copy(W.detach().numpy().T),
        _rates(eta.detach().numpy(), _decay(lambda_decay, lambda_max), W),
        _codes(variant, input_dim, hidden_dim, inputs.dtype),
        _copy(_inside(M)),
        empty((inputs.shape[0], inputs.shape[1], hidden_dim), inputs.dtype),
    )
    bias = np.zeros(hidden_dim, inputs.dtype) if b is None else _array(b)
    plasticity.forward(
        inputs, done.start, done.W, bias, done.rates, *done.codes, done.last, done.h, None
    )
    return done


class _Unroll(torch.autograd.Function):
    """The sequence with its hand-written backward pass."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> tuple[Tensor, Tensor]:
        done = _forward(*arguments)
        x, M, start, _W, _b, eta, lambda_decay, _variant, ctx.lambda_max = arguments
        h, last = torch.from_numpy(done.h), torch.from_numpy(done.last.transpose(0, 2, 1))
        ctx.done = done
        ctx.set_materialize_grads(False)
        # autograd watches these for changes made before the way back; the arrays are their memory
        ctx.save_for_backward(x, M, start, eta, lambda_decay, h)
        return h, last

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_h: Tensor | None, grad_last: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        _x, M, _start, eta, lambda_decay, _h = ctx.saved_tensors
        done: _Pass = ctx.done
        dtype, hidden_dim = done.x.dtype, done.W.shape[1]
        grad_M = scratch("G", done.last.shape, dtype)
        grad_M[:] = 0.0 if grad_last is None else _inside(grad_last)
        grad_x, grad_W = np.empty_like(done.x), empty(done.W.shape, dtype)
        grad_W[:], grad_b = 0.0, np.zeros(hidden_dim, dtype)
        grad_rates = [np.zeros_like(rate) for rate in done.rates]
        plasticity_back.backward(
            np.zeros_like(done.h) if grad_h is None else _array(grad_h),
            grad_M,
            done.x,
            done.start,
            done.h,
            np.ascontiguousarray(_inside(M)),
            done.W,
            done.rates,
            *done.codes,
            scratch("M", (done.h.shape[0] + 1, *done.W.shape), dtype),
            np.empty(hidden_dim, dtype),
            (grad_x, grad_W, grad_b, *grad_rates),
            None,
        )
        return (
            torch.from_numpy(grad_x),
            torch.from_numpy(grad_M.transpose(0, 2, 1).copy()) if ctx.needs_input_grad[1] else None,
            None,
            torch.from_numpy(grad_W.T),
            torch.from_numpy(grad_b) if ctx.needs_input_grad[4] else None,
            _rate_gradient(eta, grad_rates[0]),
            _raw_gradient(
                lambda_decay, ctx.lambda_max, _rate_gradient(lambda_decay, grad_rates[1])
            ),
            None,
            None,
        )


def _array(tensor: Tensor) -> np.ndarray:
    """Return the numbers of `tensor` in C order, without a copy where they lie so."""
    return np.ascontiguousarray(tensor.detach().numpy())


def _inside(M: Tensor) -> np.ndarray:
    """Return M (batch, hidden, input) as a view (batch, input, hidden)."""
    return M.detach().numpy().transpose(0, 2, 1)


def _copy(array: np.ndarray) -> np.ndarray:
    copy = empty(array.shape, array.dtype)
    copy[...] = array
    return copy


def _decay(rate: Tensor, lambda_max: float | None) -> np.ndarray:
    """Return λ: `rate` itself, or lambda_max · sigmoid(rate)."""
    array = rate.detach().numpy()
    if lambda_max is None:
        return array
    return np.asarray(0.5 * lambda_max * (1.0 + np.tanh(0.5 * array)), array.dtype)


def _raw_gradient(rate: Tensor, lambda_max: float | None, gradient: Tensor) -> Tensor:
    """Return ∂L/∂rate from ∂L/∂λ, see `_decay`; dλ/draw = λ (1 − λ/lambda_max)."""
    if lambda_max is None:
        return gradient
    decay = _decay(rate, lambda_max)
    gradient.numpy()[...] *= decay * (1.0 - decay / lambda_max)
    return gradient


def _rates(eta: np.ndarray, lambda_decay: np.ndarray, W: Tensor) -> tuple[Any, Any]:
    """Return eta and lambda as the kernels take them: both (hidden), or both (input, hidden)."""
    hidden_dim, input_dim = W.shape
    shared = all(rate.shape in ((), (hidden_dim, 1)) for rate in (eta, lambda_decay))
    shape = (hidden_dim, 1 if shared else input_dim)
    first, second = (np.broadcast_to(rate, shape).T for rate in (eta, lambda_decay))
    if shared:
        first, second = first[0], second[0]
    return _copy(first), _copy(second)


def _rate_gradient(rate: Tensor, gradient: np.ndarray) -> Tensor:
    """Return the gradient of an eta or lambda in its own shape, summed where it is shared."""
    by_unit = gradient.T if gradient.ndim == 2 else gradient[:, None]
    return torch.from_numpy(by_unit).sum_to_size(rate.shape)


@lru_cache(maxsize=64)
def _codes(variant: Variant, input_dim: int, hidden_dim: int, dtype: np.dtype) -> tuple:
    """Return flat and codes as the kernels take them."""
    flat = tuple(
        np.full((1, 1, width), 1.0 / math.sqrt(width), dtype) for width in (input_dim, hidden_dim)
    )
    return flat, (
        ACTIVATION_CODES.index(variant.activation),
        RULE_CODES.index(variant.hebbian_rule),
        True if variant.modulation == "additive" else None,
        None if variant.M_bound is None else dtype.type(variant.M_bound),
    )
