"""Trained agents as the stages that use them need them: rebuilt from a checkpoint."""

from pathlib import Path
from typing import Any

import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.networks.build import build_network
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import point_of


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


def _load(
    path: Path, checkpoint: Checkpoint, hyperparameters: Hyperparameters, seed: int
) -> MPNDQN:
    if seed not in checkpoint.seeds:
        known = ", ".join(map(str, checkpoint.seeds))
        raise ArtifactError(f"{path}: has no seed {seed}; it has {known}")
    network = build_network(
        hyperparameters, checkpoint.observation_dim, checkpoint.num_actions, torch.Generator()
    )
    weights: dict[str, Any] = checkpoint.seeds[seed]
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip()
        raise ArtifactError(f"{path}: seed {seed} does not fit the network: {reason}") from error
    return network.requires_grad_(False)
