"""What can be reached on a task without learning: at random, without memory, with perfect memory.

Scores of trained agents mean something between these. Where a task knows its best agents they play;
where it does not, only random actions do.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mpn_rl.artifacts.baselines import COLUMNS
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.task_ids import own_name
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task
from mpn_rl.tasks.rounds import rounds

Floats = NDArray[np.float64]
# Observations so far (t + 1, env, D) -> actions (env,).
Policy = Callable[[NDArray[Any]], NDArray[np.integer[Any]]]

EPISODES, ENVS = 10_000, 200  # of tasks that step in arrays: 0.50 ± 0.01 where one guesses
SLOW_EPISODES, SLOW_ENVS = 100, 10  # of environments that step one by one
MOST_STEPS = 10_000  # of all environments together: then an agent begins no more episodes

# Every step earns 1 until the pole falls, so that nobody earns more than the limit of steps. (The
# agents which the partial ones know reach it too, all but that of the noisy one.)
CARTPOLE_STEPS = {
    "CartPole-v0": 200,
    "CartPole-v1": 500,
    "PositionCartPole-v1": 500,
    "VelocityCartPole-v1": 500,
    "NoisyPositionCartPole-v1": 500,
}
# They show the whole state, so that the best there is needs no memory.
FULLY_SEEN = ("CartPole-v0", "CartPole-v1")


def baseline_table(hyperparameters: Hyperparameters, first_seed: int) -> pd.DataFrame:
    """Return agent, return, correct (means over episodes) and num_episodes.

    Agents are random, memoryless (the best that acts on the present observation) and oracle (the
    best that remembers all), as far as the task knows them, which see no previous action or reward.
    Episodes come from the evaluation stream of `first_seed`: EPISODES of a task that
    steps in arrays, else SLOW_EPISODES, and fewer of long ones. num_episodes 0: known without
    playing.
    """
    name = own_name(hyperparameters.task)
    in_arrays = name in TASKS and name not in CARTPOLE_STEPS
    most = EPISODES if in_arrays else SLOW_EPISODES
    seen = replace(hyperparameters, previous_action=False, previous_reward=False)
    task = build_task(seen, max(1, min(most, ENVS if in_arrays else SLOW_ENVS)))
    known = _known(name, hyperparameters.max_episode_steps)
    actions = np.random.default_rng(integer_seed(first_seed, "evaluation_task", index=1))
    rows = []
    for agent, policy in _policies(task, actions).items():
        if agent not in known:
            seed = integer_seed(first_seed, "evaluation_task")
            returns, correct = play(task, policy, most, seed)
            rows.append((agent, _mean(returns), _mean(correct), len(returns)))
    task.close()
    rows += [(agent, value, np.nan, 0) for agent, value in known.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def play(task: VectorTask, policy: Policy, num_episodes: int, seed: int) -> tuple[Floats, Floats]:
    """Return (returns, correct), each (episode,), of an agent that acts on all it has seen.

    correct is nan where the task has no answers. `seed` alone decides the `rounds` of episodes.
    After MOST_STEPS in all there are no further ones, and fewer episodes are returned; one that is
    longer by itself is cut there and counts as it stands, without an answer.
    """
    returns = np.zeros(num_episodes)
    correct = np.full(num_episodes, 0.0 if task.has_answer else np.nan)
    steps = 0
    for episode, observation, _ in rounds(task, num_episodes, seed):
        if steps >= MOST_STEPS:
            return returns[: episode[0]], correct[: episode[0]]
        running = episode >= 0
        history = np.empty((16, *observation.shape), observation.dtype)
        for time in range(MOST_STEPS):
            if time == len(history):
                history = np.concatenate([history, np.empty_like(history)])
            history[time] = observation
            action = policy(history[: time + 1])
            observation, reward, terminated, truncated, info = task.step(action)
            ended = terminated | truncated
            returns[episode[running]] += reward[running]
            judged = running & ended
            if "correct" in info:
                correct[episode[judged]] = info["correct"][judged]
            running = running & ~ended
            steps += 1
            if not running.any():
                break
            if ended.any():
                observation, _ = task.reset(options={"reset_mask": ended})
    return returns, correct


def _policies(task: VectorTask, generator: np.random.Generator) -> dict[str, Policy]:
    found: dict[str, Policy] = {
        "random": lambda seen: generator.integers(task.num_actions, size=(seen.shape[1],))
    }
    memoryless = getattr(task, "memoryless_action", None)
    if memoryless is not None:
        found["memoryless"] = lambda seen: memoryless(seen[-1])
    oracle = getattr(task, "oracle_action", None)
    return found if oracle is None else {**found, "oracle": oracle}


def _known(name: str, max_episode_steps: int | None) -> dict[str, float]:
    """Return agent → expected return where it needs no playing."""
    if name not in CARTPOLE_STEPS:
        return {}
    most = float(max_episode_steps or CARTPOLE_STEPS[name])
    return {"memoryless": most, "oracle": most} if name in FULLY_SEEN else {"oracle": most}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
