"""Every random draw of a seed comes from one of its named streams.

A seed's streams are children of one `numpy.random.SeedSequence`, told apart by a fixed spawn key,
so that a new stream changes none of the others and evaluation never sees what training saw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    import torch

# A stream's place in this list is its spawn key: new ones go to the end.
Stream = Literal[
    "weights",
    "exploration",
    "replay",
    "training_task",
    "validation_task",
    "evaluation_task",
    "collection_task",
    "render_task",
]


def integer_seed(seed: int, stream: Stream, index: int = 0) -> int:
    """A 63-bit integer for one stream of a seed, for interfaces that take integers.

    `index` tells members of a stream apart, such as the episodes that are rendered.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(get_args(Stream).index(stream), index))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def numpy_generator(seed: int, stream: Stream) -> np.random.Generator:
    """The numpy generator of one stream of a seed."""
    return np.random.Generator(np.random.PCG64(integer_seed(seed, stream)))


def torch_generator(seed: int, stream: Stream) -> torch.Generator:
    """The torch generator (on the CPU) of one stream of a seed."""
    import torch

    return torch.Generator().manual_seed(integer_seed(seed, stream))
