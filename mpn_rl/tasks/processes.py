"""Environments in processes of their own, for tasks whose steps cost more than the network's.

Gymnasium's `AsyncVectorEnv` has a process for each environment, plays no episode again, and starts
processes that run the main program's file, which in a job of the workflow is the job itself.
"""

import hashlib
import signal
import subprocess
import sys
import traceback
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from mpn_rl.errors import TaskError, UserError
from mpn_rl.observations import ObservationForm
from mpn_rl.tasks.base import Bools, Floats, Info, Ints, State, VectorTask
from mpn_rl.tasks.breakage import is_own
from mpn_rl.tasks.gymnasium_task import GymnasiumTask
from mpn_rl.workers import Worker, end_with_parent

# Environments that take longer to close than this are cut off.
GRACE_SECONDS = 3.0

Make = Callable[..., GymnasiumTask]


class TaskInProcesses(VectorTask):
    """N environments of a task that others wrote, in processes that step beside each other.

    Each process has a whole task with its share of the environments. The seeds of episodes are
    drawn here, in the order of one process, and where the episodes stand is kept here too: what is
    seen, and the state that is saved, are the same whatever the number of processes.
    """

    saved = GymnasiumTask.saved

    def __init__(self, one: GymnasiumTask, make: Make, num_envs: int, processes: int) -> None:
        """`one` environment says what the task is; `make` (num_envs) makes a share, elsewhere.

        Raises what is raised there.
        """
        self._workers: list[_Stepping] = []
        self._end = weakref.finalize(self, _end, self._workers, one)
        space = one.single_observation_space
        assert isinstance(space, spaces.Box)
        super().__init__(num_envs, space, one.num_actions)
        self._one = one
        self.phase_names, self.variable_names = one.phase_names, one.variable_names
        self.has_answer, self.episode_bound = one.has_answer, one.episode_bound
        self._shares = np.array_split(np.arange(num_envs), min(processes, num_envs))
        self._observations = np.zeros((num_envs, self.observation_dim), self.observation_form.dtype)
        self._seeds = np.full(num_envs, -1, np.int64)
        self._actions: list[list[int]] = [[] for _ in range(num_envs)]
        self._workers += [_Stepping(one.env_id) for _ in self._shares]
        sizes = ((len(share),) for share in self._shares)
        for modules in self._ask(partial(make, layout=one.layout), sizes):
            _check_unchanged(one.env_id, modules)

    @property
    def observation_form(self) -> ObservationForm:
        """The task's."""
        return self._one.observation_form

    @property
    def longest_episode(self) -> int | None:
        """The task's."""
        return self._one.longest_episode

    def expected(self, agent: str) -> tuple[float, float] | None:
        """The task's."""
        return self._one.expected(agent)

    def _start_episodes(self, mask: Bools) -> tuple[Floats, Info]:
        started = np.flatnonzero(mask).tolist()
        seeds = {n: int(self.np_random.integers(2**31)) for n in started}
        asked = [{i: seeds[n] for i, n in enumerate(s) if n in seeds} for s in self._shares]
        observations, infos = self._ask("start", ((seeds,) for seeds in asked))
        for n, seed in seeds.items():
            self._seeds[n], self._actions[n] = seed, []
        self._observations = np.concatenate(observations)
        return self._observations.copy(), _joined(infos)

    def step(self, actions: Ints) -> tuple[Floats, Floats, Bools, Bools, Info]:
        """Step every environment; actions (N,)."""
        actions = np.asarray(actions)
        *arrays, infos = self._ask("step", ((actions[share],) for share in self._shares))
        self._observations, reward, terminated, truncated = map(np.concatenate, arrays)
        for taken, action in zip(self._actions, actions.tolist(), strict=True):
            taken.append(action)
        return self._observations.copy(), reward, terminated, truncated, _joined(infos)

    def set_state(self, state: State) -> None:
        """Play the running episodes again, as `GymnasiumTask.set_state` does."""
        super().set_state(state)
        self._ask("set_state", (({**state, **self._kept_of(share)},) for share in self._shares))

    def _kept_of(self, share: Ints) -> State:
        return {
            "seeds": self._seeds[share],
            "actions": [self._actions[n] for n in share],
            "observations": self._observations[share],
        }

    def _ask(self, what: str | Make, values: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Have each process do its part; the results of all, one tuple for each value of a result.

        Raises the error of the first environment that met one.
        """
        for worker, given in zip(self._workers, values, strict=True):
            worker.send(what, given)
        outcomes = [worker.receive() for worker in self._workers]
        for _, error in outcomes:
            if error is not None:
                raise error
        return [*zip(*(result for result, _ in outcomes if result is not None), strict=True)]

    def close_extras(self, **_: Any) -> None:
        """End the processes."""
        self._end()


class _Stepping(Worker):
    """A process that works on a share, as it is seen from here."""

    def __init__(self, name: str) -> None:
        super().__init__(work)
        self._name = name

    def send(self, what: str | Make, values: tuple[Any, ...]) -> None:
        with suppress(OSError):  # told when nothing is received
            self.connection.send((what, values))

    def receive(self) -> tuple[Any, Exception | None]:
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return None, TaskError(
                f"task {self._name!r}: a process of its environments ended ({self.how_it_ended()})"
            )


# What the files of modules held when they were first loaded in a process of environments.
_HELD: dict[str, str] = {}


def _check_unchanged(task: str, modules: Sequence[dict[str, str]]) -> None:
    """A later seed's processes load the modules again, and what was edited is another task."""
    for path, digest in (item for held in modules for item in held.items()):
        if _HELD.setdefault(path, digest) != digest:
            raise TaskError(f"task {task!r}: {path} has changed since its training began")


def _own_modules() -> dict[str, str]:
    """A digest of the file of each module that is loaded here and is not installed."""
    files = {str(getattr(module, "__file__", None)) for module in [*sys.modules.values()]}
    own = (path for path in map(Path, files) if path.is_file() and is_own(path))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in own}


def _joined(infos: Sequence[Info]) -> Info:
    return {name: np.concatenate([info[name] for info in infos]) for name in infos[0]}


def _end(workers: list[_Stepping], one: GymnasiumTask) -> None:
    for worker in workers:
        worker.connection.close()
    for worker in workers:
        try:
            worker.process.wait(GRACE_SECONDS + 1)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
    one.close()


def work(number: int) -> None:
    """Do what comes through the file of this number until its other end is closed."""
    for request in (signal.SIGINT, signal.SIGTERM):  # the parent obeys; not SIG_IGN: is inherited
        signal.signal(request, lambda *_: None)
    end_with_parent(number, GRACE_SECONDS)
    task: GymnasiumTask | None = None
    with Connection(number) as parent, suppress(EOFError, ConnectionError):
        while True:
            what, values = parent.recv()
            if callable(what):
                task, error = _outcome(what, values)
                parent.send(((_own_modules(),), error))
            else:
                parent.send(_outcome(getattr(task, what), values))
    if task is not None:
        task.close()


def _outcome(call: Callable[..., Any], values: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return call(*values), None
    except UserError as error:
        return None, error
    except Exception:
        return None, RuntimeError(traceback.format_exc())  # whatever it is, this can be sent
