"""The pieces of the kernels: what their types decide, and activations.

What would cost time in an innermost loop is told by type, and numba compiles a version for each:
eta and lambda are one per hidden unit (hidden) or one per synapse (input, hidden), a bound is None
or a number.
"""

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from mpn_rl.compiled.compiling import INSIDE

TANH, RELU, SIGMOID, LINEAR = range(4)
ASSOCIATIVE, PRESYNAPTIC, POSTSYNAPTIC = range(3)


def at(rate: Any, j: int, i: int) -> Any:
    """Return the rate of synapse (j, i)."""


@overload(at, strict=False)
def _at_of_type(rate: Any, j: Any, i: Any) -> Any:  # noqa: ARG001
    if rate.ndim == 2:
        return lambda rate, j, i: rate[j, i]
    return lambda rate, j, i: rate[i]  # noqa: ARG005


def of_unit(rate: Any, i: int) -> Any:
    """Return the factor that all synapses of unit i share: its rate, or 1 if each has its own."""


@overload(of_unit, strict=False)
def _of_unit_of_type(rate: Any, i: Any) -> Any:  # noqa: ARG001
    if rate.ndim == 2:
        return lambda rate, i: rate.dtype.type(1)  # noqa: ARG005
    return lambda rate, i: rate[i]


def own(rate: Any, j: int, i: int) -> Any:
    """Return the factor that is the synapse's own: 1 if those of a unit share a rate."""


@overload(own, strict=False)
def _own_of_type(rate: Any, j: Any, i: Any) -> Any:  # noqa: ARG001
    if rate.ndim == 2:
        return lambda rate, j, i: rate[j, i]
    return lambda rate, j, i: rate.dtype.type(1)  # noqa: ARG005


def collect(gradient: Any, j: int, i: int, value: Any) -> None:
    """Add what synapse (j, i) gives to the gradient of its rate."""


@overload(collect, strict=False)
def _collect_of_type(gradient: Any, j: Any, i: Any, value: Any) -> Any:  # noqa: ARG001
    def of_synapse(gradient: Any, j: int, i: int, value: Any) -> None:
        gradient[j, i] += value

    def of_unit(gradient: Any, j: int, i: int, value: Any) -> None:  # noqa: ARG001
        gradient[i] += value

    return of_synapse if gradient.ndim == 2 else of_unit


def collect_own(gradient: Any, j: int, i: int, value: Any) -> None:
    """As `collect`, of rates of synapses alone."""


@overload(collect_own, strict=False)
def _collect_own_of_type(gradient: Any, j: Any, i: Any, value: Any) -> Any:  # noqa: ARG001
    def nothing(gradient: Any, j: int, i: int, value: Any) -> None:
        pass

    def of_synapse(gradient: Any, j: int, i: int, value: Any) -> None:
        gradient[j, i] += value

    return of_synapse if gradient.ndim == 2 else nothing


def collect_of_unit(gradient: Any, i: int, value: Any) -> None:
    """Add what all synapses of unit i give to the gradient of its rate, of rates of units alone."""


@overload(collect_of_unit, strict=False)
def _collect_of_unit_of_type(gradient: Any, i: Any, value: Any) -> Any:  # noqa: ARG001
    def nothing(gradient: Any, i: int, value: Any) -> None:
        pass

    def of_unit(gradient: Any, i: int, value: Any) -> None:
        gradient[i] += value

    return nothing if gradient.ndim == 2 else of_unit


@njit(**INSIDE)
def within(value: Any, bound: Any) -> Any:
    """Return `value` within ±`bound`, NaN as it is; unlike min and max this becomes vector code."""
    value = bound if value > bound else value
    return -bound if value < -bound else value


def clip(value: Any, bound: Any) -> Any:
    """Return `value` within ±`bound`; None is no bound."""


@overload(clip, strict=False)
def _clip_of_type(value: Any, bound: Any) -> Any:  # noqa: ARG001
    if isinstance(bound, types.NoneType):
        return lambda value, bound: value  # noqa: ARG005
    return lambda value, bound: within(value, bound)


def cut(gradient: Any, value: Any, bound: Any, there: bool) -> Any:
    """Return the gradient of what was clipped to `value`: zero at the bound, if it is `there`."""


@overload(cut, strict=False)
def _cut_of_type(gradient: Any, value: Any, bound: Any, there: Any) -> Any:  # noqa: ARG001
    if isinstance(bound, types.NoneType):
        return lambda gradient, value, bound, there: gradient  # noqa: ARG005

    def zeroed(gradient: Any, value: Any, bound: Any, there: Any) -> Any:
        return gradient if not there or abs(value) < bound else type(gradient)(0)

    return zeroed


def tanh(z: Any) -> Any:
    """Return tanh z: exact in float64, in float32 x P(x²)/Q(x²) with an error below 4e-7."""


# The rational function of these degrees with the smallest greatest error on [−8, 8], beyond which
# float32 knows no tanh but ±1; found by reweighted least squares.
_P = tuple(
    np.float32(c)
    for c in (
        0.9999999699853815,
        0.13438193383283287,
        0.0035641588117785836,
        2.1773291261253214e-05,
        1.506187623310148e-08,
    )
)
_Q = tuple(
    np.float32(c)
    for c in (
        1.0,
        0.46771514160042893,
        0.026136025848118673,
        0.0003399183831085482,
        8.453688212840807e-07,
    )
)
_EDGE = np.float32(8.0)


@overload(tanh, strict=False)
def _tanh_of_type(z: Any) -> Any:
    if z != types.float32:
        return lambda z: math.tanh(z)

    def rational(z: Any) -> Any:
        x = within(z, _EDGE)
        u = x * x
        p = (((_P[4] * u + _P[3]) * u + _P[2]) * u + _P[1]) * u + _P[0]
        q = (((_Q[4] * u + _Q[3]) * u + _Q[2]) * u + _Q[1]) * u + _Q[0]
        return x * p / q

    return rational


@njit(**INSIDE)
def activate(z: Any, t: int, n: int, activation: int) -> None:
    """Replace z[t, n] by φ(z[t, n])."""
    zero, half, unit = z.dtype.type(0), z.dtype.type(0.5), z.dtype.type(1)
    hidden_dim = z.shape[2]
    if activation == TANH:
        for i in range(hidden_dim):
            z[t, n, i] = tanh(z[t, n, i])
    elif activation == RELU:
        for i in range(hidden_dim):
            z[t, n, i] = zero if z[t, n, i] < zero else z[t, n, i]
    elif activation == SIGMOID:
        for i in range(hidden_dim):
            z[t, n, i] = half * (tanh(half * z[t, n, i]) + unit)


@njit(**INSIDE)
def times_slope(delta: Any, h: Any, t: int, n: int, activation: int) -> None:
    """Multiply delta (hidden) by φ′, as a function of h = φ(z)."""
    zero, unit = h.dtype.type(0), h.dtype.type(1)
    hidden_dim = h.shape[2]
    if activation == TANH:
        for i in range(hidden_dim):
            delta[i] *= unit - h[t, n, i] * h[t, n, i]
    elif activation == RELU:
        for i in range(hidden_dim):
            delta[i] = delta[i] if h[t, n, i] > zero else zero
    elif activation == SIGMOID:
        for i in range(hidden_dim):
            delta[i] *= h[t, n, i] * (unit - h[t, n, i])


@njit(**INSIDE)
def matrix(theta: Any, begin: int, rows: int, columns: int) -> Any:
    """The matrix (rows, columns) that begins at theta[begin]."""
    return theta[begin : begin + rows * columns].reshape(rows, columns)


@njit(**INSIDE)
def fill(into: Any, given: Any) -> None:
    """Copy a matrix: the library's own way compiles for seconds, for its error messages."""
    for n in range(into.shape[0]):
        for i in range(into.shape[1]):
            into[n, i] = given[n, i]


@njit(**INSIDE)
def sum_rows(rows: Any, gradient: Any, begin: int) -> None:
    """gradient[begin:] = the sum of the rows."""
    for i in range(rows.shape[1]):
        gradient[begin + i] = rows.dtype.type(0)
    for r in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            gradient[begin + i] += rows[r, i]
