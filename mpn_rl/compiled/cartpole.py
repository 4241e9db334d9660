"""CartPole-v1 of Gymnasium and what is seen of it in part, compiled; see `compiled.tasks`.

A start of the bank is the state, and behind it the noise of every observation where there is noise.
"""

import math
from typing import Any

import numpy as np

from mpn_rl.compiled.compiling import compiled_exactly
from mpn_rl.compiled.tasks import START, STEPS, TERMINATED, TRUNCATED, Functions

STATE = 4
GRAVITY, TOTAL_MASS, POLE_MASS, HALF_LENGTH, FORCE, SECONDS = 9.8, 1.1, 0.1, 0.5, 10.0, 0.02
FARTHEST, STEEPEST = 2.4, 12 * 2 * math.pi / 360
POLE_TIMES_LENGTH = POLE_MASS * HALF_LENGTH


@compiled_exactly
def reset(playing: Any, n: int, begun: int) -> None:
    """Begin at the bank's state."""
    for k in range(STATE):
        playing.numbers[n, k] = playing.bank[begun, k]
    playing.counts[n, START], playing.counts[n, STEPS] = begun, 0


@compiled_exactly
def step(playing: Any, n: int, action: int) -> tuple[float, int, float]:
    """Gymnasium's dynamics, operation by operation: Barto, Sutton & Anderson 1983."""
    numbers, counts = playing.numbers, playing.counts
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
    counts[n, STEPS] += 1
    fallen = abs(x) > FARTHEST or abs(angle) > STEEPEST
    ended = TERMINATED if fallen else (TRUNCATED if counts[n, STEPS] >= playing.limit else 0)
    return 1.0, ended, np.nan


@compiled_exactly
def show(playing: Any, n: int, seen: Any) -> None:
    """The entries of the state that the constants name."""
    for k in range(playing.constants.size):
        seen[n, k] = playing.numbers[n, int(playing.constants[k])]


@compiled_exactly
def show_noisy(playing: Any, n: int, seen: Any) -> None:
    """Those entries with noise, within bounds: constants [entry …, lower …, upper …]."""
    shown = playing.constants.size // 3
    first = STATE + playing.counts[n, STEPS] * shown
    for k in range(shown):
        lower, upper = playing.constants[shown + k], playing.constants[2 * shown + k]
        exact = np.float32(playing.numbers[n, int(playing.constants[k])])
        noise = playing.bank[playing.counts[n, START], first + k]
        seen[n, k] = min(max(exact + noise, lower), upper)


CARTPOLE = Functions(reset, step, show)
NOISY_CARTPOLE = Functions(reset, step, show_noisy)
