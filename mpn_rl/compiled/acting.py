"""A whole network in compiled functions: Q-values over a sequence, and an action in one step."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import ONCE, compiled
from mpn_rl.compiled.layer import Sequence, Weights


class Functions(NamedTuple):
    """Those of encoder, core and read-out, by address."""

    encode: Any
    core: Any
    read: Any


class Network(NamedTuple):
    """A network's forward functions, its weights (see `layer.Weights`) and room for rows.

    widths are those of what encoder, core and read-out put out, plans and kept each layer's own;
    x, h and q hold what the layers put out.
    """

    forward: Any
    theta: Any
    plans: Any
    widths: Any
    x: Any
    h: Any
    q: Any
    kept: Any


class Exploring(NamedTuple):
    """An action is `any_action` (batch,) where `chance` (batch,) is below epsilon."""

    epsilon: Any
    chance: Any
    any_action: Any


@njit(**ONCE)
def _shaped(numbers: Any, steps: int, batch: int, width: int) -> Any:
    """The first of `numbers`, as (time, batch, width)."""
    return numbers[: steps * batch * width].reshape(steps, batch, width)


@compiled
def unroll(network: Any, obs: Any, start: Any, state: Any) -> Any:
    """Sequences `layer.Sequence` of encoder, core and read-out over obs (time, batch, entries).

    The last one's h are the Q-values (time, batch, action); state goes on to the last one.
    """
    forward, theta, plans = network.forward, network.theta, network.plans
    steps, batch = start.shape
    x = _shaped(network.x, steps, batch, network.widths[0])
    h = _shaped(network.h, steps, batch, network.widths[1])
    q = _shaped(network.q, steps, batch, network.widths[2])
    encoded = Sequence(obs, start, state, x, network.kept[0])
    remembered = Sequence(x, start, state, h, network.kept[1])
    read = Sequence(h, start, state, q, network.kept[2])
    forward.encode(Weights(theta, plans[0]), encoded)
    forward.core(Weights(theta, plans[1]), remembered)
    forward.read(Weights(theta, plans[2]), read)
    return encoded, remembered, read


@njit(**ONCE)
def _best(q: Any, n: int) -> int:
    """The first of the actions with the largest Q-value."""
    best = 0
    for a in range(1, q.shape[2]):
        if q[0, n, a] > q[0, n, best]:
            best = a
    return best


@compiled
def think(
    unrolled: Any, network: Any, exploring: Any, seen: Any, start: Any, state: Any, action: Any
) -> None:
    """Fill action (batch,) for what is seen (batch, entries); the state goes on by the step.

    Where start (batch,) is true an episode begins. The network's x, h and q then begin with what
    its layers put out.
    """
    batch, entries = seen.shape
    obs, begins = seen.reshape(1, batch, entries), start.reshape(1, batch)
    _, _, read = unrolled(network, obs, begins, state)
    epsilon, chance, any_action = exploring
    for n in range(batch):
        action[n] = _best(read.h, n)
        if epsilon > 0 and chance[n] < np.float32(epsilon):
            action[n] = any_action[n]
