"""Training of a block of seeds, one after the other, resumable at any moment."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import Experiment, write_config
from mpn_rl.artifacts.history import write_history
from mpn_rl.learning.results import SeedResult
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.points import point_of, resolved
from mpn_rl.sweep.ledger import recording, verify_inputs
from mpn_rl.sweep.ledger.lease import lease
from mpn_rl.sweep.stages.resuming import ON_THE_CPU, Folder, MachineSettings
from mpn_rl.tasks.build import build_task

log = logging.getLogger(__name__)


def train(
    directory: Path,
    work: Path,
    *,
    run: str,
    hyperparameters: dict[str, Any],
    seeds: Sequence[int],
    code: str,
    machine: MachineSettings = ON_THE_CPU,
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
    hyperparameters = resolved(point_of(hyperparameters))

    def make(seed: int) -> Callable[[], SeedTraining]:
        return lambda: SeedTraining(point_of(hyperparameters), seed, machine.device)

    with lease(work, machine.stop) as held:
        if _is_complete(experiment, hyperparameters, seeds, code):
            log.info("found complete: another process has done it")
            return
        with recording(
            directory,
            "train",
            run=run,
            seeds=seeds,
            code=code,
            params=hyperparameters,
            inputs=[],
            outputs=_outputs(experiment),
        ):
            folder = Folder(work, {"hyperparameters": hyperparameters, "code": code}, held)
            results = {seed: folder.train(seed, make(seed), machine) for seed in seeds}
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
    task = build_task(point_of(hyperparameters), 1)
    sizes = (task.observation_dim, task.num_actions)
    failed = tuple(seed for seed, result in results.items() if result.failure is not None)
    for name in ("best", "final"):
        weights = {seed: getattr(result, name) for seed, result in results.items()}
        checkpoint = Checkpoint(hyperparameters, *sizes, weights, failed)
        write_checkpoint(experiment.checkpoint(f"{name}_model"), checkpoint)
    write_history(experiment.history, {seed: _history(result) for seed, result in results.items()})
    write_config(experiment.config, run=run, hyperparameters=hyperparameters, seeds=list(results))


def _history(result: SeedResult) -> dict[str, Any]:
    status = "completed" if result.failure is None else "failed"
    head = {"status": status, "failure": result.failure, "steps": result.steps}
    tail = {"updates": result.updates, "best_step": result.best_step}
    return {**head, **tail, **result.history.entries()}
