"""Trials that are drawn whole, compiled; see `compiled.tasks`.

A start of the bank is what is seen at every step (T + 1, D), one behind the other, and its answers
(T + 1,), -1 where nothing is judged. constants: [T, J, D], steps and judged steps of a trial and
entries of an observation.
"""

from typing import Any

from mpn_rl.compiled.compiling import compiled_exactly
from mpn_rl.compiled.tasks import START, STEPS, TERMINATED, TRUNCATED, Functions, reset

RIGHT, JUDGED = 2, 3


@compiled_exactly
def step(playing: Any, n: int, action: int) -> tuple[float, int, float]:
    """Judge the action, as `TrialTask.step`."""
    counts, steps, judged_steps = playing.counts, playing.constants[0], playing.constants[1]
    answer = playing.answers[counts[n, START], counts[n, STEPS]]
    judged, right = answer >= 0, answer == action
    reward = 0.0
    if judged:
        reward = (1.0 if right else -1.0) / judged_steps
    counts[n, RIGHT] += right
    counts[n, JUDGED] += judged
    counts[n, STEPS] = min(counts[n, STEPS] + 1, int(steps))
    ended = 0
    if counts[n, STEPS] == steps:
        ended = TERMINATED
    elif counts[n, STEPS] >= playing.limit:
        ended = TRUNCATED
    return reward, ended, counts[n, RIGHT] / max(counts[n, JUDGED], 1)


@compiled_exactly
def show(playing: Any, n: int, seen: Any) -> None:
    """What the trial shows at this step."""
    width = int(playing.constants[2])
    first = playing.counts[n, STEPS] * width
    for k in range(width):
        seen[n, k] = playing.bank[playing.counts[n, START], first + k]


TRIALS = Functions(reset, step, show)
