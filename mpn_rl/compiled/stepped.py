"""A step of environments that play in Python, taken into the rows from which PQN learns."""

from typing import Any, NamedTuple

from mpn_rl.compiled.compiling import compiled
from mpn_rl.compiled.pqn import POSITION, STEPS, end_episode, learn_when_full, store
from mpn_rl.compiled.tasks import TERMINATED, TRUNCATED


class Outcome(NamedTuple):
    """What a step of all environments gave; begun (env, entries) is seen after the resets."""

    seen: Any
    reward: Any
    terminated: Any
    truncated: Any
    begun: Any


@compiled
def take(
    rows: Any,
    running: Any,
    states: Any,
    outcome: Any,
    gamma: float,
    epsilon: float,
    c: Any,
    episodes: Any,
) -> None:
    """Store the step, end the episodes that are over, and begin what follows them.

    As `pqn.advance`, whose counters, list of episodes and arrays these are.
    """
    envs, entries = running.seen.shape
    c[STEPS] += envs
    for n in range(envs):
        ended = TRUNCATED if outcome.truncated[n] else 0
        if outcome.terminated[n]:
            ended = TERMINATED
        store(rows, running, n, running.action[n], outcome.reward[n], ended, gamma)
        for i in range(entries):
            running.seen[n, i] = outcome.seen[n, i]
        if ended:
            end_episode(rows, running, n, epsilon, c, episodes)
            for i in range(entries):
                running.seen[n, i] = outcome.begun[n, i]
            states.now[n] = 0
    c[POSITION] += 1


# As in `pqn.advance`, by itself.
learn_rollout = compiled(learn_when_full.py_func)
