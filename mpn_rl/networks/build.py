"""The network that hyper-parameters describe."""

import torch

from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters


def build_network(
    hyperparameters: Hyperparameters,
    observation_dim: int,
    num_actions: int,
    generator: torch.Generator | None = None,
) -> MPNDQN:
    """A fresh Q-network; `generator` draws its weights."""
    core = {name: getattr(hyperparameters, name) for name in CORES[hyperparameters.core].parameters}
    return MPNDQN(
        observation_dim,
        hyperparameters.hidden_dim,
        num_actions,
        core=hyperparameters.core,
        encoder=hyperparameters.encoder,
        encoder_dim=hyperparameters.encoder_dim,
        dueling=hyperparameters.dueling,
        layer_norm=hyperparameters.layer_norm,
        generator=generator,
        **core,
    )
