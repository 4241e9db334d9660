"""One greedy episode as an animation shows it."""

import logging
import traceback
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.errors import TaskError
from mpn_rl.playing.rollout import Greedy, Moment, run_episodes
from mpn_rl.playing.scratch import Scratch
from mpn_rl.tasks.base import VectorTask

log = logging.getLogger(__name__)

Floats = NDArray[np.floating]

CHANNELS = 256  # more could not be told apart
MATRIX_BYTES = 2 * 10**9  # on disk


@dataclass(frozen=True)
class Episode:
    """A greedy episode of T steps, entry t being the moment after the core saw observation t.

    observations (T, D); actions (T,), chosen there; rewards (T,), what they brought; q_values (T,
    A); phases (T,) indices into phase_names; state: T arrays (hidden, input) for M, or (hidden,)
    for the activity of other cores; frames: T pictures as the environment drew them, of whatever
    form, or None with the reason in `undrawn`; title: the run, the seed and the episode; channels
    (D,): which entries of the observation are kept, None for all; cut: it went on after step T;
    recurrent: the last columns of M, as many as hidden units, are of synapses between these.
    """

    observations: Floats
    actions: NDArray[np.integer]
    rewards: Floats
    q_values: Floats
    phases: NDArray[np.integer]
    phase_names: Sequence[str]
    state: Sequence[Floats]
    frames: Sequence[NDArray[Any]] | None = None
    title: str = ""
    channels: NDArray[np.integer] | None = None
    cut: bool = False
    undrawn: str = "it draws none"
    recurrent: bool = False


def record_episode(
    agent: Greedy,
    task: VectorTask,
    seed: int,
    *,
    plastic: bool,
    max_steps: int,
    title: str = "",
    recurrent: bool = False,
) -> Episode:
    """Play one greedy episode of `seed` on one environment; its state is M where `plastic`.

    After `max_steps` it is cut, and before where its M would take more than MATRIX_BYTES. M and the
    pictures are kept on disk.
    """
    camera = _Camera(task)
    steps = min(max_steps, max(1, MATRIX_BYTES // agent.state_bytes))
    columns: dict[str, list[Any]] = defaultdict(list)
    state = Scratch()
    channels = _channels(task.observation_dim)

    def drawn(time: int, observation: NDArray[Any]) -> NDArray[np.integer[Any]]:
        if time < steps:
            camera.take()
        return agent(time, observation)

    def watch(moment: Moment) -> None:
        if moment.time == steps:
            columns["further"].append(moment.time)
            return
        columns["observations"].append(moment.observation[0][channels])
        columns["actions"].append(moment.action[0])
        columns["rewards"].append(moment.reward[0])
        columns["phases"].append(moment.info["phase"][0])
        columns["q_values"].append(agent.q_values[0])
        state.append((agent.M if plastic else agent.h)[0])

    run_episodes(drawn, task, 1, seed, watch, most_steps=steps + 1)
    cut = bool(columns.pop("further", []))
    if cut:
        log.warning("the episode is shown up to step %d: %s", steps, _reason(steps, max_steps))
    return Episode(
        **{name: np.stack(values) for name, values in columns.items()},
        phase_names=task.phase_names,
        state=state,
        frames=None if camera.problem else camera.pictures,
        title=title,
        channels=None if len(channels) == task.observation_dim else channels,
        cut=cut,
        undrawn=camera.problem,
        recurrent=recurrent,
    )


def _reason(steps: int, max_steps: int) -> str:
    if steps == max_steps:
        return f"render.max_steps is {max_steps}"
    return f"its M matrices would take more than {MATRIX_BYTES / 1e9:g} GB"


def _channels(number: int) -> NDArray[np.int64]:
    """At most CHANNELS of `number` entries, evenly spaced."""
    if number <= CHANNELS:
        return np.arange(number)
    return np.linspace(0, number - 1, CHANNELS).astype(np.int64)


class _Camera:
    """The pictures of an environment, copied as they are drawn, until it fails to draw one."""

    def __init__(self, task: VectorTask) -> None:
        self._task, self.pictures, self.problem = task, Scratch(compressed=True), ""

    def take(self) -> None:
        if self.problem:
            return
        try:
            drawn = self._task.render()
            picture = None if drawn is None else drawn[0]
            # a copy: some environments draw into one canvas again and again
            copied = None if picture is None else np.array(picture)
        except InterruptedError:
            raise
        except Exception as error:  # of others' code: whatever it is, the episode goes on
            self.problem = f"its render ends in {_told(error)}"
            return
        if copied is None:
            self.problem = "it draws none" + (
                f" at step {len(self.pictures)}" if self.pictures else ""
            )
        elif copied.dtype.kind not in "buif":
            self.problem = f"its render gives {type(picture).__name__}, which is no picture"
        else:
            self.pictures.append(copied)


def _told(error: Exception) -> str:
    """An error in one line, with the place where it arose."""
    if isinstance(error, TaskError):  # which names the place
        return f"an error: {error}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"{said} ({Path(place.filename).name}, line {place.lineno})"
