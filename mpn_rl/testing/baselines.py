"""What a task states of agents that do not learn, beside what these reach when they play."""

import math

import numpy as np
from numpy.typing import NDArray

from mpn_rl.playing.baselines import MOST_STEPS, Remembering
from mpn_rl.playing.rollout import Agent, run_episodes
from mpn_rl.tasks.base import VectorTask

_EPISODES = 1_000
# So far beside what is stated an agent may be: a twentieth, and six standard errors of the mean.
_SLACK, _ERRORS = 0.05, 6.0


def check_baselines(task: VectorTask) -> None:
    """Raise AssertionError where random actions or the oracle are right as often as is not stated.

    Normalised scores stand on these. Looked at is a task that judges answers and states how many
    are right (`expected`); an oracle that is not written is not played.
    """
    longest = task.longest_episode
    if not task.has_answer or longest is None or longest * task.num_envs > MOST_STEPS:
        return
    generator = np.random.default_rng(4)
    agents: dict[str, Agent] = {
        "random": lambda _, seen: generator.integers(task.num_actions, size=len(seen))
    }
    if oracle := getattr(task, "oracle_action", None):
        agents["oracle"] = Remembering(oracle)
    for name, agent in agents.items():
        stated = task.expected(name)
        if stated is not None:
            _check_stated(name, stated[1], task, agent)


def _check_stated(name: str, stated: float, task: VectorTask, agent: Agent) -> None:
    def acts(time: int, observation: NDArray[np.floating]) -> NDArray[np.integer]:
        actions = np.asarray(agent(time, observation))
        assert actions.shape == (task.num_envs,), f"{name}_action gives {actions.shape} actions"
        beyond = actions[(actions < 0) | (actions >= task.num_actions)]
        assert not beyond.size, (
            f"{name}_action gives {beyond[0]}; actions are below {task.num_actions}"
        )
        return actions

    try:
        played = run_episodes(acts, task, _EPISODES, 0, most_steps=MOST_STEPS)
    except NotImplementedError:
        return
    reached = float(np.mean(played.correct))
    error = math.sqrt(max(stated * (1 - stated), 0.0) / len(played.correct))
    assert abs(reached - stated) <= _SLACK + _ERRORS * error, (
        f"{name} actions are right in {reached:.2f} of what is judged, and not in {stated:.2f} as "
        "the task states"
    )
