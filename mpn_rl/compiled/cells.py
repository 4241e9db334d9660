"""The recurrent cores' own part: one step between the products, forward and backward.

`recurrent` says what all arguments are; the equations stand at the cores' classes. Loops are
short: in one over more than a few arrays the compiler gives vector code up.
"""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import INSIDE, compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, Passes, Size, Vector
from mpn_rl.compiled.parts import activate, tanh, times_slope
from mpn_rl.compiled.recurrent import Kernel, unroll, unroll_back
from mpn_rl.parameters.hyperparameters import Hyperparameters


@njit(**INSIDE)
def _sigmoid(z: Any) -> Any:
    """σ(z)."""
    half = type(z)(0.5)
    return half * tanh(half * z) + half


@njit(**INSIDE)
def _rnn_step(kept: Any, state: Any, h: Any, bias: Any, t: int) -> None:
    """h = φ(W x + b + U h + c)."""
    inner, outer, _, activation = kept
    for n in range(h.shape[1]):
        for i in range(h.shape[2]):
            h[t, n, i] = inner[t, n, i] + bias[0, i] + outer[0, n, i] + bias[1, i]
        activate(h, t, n, activation)
        for i in range(h.shape[2]):
            state[n, i] = h[t, n, i]


@njit(**INSIDE)
def _rnn_back(kept: Any, h: Any, grads: Any, into: Any, t: int) -> None:
    """δ = ∂L/∂h ∘ φ′."""
    _, _, _, activation = kept
    grad_h, grad_state = grads
    delta = np.empty(h.shape[2], h.dtype)
    for n in range(h.shape[1]):
        for i in range(h.shape[2]):
            delta[i] = grad_h[t, n, i] + grad_state[n, i]
        times_slope(delta, h, t, n, activation)
        for i in range(h.shape[2]):
            into[0, t, n, i] = delta[i]
            grad_state[n, i] = h.dtype.type(0)


@njit(**INSIDE)
def _gru_step(kept: Any, state: Any, h: Any, bias: Any, t: int) -> None:
    """r, z, n, h; see `gru.GRU`. Kept are the gates, and U_n h + c_n."""
    inner, outer, before, _ = kept
    H = h.shape[2]
    for n in range(h.shape[1]):
        for i in range(2 * H):
            inner[t, n, i] = _sigmoid(inner[t, n, i] + bias[0, i] + outer[t, n, i] + bias[1, i])
        for i in range(H):
            outer[t, n, 2 * H + i] += bias[1, 2 * H + i]
        for i in range(H):
            inner[t, n, 2 * H + i] += bias[0, 2 * H + i] + inner[t, n, i] * outer[t, n, 2 * H + i]
        for i in range(H):
            inner[t, n, 2 * H + i] = tanh(inner[t, n, 2 * H + i])
        for i in range(H):
            new = inner[t, n, 2 * H + i]
            h[t, n, i] = new + inner[t, n, H + i] * (before[0, t, n, i] - new)
        for i in range(H):
            state[n, i] = h[t, n, i]


@njit(**INSIDE)
def _gru_back(kept: Any, h: Any, grads: Any, into: Any, t: int) -> None:
    """As `_gru_step`, backwards."""
    inner, outer, before, _ = kept
    grad_h, grad_state = grads
    H, unit = h.shape[2], h.dtype.type(1)
    for n in range(h.shape[1]):
        for i in range(H):
            grad = grad_h[t, n, i] + grad_state[n, i]
            z, new = inner[t, n, H + i], inner[t, n, 2 * H + i]
            into[0, t, n, H + i] = grad * (before[0, t, n, i] - new) * z * (unit - z)
            into[0, t, n, 2 * H + i] = grad * (unit - z) * (unit - new * new)
            grad_state[n, i] = grad * z
        for i in range(H):
            r, to_new = inner[t, n, i], into[0, t, n, 2 * H + i]
            into[0, t, n, i] = to_new * outer[t, n, 2 * H + i] * r * (unit - r)
            into[1, t, n, 2 * H + i] = to_new * r
        for i in range(2 * H):
            into[1, t, n, i] = into[0, t, n, i]


@njit(**INSIDE)
def _lstm_step(kept: Any, state: Any, h: Any, bias: Any, t: int) -> None:
    """i, f, g, o, c, h; see `lstm.LSTM`. Kept are the gates."""
    inner, outer, before, _ = kept
    H = h.shape[2]
    for n in range(h.shape[1]):
        for i in range(4 * H):
            inner[t, n, i] += bias[0, i] + outer[0, n, i] + bias[1, i]
        for i in range(2 * H):
            inner[t, n, i] = _sigmoid(inner[t, n, i])
        for i in range(H):
            inner[t, n, 2 * H + i] = tanh(inner[t, n, 2 * H + i])
        for i in range(H):
            inner[t, n, 3 * H + i] = _sigmoid(inner[t, n, 3 * H + i])
        for i in range(H):
            held = inner[t, n, H + i] * before[1, t, n, i]
            state[n, H + i] = held + inner[t, n, i] * inner[t, n, 2 * H + i]
        for i in range(H):
            h[t, n, i] = inner[t, n, 3 * H + i] * tanh(state[n, H + i])
        for i in range(H):
            state[n, i] = h[t, n, i]


@njit(**INSIDE)
def _lstm_back(kept: Any, h: Any, grads: Any, into: Any, t: int) -> None:
    """As `_lstm_step`, backwards; tanh c is computed again."""
    inner, _, before, _ = kept
    grad_h, grad_state = grads
    H, unit, zero = h.shape[2], h.dtype.type(1), h.dtype.type(0)
    shown = np.empty(H, h.dtype)
    for n in range(h.shape[1]):
        for i in range(H):
            cell = inner[t, n, H + i] * before[1, t, n, i] + inner[t, n, i] * inner[t, n, 2 * H + i]
            shown[i] = tanh(cell)
        for i in range(H):
            grad, out = grad_h[t, n, i] + grad_state[n, i], inner[t, n, 3 * H + i]
            grad_state[n, H + i] += grad * out * (unit - shown[i] * shown[i])
            into[0, t, n, 3 * H + i] = grad * shown[i] * out * (unit - out)
            grad_state[n, i] = zero
        for i in range(H):
            enter, new, to_cell = inner[t, n, i], inner[t, n, 2 * H + i], grad_state[n, H + i]
            into[0, t, n, i] = to_cell * new * enter * (unit - enter)
            into[0, t, n, 2 * H + i] = to_cell * enter * (unit - new * new)
        for i in range(H):
            keep, to_cell = inner[t, n, H + i], grad_state[n, H + i]
            into[0, t, n, H + i] = to_cell * before[1, t, n, i] * keep * (unit - keep)
            grad_state[n, H + i] = to_cell * keep


@compiled
def rnn_forward(weights: Any, sequence: Any) -> None:
    """The plain recurrent layer."""
    unroll(_rnn_step, 1, 0, weights, sequence)


@compiled
def rnn_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """The plain recurrent layer, backwards."""
    unroll_back(_rnn_back, 1, 0, weights, sequence, gradients)


@compiled
def gru_forward(weights: Any, sequence: Any) -> None:
    """The gated recurrent unit."""
    unroll(_gru_step, 3, 1, weights, sequence)


@compiled
def gru_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """The gated recurrent unit, backwards."""
    unroll_back(_gru_back, 3, 1, weights, sequence, gradients)


@compiled
def lstm_forward(weights: Any, sequence: Any) -> None:
    """Long short-term memory."""
    unroll(_lstm_step, 4, 0, weights, sequence)


@compiled
def lstm_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """Long short-term memory, backwards."""
    unroll_back(_lstm_back, 4, 0, weights, sequence, gradients)


KERNELS = {
    "rnn": Kernel(rnn_forward, rnn_backward, 1, 1, False),
    "gru": Kernel(gru_forward, gru_backward, 3, 1, True),
    "lstm": Kernel(lstm_forward, lstm_backward, 4, 2, False),
}


def core(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    kernel, layer = KERNELS[hp.core], f"core.{hp.core}"
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    plan = [vector.begin(f"{layer}.{name}") for name in names]
    return Passes(
        kernel.forward,
        kernel.backward,
        [*plan, ACTIVATION_CODES.index(hp.activation)],
        kernel.kept(size.rows, size.batch, size.hidden),
        kernel.work(size.rows, size.hidden),
        kernel.parts * size.hidden,
    )
