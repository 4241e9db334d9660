"""Tasks as the compiled loops play them: a reset and a step of one environment, and what it shows.

    reset(playing, n, begun)
    step(playing, n, action) -> (reward, ended, correct)
    show(playing, n, seen)

`begun` is the place in the bank of environment n's next episode. ended is 0, TERMINATED or
TRUNCATED; correct is the fraction of right answers of an episode that has ended, nan in a task
without answers. seen (N, D) gets what is seen then, in its first entries.
"""

from typing import Any, NamedTuple

import numpy as np

from mpn_rl.compiled.compiling import compiled_exactly

TERMINATED, TRUNCATED = 1, 2
# columns of counts: which start of the bank, and the steps taken; the others are a task's own
START, STEPS = 0, 1


class Functions(NamedTuple):
    """A task's three."""

    reset: Any
    step: Any
    show: Any


class Playing(NamedTuple):
    """The running episodes of N environments.

    A bank (start, …) and answers (start, …) hold the starts of episodes, drawn by the task's own
    generator in the order in which episodes begin. numbers (N, 4) float64 and counts (N, 4) int64
    are where episodes stand. An episode is truncated after `limit` steps; constants (…) float64 are
    a task's own. previous says what `append_previous` puts behind the first entries that a task
    shows: their number, the number of actions or 0, and 1 for the reward or 0.
    """

    numbers: Any
    counts: Any
    bank: Any
    answers: Any
    limit: Any
    constants: Any
    previous: Any


@compiled_exactly
def reset(playing: Any, n: int, begun: int) -> None:
    """Begin at a start, with nothing done and nothing counted: what most tasks need."""
    for k in range(4):
        playing.numbers[n, k] = 0.0
        playing.counts[n, k] = 0
    playing.counts[n, START] = begun


@compiled_exactly
def append_previous(playing: Any, n: int, seen: Any, action: int, reward: float) -> None:
    """What was done (one-hot) and earned before, as `PreviousStep`; action -1: nothing yet."""
    entries, actions, with_reward = playing.previous
    for k in range(actions):
        seen[n, entries + k] = k == action
    if with_reward:
        seen[n, entries + actions] = np.float32(reward)
