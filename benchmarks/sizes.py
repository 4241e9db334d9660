"""Widths at which cores have equally many numbers of state, or equally many parameters.

`python -m benchmarks.sizes [state …]` prints a table of each; without numbers, of some that fit.
"""

import math
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from benchmarks.markdown import markdown
from mpn_rl.compiled.layer import Size, Vector
from mpn_rl.compiled.shapes import shapes, trained_numbers
from mpn_rl.observations import numbers
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.stages.altered import MEMORYLESS

OBSERVATION, ACTIONS = 4, 3  # of the trial tasks
STATES = (64, 256, 1024, 2048)
COMPARED = ("mpn", "delta", "rnn", "gru", "lstm")


class Sizes(NamedTuple):
    """How many numbers one environment's state has, and how many training adapts."""

    state: int
    parameters: int


def sizes(hp: Hyperparameters, observation: int = OBSERVATION, actions: int = ACTIONS) -> Sizes:
    """The sizes of the network of these hyper-parameters; no state where nothing reads it."""
    shaped = shapes(hp, numbers(observation), actions)
    weights = {name: np.empty(shape, np.float32) for name, shape in shaped.items()}
    width = observation if hp.encoder == "none" else hp.encoder_dim
    core = CORES[hp.core].load_compiled()
    state = core(hp, Vector(weights), Size(width, hp.hidden_dim, 1, 1, 1)).state
    return Sizes(0 if hp.core in MEMORYLESS else state, trained_numbers(hp, weights))


def width_for(hp: Hyperparameters, wanted: int, size: Callable[[Sizes], int]) -> Hyperparameters:
    """These hyper-parameters with the `hidden_dim` at which `size` is nearest to `wanted`.

    Sizes grow with the width; of two that are as near, the smaller width. A `key_dim` that is named
    stays half the width.
    """

    def at(width: int) -> Hyperparameters:
        keys = None if hp.key_dim is None else max(1, width // 2)
        return hp.model_copy(update={"hidden_dim": width, "key_dim": keys})

    low, high = 1, 2
    while size(sizes(at(high))) < wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        below = size(sizes(at(middle))) < wanted
        low, high = (middle, high) if below else (low, middle)
    return at(min((low, high), key=lambda each: abs(size(sizes(at(each))) - wanted)))


def square(state: int) -> Hyperparameters:
    """An mpn whose M has `state` numbers, as many hidden units as inputs or up to twice as many."""
    width = 2 ** math.ceil(math.log2(state) / 2)
    return Hyperparameters(core="mpn", hidden_dim=width, encoder_dim=state // width)


def rows(states: Iterable[int], of: str) -> list[tuple[str, ...]]:
    """A line for each of mpn's states and core, with the sizes at which `of` is equal.

    At equal state the keys of delta are as wide as the encoder, as mpn's synapses are.
    """
    found = []
    for state in states:
        mpn = square(state)
        wanted = getattr(sizes(mpn), of)
        for core in COMPARED:
            keys = 1 if core == "delta" and of == "parameters" else None
            start = mpn.model_copy(update={"core": core, "key_dim": keys})
            hp = width_for(start, wanted, lambda each: getattr(each, of))
            named = f"{core}, key_dim {hp.key_dim}" if hp.key_dim else core
            found.append(
                (str(state), named, *map(str, (hp.hidden_dim, hp.encoder_dim, *sizes(hp))))
            )
    return found


def table(states: Iterable[int], of: str) -> str:
    """The lines as a table in Markdown."""
    head = ("mpn's state", "core", "hidden_dim", "encoder_dim", "state", "parameters")
    return markdown([head, *rows(states, of)])


def main(arguments: list[str]) -> None:
    """Print both tables."""
    states = [int(text) for text in arguments] or STATES
    for of in Sizes._fields:
        print(f"\nEqual {of}:\n\n{table(states, of)}")


if __name__ == "__main__":
    main(sys.argv[1:])
