"""The memoryless layer over the last inputs (see `layer`), whose state is what waits to be added.

A frame's part of W (frame · hidden, input) gives what it adds to the step that it is that old in.
"""

from typing import Any

import numpy as np

from mpn_rl.compiled.compiling import compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, Passes, Size, Vector
from mpn_rl.compiled.parts import activate, matrix, sum_rows, times_slope
from mpn_rl.parameters.networks import FrameStackParameters


@compiled
def stack_forward(weights: Any, sequence: Any) -> None:
    """h = φ(b + W_0 x + s_1), s_j ← W_j x + s_{j+1}; plan: W, b, frames, activation."""
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    (steps, batch, inputs), hidden = x.shape, h.shape[2]
    rows, width, zero = steps * batch, plan[2] * hidden, h.dtype.type(0)
    added = kept[: rows * width].reshape(rows, width)
    np.dot(x.reshape(rows, inputs), matrix(theta, plan[0], width, inputs).T, added)
    for t in range(steps):
        for n in range(batch):
            r = t * batch + n
            if start[t, n]:
                for i in range(width - hidden):
                    state[n, i] = zero
            for i in range(hidden):
                h[t, n, i] = added[r, i] + state[n, i]
            if plan[1] >= 0:
                for i in range(hidden):
                    h[t, n, i] += theta[plan[1] + i]
            activate(h, t, n, plan[3])
            for i in range(width - hidden):
                later = state[n, i + hidden] if i + hidden < width - hidden else zero
                state[n, i] = added[r, i + hidden] + later


@compiled
def stack_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`stack_forward`, backwards."""
    (theta, plan), (x, start, _, h, _) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    (steps, batch, inputs), hidden = x.shape, h.shape[2]
    rows, width, zero = steps * batch, plan[2] * hidden, h.dtype.type(0)
    into, delta = work[: rows * width].reshape(rows, width), np.empty(hidden, h.dtype)
    for t in range(steps - 1, -1, -1):
        for n in range(batch):
            r = t * batch + n
            for i in range(hidden):
                delta[i] = grad_h[t, n, i]
            times_slope(delta, h, t, n, plan[3])
            for i in range(hidden):
                into[r, i] = delta[i]
            for i in range(width - hidden):
                into[r, hidden + i] = grad_state[n, i]
            for i in range(width - hidden):
                grad_state[n, i] = zero if start[t, n] else into[r, i]
    np.dot(into.T, x.reshape(rows, inputs), matrix(gradient, plan[0], width, inputs))
    np.dot(into, matrix(theta, plan[0], width, inputs), grad_x.reshape(rows, inputs))
    if plan[1] >= 0:
        sum_rows(into[:, :hidden], gradient, plan[1])


def core(hp: FrameStackParameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    plan = [vector.begin("core.W"), vector.begin("core.b"), hp.num_frames]
    plan.append(ACTIVATION_CODES.index(hp.activation))
    room, state = size.rows * hp.num_frames * size.hidden, (hp.num_frames - 1) * size.hidden
    return Passes(stack_forward, stack_backward, plan, room, room, state)
