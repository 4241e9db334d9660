"""What every analysis keeps to."""

import tempfile
from collections.abc import Iterator
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mpn_rl.analysis.base import Analysis, Recorded, load_analysis, measured
from mpn_rl.artifacts.activity import Activity
from mpn_rl.canvas import new_figure
from mpn_rl.compiled.network import compiled_network
from mpn_rl.errors import UserError
from mpn_rl.networks.build import build_network
from mpn_rl.observations import ObservationForm, numbers
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.activity import record_activity
from mpn_rl.playing.memory import Memory, recording_envs
from mpn_rl.playing.thinking import Thinking
from mpn_rl.tasks.build import build_task

EPISODES = 6
# with modulations, with another memory, and without any
_CORES = ("mpn", "gru", "mpn-frozen")


def check_analysis(name: str, task: str = "DelayedMatch-v0", **parameters: Any) -> None:
    """Raise AssertionError, which says what is wrong, where an analysis breaks its interface.

    `name` is "module:Class", also with options ("module:Class(lags=3)"). What is checked, on tiny
    untrained agents with three cores (mpn, gru, and mpn-frozen, which has no memory) on a `task`
    with these `parameters`: that it runs; columns as it says, of numbers that are finite or that
    `unknown` names; the same rows whenever it is asked; what it is given left as it is; a figure;
    no file written to the current folder. Raises UserError where it cannot be made.
    """
    load_analysis(name)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for core in _CORES:
            hp = Hyperparameters(task=task, core=core, hidden_dim=6, encoder_dim=5, **parameters)
            given = [_Played(hp), _Played(hp)]
            tables = []
            for played in given:
                kept = played.recorded()
                # a new one each time: what it remembers must change nothing
                analysis = load_analysis(name)
                tables.append(_measured(analysis, kept, core))
                _check_left(kept, played.recorded(), core)
            again = _measured(analysis, given[0].recorded(), core)
            for other in (tables[1], again):
                same = tables[0].tobytes() == other.tobytes()
                assert same, f"gives other rows for the same recording of core {core}"
            _check_drawn(analysis, tables[0], core)
            left = sorted(path.name for path in Path(folder).iterdir())
            assert not left, f"writes files to the current folder: {', '.join(left)}"


class _Played:
    """An untrained agent with a core, and what it did in a few episodes."""

    def __init__(self, hp: Hyperparameters) -> None:
        self.hp = hp
        task = build_task(hp, recording_envs(EPISODES))
        self.form, self.actions = task.observation_form, task.num_actions
        network = build_network(hp, self.form, self.actions, torch.Generator().manual_seed(0))
        self.weights = {name: one.numpy() for name, one in network.state_dict().items()}
        agents = [(0, self.agent(task.num_envs))]
        self.activity = record_activity(agents, task, EPISODES, max_recorded_mb=8.0)
        task.close()

    def recorded(self) -> Recorded:
        """It, as an analysis is given it."""
        return Recorded.of(
            _copied(self.activity),
            0,
            hyperparameters=self.hp,
            weights={name: weight.copy() for name, weight in self.weights.items()},
            memory=self.memory,
            agent=self.agent,
            task=partial(build_task, self.hp),
        )

    def agent(self, num_envs: int) -> Thinking:
        return self._thinking(self.hp, self.form, self.weights, num_envs)

    def memory(self) -> Memory | None:
        """Its modulations, where it has some."""
        if not CORES[self.hp.core].plastic:
            return None
        envs = recording_envs(EPISODES)
        hp = self.hp.model_copy(update={"encoder": "none"})
        inner = {n: w for n, w in self.weights.items() if not n.startswith("encoder.")}
        core = self._thinking(hp, numbers(hp.encoder_dim), inner, envs)
        W = self.weights["core.layers.0.W"]
        return Memory(self.activity.x[0], self.activity.lengths[0], [core], envs, W)

    def _thinking(
        self, hp: Hyperparameters, form: ObservationForm, weights: Any, envs: int
    ) -> Thinking:
        made = compiled_network(hp, form, self.actions, weights, envs)
        return Thinking(made, made.thinking(), envs)


def _copied(activity: Activity) -> Activity:
    own: dict[str, Any]
    own = {n: a.copy() if isinstance(a, np.ndarray) else a for n, a in vars(activity).items()}
    own["variables"] = {name: values.copy() for name, values in activity.variables.items()}
    return Activity(**own)


def _measured(analysis: Analysis[Any], recorded: Recorded, core: str) -> np.ndarray[Any, Any]:
    """Its rows; AssertionError with the core where it has others than it says."""
    try:
        return measured(analysis, recorded)
    except UserError as error:
        raise AssertionError(f"{error} (core {core})") from error


def _arrays(recorded: Recorded) -> Iterator[tuple[str, Any]]:
    for name, value in vars(recorded).items():
        if isinstance(value, np.ndarray):
            yield name, value
        elif isinstance(value, dict):
            yield from ((f"{name}[{key!r}]", array) for key, array in value.items())


def _check_left(given: Recorded, fresh: Recorded, core: str) -> None:
    for (name, now), (_, before) in zip(_arrays(given), _arrays(fresh), strict=True):
        same = np.array_equal(now, before, equal_nan=before.dtype.kind == "f")
        assert same, f"changes {name} that it is given (core {core})"


def _check_drawn(analysis: Analysis[Any], table: Any, core: str) -> None:
    figure = new_figure(3.0, 2.0)
    ax = figure.add_subplot()
    analysis.draw(ax, table)
    drawn = ax.has_data() or ax.texts or ax.images
    assert drawn or not len(table), f"draw draws nothing (core {core})"
    figure.canvas.draw()
