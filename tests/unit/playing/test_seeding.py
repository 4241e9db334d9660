"""Streams of a seed are fixed, and apart from each other."""

from itertools import product
from typing import get_args

import torch

from mpn_rl.playing.seeding import Stream, integer_seed, numpy_generator, torch_generator


def test_streams_and_seeds_never_meet() -> None:
    streams = get_args(Stream)
    drawn = {integer_seed(*key) for key in product(range(50), streams, range(3))}
    assert len(drawn) == 50 * len(streams) * 3


def test_a_stream_is_the_same_every_time() -> None:
    assert integer_seed(3, "weights") == integer_seed(3, "weights")
    first, second = (numpy_generator(3, "replay").random(4).tolist() for _ in range(2))
    assert first == second
    one, two = (torch.rand(4, generator=torch_generator(3, "exploration")) for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, torch.rand(4, generator=torch_generator(4, "exploration")))
