"""The network that hyper-parameters describe."""

import torch

from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.networks import NetworkParameters


def build_network(
    hyperparameters: Hyperparameters,
    observation_dim: int,
    num_actions: int,
    generator: torch.Generator | None = None,
) -> MPNDQN:
    """A fresh Q-network; `generator` draws its weights."""
    core, hidden_dim = hyperparameters.core, hyperparameters.hidden_dim
    names = (*NetworkParameters.model_fields, *CORES[core].parameters)
    own = {name: getattr(hyperparameters, name) for name in names}
    return MPNDQN(observation_dim, hidden_dim, num_actions, core, generator, **own)
