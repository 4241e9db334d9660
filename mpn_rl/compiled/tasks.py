"""Tasks as the compiled loops play them: a reset and a step of one environment.

    reset(playing, n, begun)
    step(playing, n, action) -> (reward, ended, correct)
    show(playing, n, seen)

`begun` is the place in the bank of environment n's next episode. ended is 0, TERMINATED or
TRUNCATED; seen (N, D) gets what is seen then.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from mpn_rl.compiled.compiling import compiled_exactly

TERMINATED, TRUNCATED = 1, 2


class Functions(NamedTuple):
    """A task's three."""

    reset: Any
    step: Any
    show: Any


class Playing(NamedTuple):
    """The running episodes of N environments.

    A bank (start, …) and answers (start, …) hold the starts of episodes, drawn by the task's own
    generator in the order in which episodes begin. numbers (N, 4) float64 and counts (N, 4) are
    where episodes stand: [start, steps taken, right answers, judged answers]. sizes are [most steps
    of an episode, steps of a trial, judged steps of a trial].
    """

    numbers: Any
    counts: Any
    bank: Any
    answers: Any
    sizes: Any


# Gymnasium's CartPole-v1
GRAVITY, TOTAL_MASS, POLE_MASS, HALF_LENGTH, FORCE, SECONDS = 9.8, 1.1, 0.1, 0.5, 10.0, 0.02
FARTHEST, STEEPEST = 2.4, 12 * 2 * math.pi / 360
POLE_TIMES_LENGTH = POLE_MASS * HALF_LENGTH


@compiled_exactly
def cartpole_reset(playing: Any, n: int, begun: int) -> None:
    """Begin at the bank's state."""
    numbers, counts, bank = playing.numbers, playing.counts, playing.bank
    for k in range(4):
        numbers[n, k] = bank[begun, k]
        counts[n, k] = 0
    counts[n, 0] = begun


@compiled_exactly
def cartpole_step(playing: Any, n: int, action: int) -> tuple[float, int, float]:
    """Gymnasium's dynamics, operation by operation: Barto, Sutton & Anderson 1983."""
    numbers, counts, sizes = playing.numbers, playing.counts, playing.sizes
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
def cartpole_show(playing: Any, n: int, seen: Any) -> None:
    """The whole state."""
    for k in range(4):
        seen[n, k] = playing.numbers[n, k]


@compiled_exactly
def trial_reset(playing: Any, n: int, begun: int) -> None:
    """Begin the bank's trial."""
    counts = playing.counts
    for k in range(4):
        counts[n, k] = 0
    counts[n, 0] = begun


@compiled_exactly
def trial_step(playing: Any, n: int, action: int) -> tuple[float, int, float]:
    """Judge the action, as `TrialTask.step`."""
    counts, answers, sizes = playing.counts, playing.answers, playing.sizes
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
def trial_show(playing: Any, n: int, seen: Any) -> None:
    """What the trial shows at this step."""
    counts, bank, width = playing.counts, playing.bank, seen.shape[1]
    for k in range(width):
        seen[n, k] = bank[counts[n, 0], counts[n, 1] * width + k]
