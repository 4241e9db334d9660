"""A compiled core over a sequence on the CPU as one torch operation, from what declares it.

Same equations, shapes and gradients as the core's plain loop in torch; results agree to about 1e-6
in float32 and to rounding in float64.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from mpn_rl.compiled.layer import Gradients, Passes, Sequence, Size, Vector, Weights
from mpn_rl.compiled.memory import empty, one_thread, scratch

Declared = Callable[[Any, Vector, Size], Passes]


def unroll(
    core: Declared,
    parameters: Any,
    weights: Mapping[str, Tensor],
    x: Tensor,
    state: Tensor,
    start: Tensor,
) -> tuple[Tensor, Tensor]:
    """Advance over x (time, batch, input), state (batch, hidden, columns), start (time, batch).

    `core` declares the compiled layer of these `parameters` and named `weights` (see
    `layer.Passes`) → h (time, batch, hidden), the state after the last step.
    """
    one_thread()
    given = (core, parameters, tuple(weights), x, state, start, *weights.values())
    if torch.is_grad_enabled() and any(t.requires_grad for t in (x, state, *weights.values())):
        h, last = _Unroll.apply(*given)
        return h, last
    done = _forward(*given)
    return torch.from_numpy(done.sequence.h), _outside(done.sequence.state, state)


class _Pass(NamedTuple):
    """What a forward pass leaves to a backward pass."""

    passes: Passes
    weights: Weights
    begins: list[int]
    sequence: Sequence


def _forward(
    core: Declared,
    parameters: Any,
    names: tuple[str, ...],
    x: Tensor,
    state: Tensor,
    start: Tensor,
    *weights: Tensor,
) -> _Pass:
    vector = Vector({n: w.detach().numpy() for n, w in zip(names, weights, strict=True)})
    steps, batch, inputs = x.shape
    hidden = state.shape[1]
    passes = core(parameters, vector, Size(inputs, hidden, steps * batch, batch, steps))
    inputs_array = _array(x)
    dtype = inputs_array.dtype
    theta = vector.laid_out(dtype)
    last = empty((batch, state[0].numel()), dtype)
    last[...] = _inside(state)
    h, kept = empty((steps, batch, hidden), dtype), empty((passes.kept,), dtype)
    sequence = Sequence(inputs_array, _array(start), last, h, kept)
    made = _Pass(
        passes, Weights(theta, np.array(passes.plan)), [*map(vector.begin, names)], sequence
    )
    passes.forward(made.weights, sequence)
    return made


class _Unroll(torch.autograd.Function):
    """The sequence with its hand-written backward pass."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> tuple[Tensor, Tensor]:
        done = ctx.done = _forward(*given)
        ctx.set_materialize_grads(False)
        x, state, start, *weights = given[3:]
        h = torch.from_numpy(done.sequence.h)
        # autograd watches these for changes made before the way back; the arrays are their memory
        ctx.save_for_backward(x, start, h, *weights)
        ctx.state = state
        return h, _outside(done.sequence.state.copy(), state)

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_h: Tensor | None, grad_last: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        _, _, _, *weights = ctx.saved_tensors
        passes, (theta, plan), begins, sequence = ctx.done
        grad_state = empty(sequence.state.shape, theta.dtype)
        grad_state[...] = 0.0 if grad_last is None else _inside(grad_last)
        gradient, grad_x = np.zeros_like(theta), empty(sequence.x.shape, theta.dtype)
        given = np.zeros_like(sequence.h) if grad_h is None else _array(grad_h)
        work = scratch("work", (max(1, passes.work),), theta.dtype)
        passes.backward(
            Weights(theta, plan),
            sequence,
            Gradients(gradient, given, grad_state, grad_x, work),
        )
        parts = [
            torch.from_numpy(gradient[begin : begin + weight.numel()]).view(weight.shape)
            for weight, begin in zip(weights, begins, strict=True)
        ]
        first = _outside(grad_state, ctx.state)
        return None, None, None, torch.from_numpy(grad_x), first, None, *parts


def _array(tensor: Tensor) -> np.ndarray:
    """Return the numbers of `tensor` in C order, without a copy where they lie so."""
    return np.ascontiguousarray(tensor.detach().numpy())


def _inside(state: Tensor) -> np.ndarray:
    """Return a state (batch, hidden, columns) as the kernels have it, a column after the other."""
    return state.detach().transpose(1, 2).reshape(len(state), -1).numpy()


def _outside(columns: np.ndarray, state: Tensor) -> Tensor:
    """As `_inside`, the other way round, in the shape of `state`."""
    batch, hidden, width = state.shape
    return torch.from_numpy(columns).view(batch, width, hidden).transpose(1, 2)
