"""The numbers of a torch generator, many at a time."""

import numpy as np
import torch

# torch's state: seed (8 bytes), left and seeded (4 each), next (8), then the 624 words, and more
_LEFT, _NEXT, _WORDS = slice(8, 12), slice(16, 24), slice(24, 24 + 624 * 8)


def raw_numbers(generator: torch.Generator, count: int) -> np.ndarray:
    """The next `count` 32-bit numbers (count,) of a generator on the CPU, which goes on by them.

    Both torch's and numpy's Mersenne twister are that of Matsumoto & Nishimura 1998.
    """
    state = generator.get_state().numpy().copy()
    left = int(state[_LEFT].view(np.int32)[0])
    twister = np.random.MT19937()
    words = state[_WORDS].view(np.uint64).astype(np.uint32)
    twister.state = {
        "bit_generator": "MT19937",
        "state": {"key": words, "pos": 625 - left},
    }
    numbers = twister.random_raw(count) if count else np.zeros(0, np.uint64)
    after = twister.state["state"]
    state[_WORDS].view(np.uint64)[:] = after["key"]
    state[_LEFT].view(np.int32)[0] = 625 - after["pos"]
    state[_NEXT].view(np.uint64)[0] = after["pos"]
    generator.set_state(torch.from_numpy(state))
    return numbers
