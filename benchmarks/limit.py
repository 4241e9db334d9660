"""The limit of PQN on this machine: matrix products, MPN kernels and activations, nothing else.

For each core the steps per second that these alone would allow: six passes forward (acting,
targets, four epochs) and four back, each of which multiplies twice as much. Matrix products count
at the speed of a large one, which small ones do not reach; activations at that of the quickest of
numpy and torch; the MPN layer at that of a bare kernel.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numba import njit

FORWARD, BACK = 6, 4
OBSERVATION, ENCODER, HIDDEN, ACTIONS = 4, 32, 64, 2
STEPS, BATCH = 64, 4
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
ACTIVATIONS = {"mpn": 1, "rnn": 1, "gru": 3, "lstm": 5}  # of each hidden unit
SECONDS = 0.1
_FAST: dict[str, Any] = {"fastmath": {"reassoc", "contract", "arcp", "nsz"}, "error_model": "numpy"}


@njit(**_FAST)
def forward(x: Any, M: Any, W: Any, eta: Any, decay: Any, h: Any) -> None:
    """h = (W ∘ (M + 1)) x, M = λ M + η h xᵀ over x (time, batch, input), M (batch, input, hidden).

    The activation is left out: it is counted by itself.
    """
    steps, batch, inputs = x.shape
    hidden, one = h.shape[2], np.float32(1)
    for t in range(steps):
        for n in range(batch):
            h[t, n] = 0
            for j in range(inputs):
                for i in range(hidden):
                    h[t, n, i] += W[j, i] * (M[n, j, i] + one) * x[t, n, j]
            for j in range(inputs):
                scaled = eta * x[t, n, j]
                for i in range(hidden):
                    M[n, j, i] = decay * M[n, j, i] + scaled * h[t, n, i]


@njit(**_FAST)
def back(
    x: Any, h: Any, W: Any, rates: Any, grad_h: Any, kept: Any, G: Any, grad_x: Any, grad_W: Any
) -> None:
    """The way back of `forward`: M (kept, of one sequence) is computed again, then G = dL/dM."""
    steps, batch, inputs = x.shape
    (eta, decay), hidden, one = rates, h.shape[2], np.float32(1)
    delta = np.zeros(hidden, np.float32)
    for n in range(batch):
        kept[0], G[:] = 0, 0
        for t in range(steps):
            for j in range(inputs):
                scaled = eta * x[t, n, j]
                for i in range(hidden):
                    kept[t + 1, j, i] = decay * kept[t, j, i] + scaled * h[t, n, i]
        for t in range(steps - 1, -1, -1):
            delta[:] = 0
            for j in range(inputs):
                for i in range(hidden):
                    delta[i] += G[j, i] * x[t, n, j]
            for i in range(hidden):
                delta[i] = grad_h[t, n, i] + eta * delta[i]
            for j in range(inputs):
                to_x = np.float32(0)
                for i in range(hidden):
                    through = (kept[t, j, i] + one) * delta[i]
                    grad_W[j, i] += through * x[t, n, j]
                    to_x += W[j, i] * through + eta * G[j, i] * h[t, n, i]
                    G[j, i] = decay * G[j, i] + delta[i] * W[j, i] * x[t, n, j]
                grad_x[t, n, j] = to_x


def prepare() -> Callable[[], dict[str, float]]:
    """What measures the limit of every core."""
    torch.set_num_threads(1)
    _measure()
    return _measure


def _measure() -> dict[str, float]:
    product, activation, kernels = _product(), _activation(), _kernels()
    limits = {}
    for core, activations in ACTIVATIONS.items():
        around = OBSERVATION * ENCODER + HIDDEN * ACTIONS
        inside = GATES.get(core, 0) * HIDDEN * (ENCODER + HIDDEN)
        products = 2 * (FORWARD + 2 * BACK) * (around + inside) * product
        each = FORWARD * (ENCODER + activations * HIDDEN) * activation
        plastic = FORWARD * kernels[0] + BACK * kernels[1] if core == "mpn" else 0.0
        limits[core] = 1 / (products + each + plastic)
    figures = {"GFLOP/s": 1e-9 / product, "ns an activation": 1e9 * activation}
    return limits | figures | {"µs forward": 1e6 * kernels[0], "µs back": 1e6 * kernels[1]}


def _product() -> float:
    """Seconds of a floating-point operation in the quickest large matrix product."""
    random = np.random.default_rng(0)
    a, b = (random.random(s, np.float32) for s in ((1024, HIDDEN), (HIDDEN, 4 * HIDDEN)))
    c, d, out = torch.from_numpy(a), torch.from_numpy(b), np.empty((1024, 4 * HIDDEN), np.float32)
    made = torch.from_numpy(out)
    best = min(_seconds(lambda: np.dot(a, b, out=out)), _seconds(lambda: torch.mm(c, d, out=made)))
    return best / (2 * a.size * b.shape[1])


def _activation() -> float:
    """Seconds of a tanh in the quickest of numpy and torch."""
    numbers = np.random.default_rng(0).normal(size=4096).astype(np.float32)
    given, out = torch.from_numpy(numbers), np.empty_like(numbers)
    made = torch.from_numpy(out)
    ways = (lambda: np.tanh(numbers, out=out), lambda: torch.tanh(given, out=made))
    return min(map(_seconds, ways)) / numbers.size


def _kernels() -> tuple[float, float]:
    """Seconds of a row through the MPN layer, forward and back."""
    random = np.random.default_rng(0)
    x, h, G, M, kept, W, grad_x, grad_W, grad_h = (
        random.normal(size=shape).astype(np.float32)
        for shape in (
            (STEPS, BATCH, ENCODER),
            (STEPS, BATCH, HIDDEN),
            (ENCODER, HIDDEN),
            (BATCH, ENCODER, HIDDEN),
            (STEPS + 1, ENCODER, HIDDEN),
            (ENCODER, HIDDEN),
            (STEPS, BATCH, ENCODER),
            (ENCODER, HIDDEN),
            (STEPS, BATCH, HIDDEN),
        )
    )
    W *= np.float32(0.01)
    eta, decay = np.float32(0.001), np.float32(0.9)
    there = _seconds(lambda: forward(x, M, W, eta, decay, h))
    again = _seconds(lambda: back(x, h, W, (eta, decay), grad_h, kept, G, grad_x, grad_W))
    return there / (STEPS * BATCH), again / (STEPS * BATCH)


def _seconds(once: Callable[[], object]) -> float:
    """The shortest of five times, each of enough passes for the clock."""
    once()
    begin = time.process_time()
    once()
    passes = max(1, int(SECONDS / 5 / max(time.process_time() - begin, 1e-6)))
    taken = []
    for _ in range(5):
        begin = time.process_time()
        for _ in range(passes):
            once()
        taken.append((time.process_time() - begin) / passes)
    return min(taken)
