"""What a sweep will take on the disk and in memory, in words for `mpn-rl check`."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from mpn_rl.parameters import recipe
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger.sizes import expected_bytes
from mpn_rl.sweep.stages.memory import PROCESS_BYTES, bounds, in_words

_FEW_STEPS = 50_000  # of a rollout: 5 MB with observations of ten numbers


def disk_and_memory(
    sweep: Sweep, done: Sequence[Job], missing: Sequence[Job], results: Path
) -> tuple[str, str]:
    """A line on the disk and one on memory, for the `missing` jobs, as those `done` took."""
    runs = {job.run: sweep.runs[job.run] for job in missing if job.rule == "train"}
    # environments of others are made where they are trained on: their code may do anything
    known = {run: point for run, point in runs.items() if recipe.quick(point)}
    state, memory = _of_training(known, len(runs) - len(known))
    disk = expected_bytes(results, done, missing)
    free = _free(results)
    short = ", which is not enough" if disk > free else ""
    return f"about {in_words(int(disk))} more{state}; {in_words(free)} free{short}", memory


def _of_training(runs: Mapping[str, Hyperparameters], others: int) -> tuple[str, str]:
    """How much a state takes on the disk while it is saved, and a training in memory."""
    without = f", without {others} runs with environments of others" if others else ""
    if not runs:
        return "", f"no training of the project's own tasks is missing{without}"
    memory, most, state = PROCESS_BYTES, "", ""
    if large := {run: point for run, point in runs.items() if _keeps_much(point)}:
        from mpn_rl.sweep.stages.foretold import largest_need  # imports torch

        need = largest_need(large)
        memory, most = need.memory, f" (most: {need.run})"
        state = f", and up to {in_words(need.state)} for each training while it is saved"
    free = min(bound.free for bound in bounds())
    return state, (
        f"about {in_words(memory)} for each training that runs at once{most}{without}; "
        f"{in_words(free)} free, room for {max(0, free // memory)}"
    )


def _keeps_much(point: Hyperparameters) -> bool:
    """Whether what it plays takes memory that counts: all but rollouts of usual lengths do."""
    rollout = (point.num_envs or 1) * (point.rollout_length or 1)
    return recipe.learner_of(point) != "pqn" or rollout > _FEW_STEPS


def _free(folder: Path) -> int:
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(nearest).free
