"""The recurrent cores over a whole sequence, resets inside, forward and backward (numba and BLAS).

What they share is here: a product of all inputs with W, one of each step's state with U, zeros
where an episode begins, and the same products backwards. A core (see `cells`) adds what
happens between the products at one step, entry by entry, forward and backward; nothing is looked up
at run time, since the shared loops are compiled into each core's own.

A core's functions have the form of `layer`. At plan[:4] begin W (gates, input), U (gates, hidden)
and their biases b and c, -1 where there are none; plan[4] is the activation's code. The state's
first part of `hidden` numbers is h.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import ONCE
from mpn_rl.compiled.parts import matrix, sum_rows


class Kernel(NamedTuple):
    """A core's functions; its gates, parts of its state, whether U h is kept by itself."""

    forward: Callable[..., None]
    backward: Callable[..., None]
    gates: int
    parts: int
    apart: bool

    def kept(self, rows: int, batch: int, hidden: int) -> int:
        """How many numbers the way back needs of `rows` rows, `batch` of them at a time."""
        outer = rows if self.apart else batch
        return hidden * (self.gates * (rows + outer) + self.parts * rows)

    def work(self, rows: int, hidden: int) -> int:
        """How many numbers the way back works in."""
        return hidden * self.gates * rows * (2 if self.apart else 1)


@njit(**ONCE)
def _views(kept: Any, shape: Any, gates: int, apart: int, parts: int) -> Any:
    """What is kept: W x, then the gates (time, batch, gates); U h, of the last step alone where it
    is not needed `apart`; the states that the steps read (parts, time, batch, hidden).
    """
    steps, batch, hidden = shape
    rows, width = steps * batch, gates * hidden
    one, two = rows * width, rows * width + (rows if apart else batch) * width
    return (
        kept[:one].reshape(steps, batch, width),
        kept[one:two].reshape(steps if apart else 1, batch, width),
        kept[two : two + parts * rows * hidden].reshape(parts, steps, batch, hidden),
    )


@njit(**ONCE)
def unroll(step: Any, gates: int, apart: int, weights: Any, sequence: Any) -> None:
    """Unroll; `step(kept, state, h, bias, t)` is the core's own.

    At step t it goes from what is kept, W x and U h without their bias (2, gates), to the next
    state and h, and keeps what `back` needs.
    """
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    steps, batch, inputs = x.shape
    hidden = h.shape[2]
    width, zero = gates * hidden, h.dtype.type(0)
    W, U = matrix(theta, plan[0], width, inputs), matrix(theta, plan[1], width, hidden)
    bias = np.zeros((2, width), h.dtype)
    if plan[2] >= 0:
        for i in range(width):
            bias[0, i], bias[1, i] = theta[plan[2] + i], theta[plan[3] + i]
    inner, outer, before = _views(kept, h.shape, gates, apart, state.shape[1] // hidden)
    np.dot(x.reshape(steps * batch, inputs), W.T, inner.reshape(steps * batch, width))
    for t in range(steps):
        for part in range(before.shape[0]):
            for n in range(batch):
                for i in range(hidden):
                    there = state[n, part * hidden + i]
                    before[part, t, n, i] = zero if start[t, n] else there
        np.dot(before[0, t], U.T, outer[apart * t])
        step((inner, outer, before, plan[4]), state, h, bias, t)


@njit(**ONCE)
def unroll_back(
    back: Any, gates: int, apart: int, weights: Any, sequence: Any, gradients: Any
) -> None:
    """Fill the gradients; `back(kept, h, grads, into, t)` is the core's own.

    grads are those of h, and of the state from after step t to before it but for U; into[0, t] gets
    the gradient of W x, into[1, t] that of U h where it is `apart`.
    """
    (theta, plan), (x, start, _, h, kept) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    steps, batch, inputs = x.shape
    hidden = h.shape[2]
    rows, width, zero = steps * batch, gates * hidden, h.dtype.type(0)
    W, U = matrix(theta, plan[0], width, inputs), matrix(theta, plan[1], width, hidden)
    inner, outer, before = _views(kept, h.shape, gates, apart, grad_state.shape[1] // hidden)
    into = work[: (1 + apart) * rows * width].reshape(1 + apart, steps, batch, width)
    carried = np.empty((batch, hidden), h.dtype)
    for t in range(steps - 1, -1, -1):
        back((inner, outer, before, plan[4]), h, (grad_h, grad_state), into, t)
        np.dot(into[apart, t], U, carried)
        for n in range(batch):
            for i in range(hidden):
                grad_state[n, i] += carried[n, i]
            for i in range(grad_state.shape[1]):
                grad_state[n, i] = zero if start[t, n] else grad_state[n, i]
    to_W, to_U = into[0].reshape(rows, width), into[apart].reshape(rows, width)
    np.dot(to_W, W, grad_x.reshape(rows, inputs))
    np.dot(to_W.T, x.reshape(rows, inputs), matrix(gradient, plan[0], width, inputs))
    np.dot(to_U.T, before[0].reshape(rows, hidden), matrix(gradient, plan[1], width, hidden))
    if plan[2] >= 0:
        sum_rows(to_W, gradient, plan[2])
        sum_rows(to_U, gradient, plan[3])
