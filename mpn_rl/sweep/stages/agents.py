"""Trained agents as the stages that use them need them: rebuilt from a checkpoint."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.networks.build import build_network
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.observations import ObservationForm, form_from, numbers, same_form
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import point_of
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task


def load_agents(
    path: Path, seeds: list[int] | None = None, device: str = "cpu"
) -> tuple[Hyperparameters, list[tuple[int, MPNDQN]]]:
    """The hyper-parameters and (seed, network) pairs of a checkpoint.

    `seeds` None gives the completed ones. Raises ArtifactError for a damaged checkpoint, a seed
    that it has not, or weights that do not fit.
    """
    checkpoint = read_checkpoint(path)
    hyperparameters = point_of(checkpoint.hyperparameters)
    chosen = checkpoint.completed if seeds is None else seeds
    return hyperparameters, [
        (seed, _load(path, checkpoint, hyperparameters, seed).to(device)) for seed in chosen
    ]


def failed_seeds(path: Path) -> tuple[int, ...]:
    """The seeds of a checkpoint that failed in training; ArtifactError for a damaged one."""
    return read_checkpoint(path).failed


def task_of(
    hyperparameters: Hyperparameters,
    agents: Sequence[tuple[int, MPNDQN]],
    num_envs: int,
    render: bool = False,
) -> VectorTask:
    """The task that agents of `load_agents` were trained on.

    Raises UserError if its observations are no longer what they were then.
    """
    task = build_task(hyperparameters, num_envs, render)
    for _, network in agents[:1]:
        then, now = network.observation_form, task.observation_form
        if not same_form(then, now):
            raise UserError(
                f"task {hyperparameters.task!r}: the agents were trained on observations of "
                f"{then}, but the task gives {now}; train them anew"
            )
    return task


def _form(path: Path, checkpoint: Checkpoint) -> ObservationForm:
    if checkpoint.observation_form is None:
        return numbers(checkpoint.observation_dim)
    try:
        return form_from(checkpoint.observation_form)
    except (KeyError, TypeError) as error:
        raise ArtifactError(f"{path}: is damaged: its observation_form is no form") from error


def _load(
    path: Path, checkpoint: Checkpoint, hyperparameters: Hyperparameters, seed: int
) -> MPNDQN:
    if seed not in checkpoint.seeds:
        known = ", ".join(map(str, checkpoint.seeds))
        raise ArtifactError(f"{path}: has no seed {seed}; it has {known}")
    network = build_network(
        hyperparameters, _form(path, checkpoint), checkpoint.num_actions, torch.Generator()
    )
    weights: dict[str, Any] = checkpoint.seeds[seed]
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip()
        raise ArtifactError(f"{path}: seed {seed} does not fit the network: {reason}") from error
    return network.requires_grad_(False)
