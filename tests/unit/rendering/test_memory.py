"""A long episode takes no more memory than a short one."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import resource, sys
import numpy as np
from mpn_rl.playing.episode import Episode
from mpn_rl.playing.scratch import Scratch
from mpn_rl.rendering import render_episode, write_gif

steps, path = int(sys.argv[1]), sys.argv[2]
rng = np.random.default_rng(0)
state, frames = Scratch(), Scratch(compressed=True)
for step in range(steps):
    state.append(rng.normal(size=(256, 128)).astype(np.float32))
    frames.append(np.full((400, 600, 3), step % 256, np.uint8))
numbers = rng.normal(size=(steps, 3))
episode = Episode(numbers, np.arange(steps) % 3, numbers[:, 0], numbers, np.zeros(steps, int),
                  ("episode",), state, frames)
with open(path, "wb") as file:
    write_gif(file, render_episode(episode), 30)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak(steps: int, path: str) -> float:
    """Megabytes that an animation of so many steps takes at most."""
    command = [sys.executable, "-c", PROGRAM, str(steps), path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    return float(done.stdout)


def test_memory_does_not_grow_with_the_episode(tmp_path):
    # 500 frames more are 346 MB, their M matrices 66 MB and their pictures 360 MB
    path = str(tmp_path / "a.gif")
    short, long = peak(100, path), peak(600, path)
    assert long - short < 30, (short, long)
