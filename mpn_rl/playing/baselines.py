"""What can be reached on a task without learning: at random, without memory, with perfect memory.

Scores of trained agents mean something between these. Where a task does not know what its agents
expect, they play; where it knows no such agents, only random actions do.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import Agent, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task

EPISODES, ENVS = 1_000, 10
MOST_STEPS = 10_000  # of all environments together: then an agent begins no more episodes


class Remembering:
    """An agent that acts on all it has seen: observations so far (t + 1, env, D) -> actions."""

    def __init__(self, policy: Callable[[NDArray[Any]], NDArray[np.integer[Any]]]) -> None:
        self.policy, self.seen = policy, list[NDArray[Any]]()

    def __call__(self, time: int, observation: NDArray[Any]) -> NDArray[np.integer[Any]]:
        """Act; see `Agent`."""
        self.seen[time:] = [observation]
        return self.policy(np.stack(self.seen))


def baseline_table(hyperparameters: Hyperparameters, first_seed: int) -> pd.DataFrame:
    """Return agent, return, correct (means over episodes) and num_episodes.

    Agents are random, memoryless (the best that acts on the present observation) and oracle (the
    best that remembers all), as far as the task knows them, which see no previous action or reward.
    Episodes come from the evaluation stream of `first_seed`, fewer of long ones. num_episodes 0:
    known without playing.
    """
    seen = hyperparameters.model_copy(update={"previous_action": False, "previous_reward": False})
    task = build_task(seen, ENVS)
    seed = integer_seed(first_seed, "evaluation_task")
    rows: list[tuple[str, float, float, int]] = []
    for name, agent in _agents(task, integer_seed(first_seed, "evaluation_task", index=1)).items():
        if (expected := task.expected(name)) is not None:
            rows.append((name, *expected, 0))
        elif agent is not None:
            played = run_episodes(agent, task, EPISODES, seed, most_steps=MOST_STEPS)
            means = pd.DataFrame({"return": played.returns, "correct": played.correct}).mean()
            rows.append((name, means["return"], means["correct"], len(played.returns)))
    task.close()
    return pd.DataFrame(rows, columns=["agent", "return", "correct", "num_episodes"])


def _agents(task: VectorTask, seed: int) -> dict[str, Agent | None]:
    """The agents by name, None where the task has no such one."""
    generator = np.random.default_rng(seed)
    memoryless = getattr(task, "memoryless_action", None)
    oracle = getattr(task, "oracle_action", None)
    return {
        "random": lambda _, seen: generator.integers(task.num_actions, size=len(seen)),
        "memoryless": memoryless and (lambda _, seen: memoryless(seen)),
        "oracle": oracle and Remembering(oracle),
    }
