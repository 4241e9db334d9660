"""What a block of trained seeds leaves behind: config, history and checkpoints."""

from collections.abc import Mapping
from typing import Any

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.experiment import write_config
from mpn_rl.artifacts.history import write_history
from mpn_rl.learning.results import SeedResult
from mpn_rl.learning.training import SeedTraining, make_training
from mpn_rl.parameters.points import point_of, recipe_of, resolved
from mpn_rl.sweep.stages.runner import Given
from mpn_rl.tasks.build import build_task, filled_in


def training_of(given: Given, seed: int, env_processes: int = 1) -> SeedTraining:
    """The training of one seed, before its first step."""
    return make_training(point_of(given.settings), seed, given.device, env_processes)


def write_trained(given: Given, results: Mapping[int, SeedResult]) -> None:
    """Write config.json, training_history.json and the checkpoints of these seeds' results."""
    point = point_of(given.settings)
    task = build_task(point, 1)
    form = None if task.observation_form.told_by_dim else task.observation_form.as_dict()
    failed = tuple(seed for seed, result in results.items() if result.failure is not None)
    for name in ("best", "final"):
        weights = {seed: getattr(result, name) for seed, result in results.items()}
        sizes = (task.observation_dim, task.num_actions)
        content = Checkpoint(resolved(point), *sizes, weights, failed, form)
        write_checkpoint(given.outputs[name], content)
    histories = {seed: _history(result) for seed, result in results.items()}
    write_history(given.outputs["history"], histories)
    write_config(
        given.outputs["config"],
        run=str(given.run),
        hyperparameters=resolved(point),
        seeds=list(results),
        recipe=recipe_of(point, filled_in(point)),
    )


def _history(result: SeedResult) -> dict[str, Any]:
    status = "completed" if result.failure is None else "failed"
    head = {"status": status, "failure": result.failure, "steps": result.steps}
    tail = {"updates": result.updates, "best_step": result.best_step}
    return {**head, **tail, **result.history.entries()}
