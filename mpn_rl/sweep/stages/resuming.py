"""Training of a block that can be interrupted at any moment: its state is saved, and found again.

Nothing here changes a result: `train_block` holds the block's work folder, continues each seed
in its `Folder`, where `SeedTraining` computes and is saved between two steps, and has the results
written when all are complete.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from mpn_rl.artifacts.metrics import MetricsFile
from mpn_rl.artifacts.training_state import remove_state, write_state
from mpn_rl.interruption import Stopped, check, put_off, unhurried
from mpn_rl.learning.results import History, SeedResult
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.points import point_of, resolved
from mpn_rl.sweep.ledger import holds
from mpn_rl.sweep.ledger.lease import Lease, lease
from mpn_rl.sweep.ledger.origins import processor
from mpn_rl.sweep.stages.announcements import (
    prepare,
    tell_other_processor,
    tell_recipe,
    tell_what_is_seen,
)
from mpn_rl.sweep.stages.at_once import train_at_once
from mpn_rl.sweep.stages.board import Board
from mpn_rl.sweep.stages.demands import advise_processes, check_demands
from mpn_rl.sweep.stages.kept import adopt_result, adopt_state
from mpn_rl.sweep.stages.progress import Progress, heard
from mpn_rl.sweep.stages.progress import log as progress_log
from mpn_rl.sweep.stages.runner import Given, run_stage
from mpn_rl.sweep.stages.saved import (
    continue_from,
    fault_in_result,
    fault_in_state,
    read_saved,
    state_key_of,
)
from mpn_rl.sweep.stages.train import training_of, write_trained
from mpn_rl.sweep.undeclared import metrics_file, tensorboard_folder, work_folder

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 10.0
# Between two saves training goes on for so many times as long as a save takes.
SAVING_SHARE = 9.0


@dataclass(frozen=True)
class MachineSettings:
    """How a training runs, none of which changes its result.

    `save_seconds` and `save_steps` (environment steps; None: never) say how often the resumable
    state is saved; `keep_state` leaves it when training is complete, so that it can be extended.
    The environments of a task that others wrote step in `env_processes`; on a CPU up to
    `seeds_at_once` seeds train at once, each in a process of its own. `tensorboard` has curves
    written for it.
    """

    save_seconds: float = 60.0
    save_steps: int | None = None
    keep_state: bool = False
    env_processes: int = 1
    seeds_at_once: int = 1
    tensorboard: bool = False


USUAL = MachineSettings()


def train_block(given: Given, code: str, machine: MachineSettings = USUAL) -> None:
    """Train the seeds that are given and write what they leave behind.

    An interrupted training continues from the state in its work folder. One process at a time
    works there; another waits, and then finds the work done. `code` is the digest of the code in
    force. Raises Stopped when asked to end.
    """
    torch.set_num_threads(1)
    given = replace(given, settings=resolved(point_of(given.settings)))
    work = work_folder(given.home)
    with lease(work) as held:
        wanted = {"params": given.settings, "seeds": [*(given.seeds or ())], "code_digest": code}
        if holds(given.outputs.values(), **wanted):
            log.info("found complete: another process has done it")
            return
        folder = Folder(work, {"hyperparameters": given.settings, "code": code}, held)

        def compute(given: Given) -> None:
            tell_recipe(point_of(given.settings))
            boards = [Board(tensorboard_folder(given.home)).add] if machine.tensorboard else []
            with heard(MetricsFile(metrics_file(given.home)).add, *boards):
                write_trained(given, trained(given))

        def trained(given: Given) -> dict[int, SeedResult]:
            seeds = given.seeds or ()
            unfinished = [seed for seed in seeds if folder.finished(seed) is None]
            number = min(machine.seeds_at_once, len(unfinished)) if given.device == "cpu" else 1
            here = replace(machine, seeds_at_once=number)
            train = partial(train_seed, folder, given, here)
            if number > 1:
                log.info("%d seeds train at once, each in its own process", number)
                train_at_once(train, unfinished, number)
            results = {seed: train(seed) for seed in seeds}
            held.check()
            return results

        run_stage(given, code, compute)


def train_seed(folder: "Folder", given: Given, machine: MachineSettings, seed: int) -> SeedResult:
    """Train one of the seeds that are given, or find it complete."""
    return folder.train(seed, partial(training_of, given, seed, machine.env_processes), machine)


@dataclass(frozen=True)
class Folder:
    """Where a block's resumable state lies, for whoever holds it.

    `key` is what a state must have been saved for: the run's hyper-parameters and the code.
    """

    path: Path
    key: dict[str, Any]
    held: Lease

    def finished(self, seed: int) -> SeedResult | None:
        """The result of a seed whose training is complete, else None."""
        path, key = self._result_path(seed), {**self.key, "seed": seed}
        adopt_result(path, key)
        found = read_saved(path, key, fault_in_result)
        if found is None:
            return None
        return SeedResult(**{**found, "history": History(**found["history"])})

    def _result_path(self, seed: int) -> Path:
        return self.path / f"seed_{seed}.result"

    def train(
        self, seed: int, make: Callable[[], SeedTraining], machine: MachineSettings
    ) -> SeedResult:
        """Train a seed to its end, from where it was interrupted; a complete one is found here.

        Raises Stopped when asked to end, with the state saved.
        """
        state_path = self.path / f"seed_{seed}.state"
        key = {**self.key, "seed": seed}
        if (finished := self.finished(seed)) is not None:
            log.info("seed %d: already complete, in %s", seed, self.path)
            if not machine.keep_state:
                remove_state(state_path)  # one that came back later than the result
            return finished
        training = make()
        state_key = state_key_of(key, training)
        tell_what_is_seen(training)
        check_demands(training, machine.seeds_at_once)
        prepare(training)
        self._continue(training, state_path, state_key)

        def save() -> None:
            self.held.check()
            with unhurried():  # of a long history taking it takes seconds, too
                state = {**training.get_state(), "processor": processor()}
                write_state(state_path, state, state_key)

        between = _Between(training, save, machine)
        with put_off():
            result = between.run()
            if machine.keep_state:
                between.save_once()
            between.progress.end(result)
            if result.failure is not None:
                log.warning("seed %d: failed: %s", seed, result.failure)
            with unhurried():
                write_state(self._result_path(seed), _plain(result), key)
            if not machine.keep_state:
                remove_state(state_path)
        return result

    def _continue(self, training: SeedTraining, path: Path, key: dict[str, Any]) -> None:
        """Set a training to the state that was saved of it, if one was."""
        adopt_state(path, key, self.key["hyperparameters"])
        saved = read_saved(path, key, partial(fault_in_state, training))
        if saved is not None:
            continue_from(path, training, saved)
            log.info("seed %d: continues from step %d", training.seed, training.steps)
            tell_other_processor(training.seed, saved.get("processor"), processor())


class _Between:
    """What is done between two steps: save when it is due, say how far training is, stop."""

    def __init__(
        self, training: SeedTraining, save: Callable[[], None], machine: MachineSettings
    ) -> None:
        self.training, self.save, self.machine = training, save, machine
        self.saved_at = self.shown_at = time.monotonic()
        self.saved_step, self.least_seconds = training.steps, 0.0
        self.progress = Progress(training)

    def run(self) -> SeedResult:
        """Train to the end. When asked to end, save and raise Stopped."""
        try:
            return self.training.run(self)
        except Stopped:
            self.save_once()
            seed, steps = self.training.seed, self.training.steps
            raise Stopped(f"seed {seed}: saved at step {steps:,}") from None

    def save_once(self) -> None:
        """Save what has not been saved since the last step."""
        if self.training.steps != self.saved_step:
            began = time.monotonic()
            self.save()
            self.saved_at, self.saved_step = time.monotonic(), self.training.steps
            self.least_seconds = SAVING_SHARE * (self.saved_at - began)

    def __call__(self) -> None:
        training, machine, now = self.training, self.machine, time.monotonic()
        due = (
            machine.save_steps is not None
            and training.steps - self.saved_step >= machine.save_steps
        )
        if due or now - self.saved_at >= max(machine.save_seconds, self.least_seconds):
            self.save_once()
        check()
        if training.finished:
            rate = self.progress.rate(now)
            log.info("seed %d: %d steps done, %.0f steps/s", training.seed, training.steps, rate)
            return
        self.progress.tell(now)
        if now - self.shown_at >= PROGRESS_SECONDS:
            progress_log.info("%s", self.progress.line(now))
            self.shown_at = now
            advise_processes(training, now - self.progress.began, machine.env_processes)


def _plain(result: SeedResult) -> dict[str, Any]:
    """As `asdict`, which copies number by number."""
    return {**vars(result), "history": vars(result.history)}
