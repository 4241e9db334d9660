"""What a layer of a network is to compiled functions: two functions and a plan.

    forward(weights, sequence)      backward(weights, sequence, gradients)

Encoder, core and read-out have this form, each of them called by address: what calls them is
compiled once, whichever they are. One step is a sequence of length one.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from mpn_rl.compiled.memory import empty

# in the order of the kernels' codes
ACTIVATION_CODES = ("tanh", "relu", "sigmoid", "linear")
RULE_CODES = ("associative", "presynaptic", "postsynaptic")


class Weights(NamedTuple):
    """theta (size,) holds those of all layers; the plan says where the layer's own begin.

    It is -1 where there is none; codes of the layer's variants stand behind.
    """

    theta: Any
    plan: Any


class Sequence(NamedTuple):
    """x (time, batch, input) to h (time, batch, width).

    Where start (time, batch) is true an episode begins. state (batch, size) goes from the one
    before the first step to the one after the last. kept (numbers,) is what the way back needs of
    the way there.
    """

    x: Any
    start: Any
    state: Any
    h: Any
    kept: Any


class Gradients(NamedTuple):
    """theta, laid out as the weights, and x are filled from those of h and of the last state.

    state goes from that of the last to that of the first one; work (numbers,) is scratch memory.
    """

    theta: Any
    h: Any
    state: Any
    x: Any
    work: Any


class Passes(NamedTuple):
    """A layer's two functions and its plan.

    kept and work are how many numbers a `Sequence` and its `Gradients` need there. Of the numbers
    of a batch element's state the last `beside` are none of a plastic core's M.
    """

    forward: Any
    backward: Any
    plan: list[int]
    kept: int
    work: int
    state: int = 0
    beside: int = 0


class Size(NamedTuple):
    """Widths, and the most rows, batch elements and steps that a layer sees at a time."""

    inputs: int
    hidden: int
    rows: int
    batch: int
    steps: int


class Vector:
    """Named weights in one vector, in their order; constants stand behind."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self._begin: dict[str, int] = {}
        self._parts: list[np.ndarray] = []
        self.size = 0
        for name, weight in weights.items():
            self._begin[name] = self._add(weight)

    def begin(self, name: str) -> int:
        """Where the weight begins; -1 where there is none of this name."""
        return self._begin.get(name, -1)

    def constant(self, value: float | None) -> int:
        """Where this number stands; -1 of None."""
        return -1 if value is None else self._add(np.array(value))

    def laid_out(self, dtype: Any = np.float32) -> np.ndarray:
        """The vector (size,)."""
        made = empty((self.size,), dtype)
        np.concatenate([part.ravel() for part in self._parts], out=made, casting="same_kind")
        return made

    def _add(self, part: np.ndarray) -> int:
        self._parts.append(part)
        self.size += part.size
        return self.size - part.size
