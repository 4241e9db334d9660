"""One greedy episode as an animation shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.playing.activity import Recorder
from mpn_rl.playing.rollout import Greedy, run_episodes
from mpn_rl.tasks.base import VectorTask

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Episode:
    """A greedy episode of T steps, entry t being the moment after the core saw observation t.

    observations (T, D); actions (T,), chosen there; rewards (T,), what they brought; q_values (T,
    A); phases (T,) indices into phase_names; state (T, hidden, input) for M or (T, hidden) for
    the activity of other cores; frames: RGB uint8 arrays (height, width, 3), one per step, or
    None where the environment draws nothing; title: the run, the seed and the episode.
    """

    observations: Floats
    actions: NDArray[np.integer]
    rewards: Floats
    q_values: Floats
    phases: NDArray[np.integer]
    phase_names: Sequence[str]
    state: Floats
    frames: Sequence[NDArray[np.uint8]] | None = None
    title: str = ""


def record_episode(
    network: MPNDQN, task: VectorTask, seed: int, *, plastic: bool, title: str = ""
) -> Episode:
    """Play one greedy episode of `seed` on one environment; its state is M where `plastic`."""
    agent, pictures = Greedy(network), []

    def drawn(time: int, observation: NDArray[Any]) -> NDArray[np.integer[Any]]:
        pictures.append(task.render())
        return agent(time, observation)

    recorder = Recorder(agent, task, 1, plastic)
    run_episodes(drawn, task, 1, seed, recorder)
    columns = {name: np.stack(values) for name, values in recorder.steps[0].items()}
    return Episode(
        **{name: columns[name] for name in ("observations", "actions", "rewards", "phases")},
        q_values=columns["q_values"],
        phase_names=task.phase_names,
        state=columns["M" if plastic else "h"],
        frames=[picture[0] for picture in pictures if picture is not None] or None,
        title=title,
    )
