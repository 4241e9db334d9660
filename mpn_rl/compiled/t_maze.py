"""TMaze-v0, compiled; see `compiled.tasks`.

The answer of a start is its sign. constants: [corridor_length, cost of a step].
"""

from typing import Any

from mpn_rl.compiled.compiling import compiled_exactly
from mpn_rl.compiled.tasks import START, STEPS, TERMINATED, TRUNCATED, Functions, reset

POSITION = 2
ENTRANCE, CORRIDOR, JUNCTION = range(3)
FORWARD, UP = 0, 1


@compiled_exactly
def step(playing: Any, n: int, action: int) -> tuple[float, int, float]:
    """Move, as `TMaze.step`."""
    counts, length, cost = playing.counts, playing.constants[0], playing.constants[1]
    turned = counts[n, POSITION] == length and action != FORWARD
    right = turned and action - UP == playing.answers[counts[n, START], 0]
    counts[n, POSITION] += action == FORWARD and counts[n, POSITION] < length
    counts[n, STEPS] += 1
    ended = TERMINATED if turned else (TRUNCATED if counts[n, STEPS] >= playing.limit else 0)
    reward = 2.0 * right - 1.0 if ended else 0.0
    return reward - cost, ended, 1.0 * right


@compiled_exactly
def show(playing: Any, n: int, seen: Any) -> None:
    """The sign at the entrance, and which place this is."""
    position, last = playing.counts[n, POSITION], playing.constants[0]
    seen[n, :5] = 0.0
    if position == 0:
        seen[n, playing.answers[playing.counts[n, START], 0]] = 1.0
    place = ENTRANCE if position == 0 else (JUNCTION if position == last else CORRIDOR)
    seen[n, 2 + place] = 1.0


T_MAZE = Functions(reset, step, show)
