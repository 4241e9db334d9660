"""Episodes of any agent on a task: the one loop in which agents play, recorded or not."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mpn_rl.interruption import check
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.making import tell
from mpn_rl.tasks.rounds import rounds

# (step of the episode, observations (env, observation_dim)) -> actions (env,); step 0 begins anew.
Agent = Callable[[int, NDArray[Any]], NDArray[np.integer[Any]]]


class Greedy(Protocol):
    """An agent that takes the best action, and knows of its last step what it held and chose by.

    x (env, input), what the core was given; h (env, hidden), what it put out; M after it (env,
    hidden, synapses) of a plastic core; q_values (env, action).
    state (env, hidden, numbers) is all that it holds, of each hidden unit its own: a row of M (and
    its h, where that is read again), an h, or an LSTM's h and c. All of it begins as zeros.
    """

    def __call__(self, time: int, observation: NDArray[Any]) -> NDArray[np.integer[Any]]:
        """Act; see `Agent`."""

    @property
    def state_bytes(self) -> int:
        """Of one environment's state."""

    @property
    def x(self) -> NDArray[np.float32]: ...
    @property
    def h(self) -> NDArray[np.float32]: ...
    @property
    def M(self) -> NDArray[np.float32]: ...
    @property
    def q_values(self) -> NDArray[np.float32]: ...
    @property
    def state(self) -> NDArray[np.float32]: ...

    def hold(self, state: NDArray[np.float32]) -> None:
        """Go on from this state (env, hidden, numbers) instead of its own."""


class Before(NamedTuple):
    """A step that is about to be taken: its time in the episodes, and what stands before it.

    episode (env,) is -1 where the environment idles; info is that of the observation.
    """

    time: int
    episode: NDArray[np.int64]
    info: dict[str, NDArray[Any]]


@dataclass(frozen=True)
class EpisodeScores:
    """Per episode: return (sum of rewards), length in steps, and correct (fraction of answers).

    Each array has shape (episode,). In an episode without an answer correct is 0; it is nan in a
    task that has no answers.
    """

    returns: NDArray[np.float64]
    lengths: NDArray[np.int64]
    correct: NDArray[np.float64]


@dataclass(frozen=True)
class Moment:
    """One step of every environment in lockstep.

    observation (env, observation_dim) and info belong to the moment before the action; action,
    reward (env,); episode (env,) is the episode's number, -1 where the environment idles.
    """

    time: int
    episode: NDArray[np.int64]
    observation: NDArray[np.floating[Any]]
    info: dict[str, NDArray[Any]]
    action: NDArray[np.integer[Any]]
    reward: NDArray[np.floating[Any]]


def run_episodes(
    agent: Agent,
    task: VectorTask,
    num_episodes: int,
    seed: int,
    watch: Callable[[Moment], None] | None = None,
    most_steps: float = math.inf,
    intervene: Callable[[Before], None] | None = None,
) -> EpisodeScores:
    """Play `num_episodes` episodes in `rounds`, which `seed` alone decides.

    After `most_steps` in all no further ones begin, and fewer are returned; one that is longer by
    itself is cut there and counts as it stands, without an answer. `intervene` is called before
    each step, and may change what the agent holds.
    """
    returns, lengths = np.zeros(num_episodes), np.zeros(num_episodes, np.int64)
    correct = np.full(num_episodes, 0.0 if task.has_answer else np.nan)
    steps = begun = 0
    for episode, observation, info in rounds(task, num_episodes, seed):
        if steps >= most_steps:
            break
        begun, time = int(episode.max()) + 1, 0
        while (running := episode >= 0).any() and time < most_steps:
            check()
            if intervene is not None:
                intervene(Before(time, episode, info))
            action = agent(time, observation)
            next_observation, reward, terminated, truncated, outcome = task.step(action)
            if watch is not None:
                watch(Moment(time, episode, observation, info, action, reward))
            returns[episode[running]] += reward[running]
            lengths[episode[running]] += 1
            ended = terminated | truncated
            judged = running & ended
            if "correct" in outcome:
                correct[episode[judged]] = outcome["correct"][judged]
            episode[ended] = -1
            observation, info = next_observation, outcome
            if ended.any() and (episode >= 0).any():
                observation, info = task.reset(options={"reset_mask": ended})
            time += 1
        steps += time
    tell_if_all_cut(task, lengths[:begun].tolist())
    return EpisodeScores(returns[:begun], lengths[:begun], correct[:begun])


def tell_if_all_cut(task: VectorTask, lengths: Sequence[int], of: str = "") -> None:
    """Say once if every one of these episodes was cut where nothing else limits them."""
    bound = task.episode_bound
    if bound is not None and lengths and min(lengths) >= bound:
        tell(
            f"all {len(lengths)} episodes{of} were cut at {bound:,} steps, because this task has "
            "no limit; their returns depend on this number (max_episode_steps sets it)",
            logging.WARNING,
        )
