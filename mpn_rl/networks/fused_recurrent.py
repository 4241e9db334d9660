"""The recurrent cores over a sequence on the CPU: compiled kernels as one torch operation.

Same equations, shapes and gradients as the plain loop of `recurrent`; results agree to about 1e-6
in float32 and to rounding in float64.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from mpn_rl.compiled import layer
from mpn_rl.compiled.memory import empty, one_thread, scratch

try:
    from mpn_rl.compiled import cells
except ImportError:  # numba is missing here: the plain loop serves
    cells = None  # type: ignore[assignment]


class Kernel(NamedTuple):
    """A core's compiled passes, and the code of its activation."""

    passes: Any
    activation: int


def find(name: str, activation: str = "tanh") -> Kernel | None:
    """The kernels of the core `name`; None where there is no numba."""
    if cells is None:
        return None
    one_thread()
    return Kernel(cells.KERNELS[name], layer.ACTIVATION_CODES.index(activation))


def unroll(
    kernel: Kernel, x: Tensor, state: Tensor, start: Tensor, weights: Sequence[Tensor | None]
) -> tuple[Tensor, Tensor]:
    """Advance over x (time, batch, input), state (batch, …), start (time, batch), as `recurrent`.

    weights are W, U and their biases, None where there are none.
    """
    if torch.is_grad_enabled() and any(
        t is not None and t.requires_grad for t in (x, state, *weights)
    ):
        h, last = _Unroll.apply(kernel, x, state, start, *weights)
        return h, last
    rows, hidden = start.numel(), state.shape[-1]
    kept = scratch("kept", (kernel.passes.kept(rows, start.shape[1], hidden),), _array(x).dtype)
    h, last = _forward(kernel, x, state, start, weights, kept)[-2:]
    return torch.from_numpy(h), torch.from_numpy(last).view_as(state)


def _forward(
    kernel: Kernel,
    x: Tensor,
    state: Tensor,
    start: Tensor,
    weights: Sequence[Tensor | None],
    kept: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Return theta, plan, x and start as arrays, h and the last state."""
    theta, plan = _laid_out(weights, kernel.activation)
    inputs, starts = _array(x), _array(start)
    last = empty((len(state), state[0].numel()), inputs.dtype)
    last[...] = state.detach().numpy().reshape(last.shape)
    h = empty((*start.shape, state.shape[-1]), inputs.dtype)
    sequence = layer.Sequence(inputs, starts, last, h, kept)
    kernel.passes.forward(layer.Weights(theta, plan), sequence)
    return theta, plan, inputs, starts, h, last


class _Unroll(torch.autograd.Function):
    """The sequence with its hand-written backward pass."""

    @staticmethod
    def forward(
        ctx: Any, kernel: Kernel, x: Tensor, state: Tensor, start: Tensor, *weights: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        rows, hidden = start.numel(), state.shape[-1]
        kept = empty((kernel.passes.kept(rows, start.shape[1], hidden),), x.detach().numpy().dtype)
        *given, h, last = _forward(kernel, x, state, start, weights, kept)
        ctx.kernel, ctx.given, ctx.kept, ctx.shapes = kernel, given, kept, weights
        ctx.state_shape = state.shape
        ctx.set_materialize_grads(False)
        outputs = torch.from_numpy(h)
        # autograd watches these for changes made before the way back; the arrays are their memory
        ctx.save_for_backward(x, start, outputs)
        return outputs, torch.from_numpy(last).view_as(state)

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_h: Tensor | None, grad_last: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        kernel: Kernel = ctx.kernel
        _x, start, outputs = ctx.saved_tensors
        theta, plan, inputs, starts = ctx.given
        h = outputs.numpy()
        width = kernel.passes.parts * h.shape[2]
        grad_state = empty((start.shape[1], width), h.dtype)
        grad_state[...] = 0.0 if grad_last is None else _array(grad_last).reshape(grad_state.shape)
        gradient, grad_x = empty(theta.shape, h.dtype), empty(inputs.shape, h.dtype)
        given = np.zeros_like(h) if grad_h is None else _array(grad_h)
        work = scratch("work", (kernel.passes.work(start.numel(), h.shape[2]),), h.dtype)
        kernel.passes.backward(
            layer.Weights(theta, plan),
            layer.Sequence(inputs, starts, grad_state, h, ctx.kept),
            layer.Gradients(gradient, given, grad_state, grad_x, work),
        )
        parts = [
            None
            if weight is None
            else torch.from_numpy(gradient[begin : begin + weight.numel()]).view(weight.shape)
            for weight, begin in zip(ctx.shapes, plan[:4], strict=True)
        ]
        first = torch.from_numpy(grad_state).view(ctx.state_shape)
        return None, torch.from_numpy(grad_x), first, None, *parts


def _laid_out(weights: Sequence[Tensor | None], activation: int) -> tuple[np.ndarray, np.ndarray]:
    """The weights in one vector, and the plan that says where each begins."""
    arrays = [None if weight is None else weight.detach().numpy() for weight in weights]
    plan, begin = np.full(5, activation), 0
    for k, array in enumerate(arrays):
        plan[k] = -1 if array is None else begin
        begin += 0 if array is None else array.size
    given = [array for array in arrays if array is not None]
    theta = empty((begin,), given[0].dtype)
    np.concatenate([array.ravel() for array in given], out=theta)
    return theta, plan


def _array(tensor: Tensor) -> np.ndarray:
    """Return the numbers of `tensor` in C order, without a copy where they lie so."""
    return np.ascontiguousarray(tensor.detach().numpy())
