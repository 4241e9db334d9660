"""Training of a block of seeds, one after the other, resumable at any moment."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import Experiment, write_config
from mpn_rl.artifacts.history import write_history
from mpn_rl.artifacts.lease import Lease, lease
from mpn_rl.artifacts.training_state import read_state, remove_state, write_state
from mpn_rl.config.hyperparameters import Hyperparameters
from mpn_rl.config.points import resolved
from mpn_rl.learning.results import History, SeedResult
from mpn_rl.learning.training import SeedTraining
from mpn_rl.provenance import recording, verify_inputs
from mpn_rl.tasks.build import build_task

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 10.0
NOTABLE_SECONDS = 2.0


@dataclass(frozen=True)
class MachineSettings:
    """How a training runs, none of which changes its result.

    `device` as torch names it; `save_seconds` and `save_steps` (environment steps; None: never)
    say how often the resumable state is saved; `keep_state` leaves it when training is complete,
    so that it can be extended; `stop` is asked at every step whether to save and leave.
    """

    device: str = "cpu"
    save_seconds: float = 60.0
    save_steps: int | None = None
    keep_state: bool = False
    stop: Callable[[], bool] = lambda: False


def train(
    directory: Path,
    work: Path,
    *,
    run: str,
    hyperparameters: dict[str, Any],
    seeds: Sequence[int],
    code: str,
    machine: MachineSettings = MachineSettings(),
) -> None:
    """Train `seeds` with the resolved `hyperparameters`; leave the experiment in `directory`.

    `work` holds the resumable state: a training that was cut off goes on from there, and seeds that
    are complete are found there. One process at a time works in it; another waits, and then finds
    the work done. `code` is the digest of the code in force. Raises InterruptedError when told to
    stop.
    """
    torch.set_num_threads(1)
    experiment = Experiment(directory)
    # in declared order, however they came: equal configs leave equal bytes
    hyperparameters = resolved(Hyperparameters(**hyperparameters))
    with lease(work, machine.stop) as held:
        if _is_complete(experiment, hyperparameters, seeds, code):
            log.info("found complete: another process has done it")
            return
        with recording(directory, "train", run=run, seeds=seeds, code=code, params=hyperparameters,
                       inputs=[], outputs=_outputs(experiment)):  # fmt: skip
            results = {
                seed: _train_seed(work, seed, hyperparameters, code, machine, held)
                for seed in seeds
            }
            held.check()
            _publish(experiment, run, hyperparameters, results)


def _outputs(experiment: Experiment) -> list[Path]:
    best, final = experiment.checkpoint("best_model"), experiment.checkpoint("final_model")
    return [experiment.config, experiment.history, best, final]


def _is_complete(
    experiment: Experiment, hyperparameters: dict[str, Any], seeds: Sequence[int], code: str
) -> bool:
    """Whether the outputs are there, whole, and of just this training."""
    try:
        checked = verify_inputs(_outputs(experiment))
    except ArtifactError:
        return False
    wanted = (hyperparameters, list(seeds), code)
    return all(
        (record["params"], record["seeds"], record["code_digest"]) == wanted
        for _, record in checked.values()
    )


def _publish(
    experiment: Experiment,
    run: str,
    hyperparameters: dict[str, Any],
    results: dict[int, SeedResult],
) -> None:
    task = build_task(Hyperparameters(**hyperparameters), 1)
    sizes = (task.observation_dim, task.num_actions)
    failed = tuple(seed for seed, result in results.items() if result.failure is not None)
    for name in ("best", "final"):
        weights = {seed: getattr(result, name) for seed, result in results.items()}
        checkpoint = Checkpoint(hyperparameters, *sizes, weights, failed)
        write_checkpoint(experiment.checkpoint(f"{name}_model"), checkpoint)
    write_history(experiment.history, {seed: _history(result) for seed, result in results.items()})
    write_config(experiment.config, run=run, hyperparameters=hyperparameters, seeds=list(results))


def _train_seed(
    work: Path,
    seed: int,
    hyperparameters: dict[str, Any],
    code: str,
    machine: MachineSettings,
    held: Lease,
) -> SeedResult:
    result_path, state_path = work / f"seed_{seed}.result", work / f"seed_{seed}.state"
    key = {"hyperparameters": hyperparameters, "seed": seed, "code": code}
    finished = _read(result_path, key)
    if finished is not None:
        log.info("seed %d: complete, found in %s", seed, work)
        return SeedResult(**{**finished, "history": History(**finished["history"])})
    # The length of training is not in the state's key: a longer one goes on from a shorter one.
    state_key = {**key, "hyperparameters": _without_length(hyperparameters)}
    training = SeedTraining(Hyperparameters(**hyperparameters), seed, machine.device)
    _prepare(training)
    saved = _read(state_path, state_key)
    if saved is not None:
        training.set_state(saved)
        log.info("seed %d: goes on from step %d", seed, training.steps)

    def save() -> None:
        held.check()
        write_state(state_path, training.get_state(), state_key)

    _advance(training, save, machine)
    if machine.keep_state:
        save()
    result = training.finish()
    if result.failure is not None:
        log.warning("seed %d: failed: %s", seed, result.failure)
    write_state(result_path, asdict(result), key)
    if not machine.keep_state:
        remove_state(state_path)
    return result


def _prepare(training: SeedTraining) -> None:
    """Compile what training needs ahead of it, so that nobody wonders at a first slow step."""
    began = time.monotonic()
    training.learner.online.core.prepare()
    seconds = time.monotonic() - began
    if seconds > NOTABLE_SECONDS:
        log.info("kernels are ready after %.1f s; they are kept for the next time", seconds)


def _without_length(hyperparameters: dict[str, Any]) -> dict[str, Any]:
    length = ("num_steps", "num_episodes")
    return {name: value for name, value in hyperparameters.items() if name not in length}


def _advance(training: SeedTraining, save: Callable[[], None], machine: MachineSettings) -> None:
    started = saved_at = shown_at = time.monotonic()
    first_step = saved_step = training.steps
    while not training.finished:
        training.advance()
        now = time.monotonic()
        stop = machine.stop()
        due = machine.save_steps is not None and training.steps - saved_step >= machine.save_steps
        if stop or due or now - saved_at >= machine.save_seconds:
            save()
            saved_at, saved_step = now, training.steps
        if stop:
            raise InterruptedError(f"seed {training.seed}: saved at step {training.steps}")
        if now - shown_at >= PROGRESS_SECONDS:
            log.info("%s", _progress(training, first_step, now - started))
            shown_at = now
    rate = (training.steps - first_step) / max(time.monotonic() - started, 1e-9)
    log.info("seed %d: %d steps done, %.0f steps/s", training.seed, training.steps, rate)


def _progress(training: SeedTraining, first_step: int, seconds: float) -> str:
    hp, history = training.hyperparameters, training.history
    rate = (training.steps - first_step) / seconds
    parts = [f"seed {training.seed}: step {training.steps:,}"]
    if hp.num_steps is not None:
        left = (hp.num_steps - training.steps) / rate
        parts[0] += f"/{hp.num_steps:,}, {rate:,.0f} steps/s, about {left:.0f} s left"
    else:
        parts[0] += f", episode {training.episodes:,}/{hp.num_episodes:,}, {rate:,.0f} steps/s"
    recent = history.episode_return[-100:]
    if recent:
        parts.append(f"return {sum(recent) / len(recent):.2f}")
    if history.validation_return:
        parts.append(f"validation return {history.validation_return[-1]:.2f}")
    return ", ".join(parts)


def _read(path: Path, key: dict[str, Any]) -> dict[str, Any] | None:
    content, messages = read_state(path, key)
    for message in messages:
        log.warning("%s", message)
    return content


def _history(result: SeedResult) -> dict[str, Any]:
    status = "completed" if result.failure is None else "failed"
    head = {"status": status, "failure": result.failure, "steps": result.steps}
    tail = {"updates": result.updates, "best_step": result.best_step}
    return {**head, **tail, **result.history.entries()}
