"""Train and evaluate in a loop; does memory grow? `python -m tests.learning.soak MINUTES`."""

import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.learning.dag import Pipeline

STAGES = ("train", "evaluate", "collect", "analyse", "render")


@dataclass(frozen=True)
class Soak:
    """Resident memory (MB) after each round, and when (seconds from the start)."""

    seconds: np.ndarray
    megabytes: np.ndarray

    @property
    def slope(self) -> float:
        """MB per round over the second half, by least squares: the first one warms caches up."""
        late = self.megabytes[len(self.megabytes) // 2 :]
        return float(np.polyfit(np.arange(len(late)), late, 1)[0])


def resident_megabytes() -> float:
    """Memory that this process has in RAM now, as Linux counts it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("this system does not tell resident memory")


def soak(minutes: float) -> Soak:
    """Run the stages of a tiny block, another seed's worth each round, for so long."""
    start, found = time.monotonic(), []
    for _ in _rounds(start + 60 * minutes):
        gc.collect()
        found.append((time.monotonic() - start, resident_megabytes()))
    seconds, megabytes = np.array(found).T
    return Soak(seconds, megabytes)


def _rounds(end: float) -> Iterator[None]:
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory() as folder:
            for stage, step in Pipeline.of(Path(folder) / "results", num_steps=2000).steps():
                if stage in STAGES:
                    step()
        yield


if __name__ == "__main__":
    result = soak(float(sys.argv[1]))
    print(
        f"{len(result.megabytes)} rounds, {result.megabytes[0]:.0f} MB after the first, "
        f"{result.megabytes[-1]:.0f} MB after the last, {result.slope:+.4f} MB per round"
    )
