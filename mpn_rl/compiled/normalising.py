"""Layer normalisation of rows: gain (x - mean) / sqrt(variance + ε) + shift."""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import INSIDE

EPSILON = np.float32(1e-5)


@njit(**INSIDE)
def normalise(rows: Any, theta: Any, gain: int, shift: int, kept: Any) -> None:
    """Normalise each of the rows (rows, width) in place; `kept` gets what `normalise_back` needs.

    gain and shift (width) begin at these places of theta.
    """
    count, width = rows.shape
    z, scale = kept[count : count + count * width].reshape(count, width), kept[:count]
    size = rows.dtype.type(width)
    for r in range(count):
        mean = rows.dtype.type(0)
        for i in range(width):
            mean += rows[r, i]
        mean /= size
        variance = rows.dtype.type(0)
        for i in range(width):
            variance += (rows[r, i] - mean) * (rows[r, i] - mean)
        scale[r] = rows.dtype.type(1) / np.sqrt(variance / size + EPSILON)
        for i in range(width):
            z[r, i] = (rows[r, i] - mean) * scale[r]
            rows[r, i] = theta[gain + i] * z[r, i] + theta[shift + i]


@njit(**INSIDE)
def normalise_back(grads: Any, theta: Any, gradient: Any, gain: int, shift: int, kept: Any) -> None:
    """grads (rows, width) go from those of what was made to those of what was normalised."""
    count, width = grads.shape
    z, scale = kept[count : count + count * width].reshape(count, width), kept[:count]
    size = grads.dtype.type(width)
    for i in range(width):
        gradient[gain + i], gradient[shift + i] = 0, 0
    for r in range(count):
        mean, along = grads.dtype.type(0), grads.dtype.type(0)
        for i in range(width):
            grad = grads[r, i]
            gradient[gain + i] += grad * z[r, i]
            gradient[shift + i] += grad
            grads[r, i] = grad * theta[gain + i]
        for i in range(width):
            mean += grads[r, i]
            along += grads[r, i] * z[r, i]
        mean, along = mean / size, along / size
        for i in range(width):
            grads[r, i] = scale[r] * (grads[r, i] - mean - z[r, i] * along)
