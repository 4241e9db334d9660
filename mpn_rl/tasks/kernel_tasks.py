"""Tasks as the compiled loops play them: a reset and a step of one environment.

    reset(numbers, counts, n, begun)
    step(numbers, counts, n, bank, answers, sizes, action, seen) -> (reward, ended, correct)
    show(numbers, counts, n, bank, sizes, seen)

A bank (start, …) holds the starts of episodes, drawn by the task's own generator in the order in
which episodes begin; `begun` is the start of environment n's next one. numbers (N, 4) float64 and
counts (N, 4), [start, steps taken, right answers, judged answers], are where the running episodes
stand. sizes are [most steps of an episode, steps of a trial, judged steps of a trial]. ended is 0,
TERMINATED or TRUNCATED; `seen` (D,) gets what is seen then.
"""

import math

# ruff: noqa: ARG001 (every part takes the same arguments)
from typing import Any

import numpy as np

from mpn_rl.compiling import compiled_exactly

TERMINATED, TRUNCATED = 1, 2

# Gymnasium's CartPole-v1
GRAVITY, TOTAL_MASS, POLE_MASS, HALF_LENGTH, FORCE, SECONDS = 9.8, 1.1, 0.1, 0.5, 10.0, 0.02
FARTHEST, STEEPEST = 2.4, 12 * 2 * math.pi / 360
POLE_TIMES_LENGTH = POLE_MASS * HALF_LENGTH


@compiled_exactly
def cartpole_reset(numbers: Any, counts: Any, n: int, bank: Any, begun: int) -> None:
    """Begin at the bank's state."""
    for k in range(4):
        numbers[n, k] = bank[begun, k]
        counts[n, k] = 0
    counts[n, 0] = begun


@compiled_exactly
def cartpole_step(
    numbers: Any, counts: Any, n: int, bank: Any, answers: Any, sizes: Any, action: int
) -> tuple[float, int, float]:
    """Gymnasium's dynamics, operation by operation: Barto, Sutton & Anderson 1983."""
    x, speed, angle, turning = numbers[n, 0], numbers[n, 1], numbers[n, 2], numbers[n, 3]
    force = FORCE if action == 1 else -FORCE
    cosine, sine = math.cos(angle), math.sin(angle)
    push = (force + POLE_TIMES_LENGTH * (turning * turning) * sine) / TOTAL_MASS
    twist = (GRAVITY * sine - cosine * push) / (
        HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cosine * cosine) / TOTAL_MASS)
    )
    pull = push - POLE_TIMES_LENGTH * twist * cosine / TOTAL_MASS
    x, speed = x + SECONDS * speed, speed + SECONDS * pull
    angle, turning = angle + SECONDS * turning, turning + SECONDS * twist
    numbers[n, 0], numbers[n, 1], numbers[n, 2], numbers[n, 3] = x, speed, angle, turning
    counts[n, 1] += 1
    fallen = abs(x) > FARTHEST or abs(angle) > STEEPEST
    ended = TERMINATED if fallen else (TRUNCATED if counts[n, 1] >= sizes[0] else 0)
    return 1.0, ended, np.nan


@compiled_exactly
def cartpole_show(numbers: Any, counts: Any, n: int, bank: Any, sizes: Any, seen: Any) -> None:
    """The whole state."""
    for k in range(4):
        seen[n, k] = numbers[n, k]


@compiled_exactly
def trial_reset(numbers: Any, counts: Any, n: int, bank: Any, begun: int) -> None:
    """Begin the bank's trial."""
    for k in range(4):
        counts[n, k] = 0
    counts[n, 0] = begun


@compiled_exactly
def trial_step(
    numbers: Any, counts: Any, n: int, bank: Any, answers: Any, sizes: Any, action: int
) -> tuple[float, int, float]:
    """Judge the action, as `TrialTask.step`."""
    answer = answers[counts[n, 0], counts[n, 1]]
    judged, right = answer >= 0, answer == action
    reward = 0.0
    if judged:
        reward = (1.0 if right else -1.0) / sizes[2]
    counts[n, 2] += right
    counts[n, 3] += judged
    counts[n, 1] = min(counts[n, 1] + 1, sizes[1])
    ended = 0
    if counts[n, 1] == sizes[1]:
        ended = TERMINATED
    elif counts[n, 1] >= sizes[0]:
        ended = TRUNCATED
    return reward, ended, counts[n, 2] / max(counts[n, 3], 1)


@compiled_exactly
def trial_show(numbers: Any, counts: Any, n: int, bank: Any, sizes: Any, seen: Any) -> None:
    """What the trial shows at this step."""
    width = seen.shape[1]
    for k in range(width):
        seen[n, k] = bank[counts[n, 0], counts[n, 1] * width + k]
