"""The network that hyper-parameters describe."""

import torch

from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.observations import ObservationForm
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.networks import NetworkParameters


def build_network(
    hyperparameters: Hyperparameters,
    observation: int | ObservationForm,
    num_actions: int,
    generator: torch.Generator | None = None,
) -> MPNDQN:
    """A fresh Q-network for observations of this form, or of so many plain numbers.

    `generator` draws its weights. Raises ConfigError for an encoder that the task cannot have.
    """
    core, hidden_dim = hyperparameters.core, hyperparameters.hidden_dim
    names = (*NetworkParameters.model_fields, *CORES[core].parameters)
    own = {name: getattr(hyperparameters, name) for name in names}
    try:
        return MPNDQN(observation, hidden_dim, num_actions, core, generator, **own)
    except ConfigError as error:
        raise ConfigError(f"task {hyperparameters.task!r}: {error}") from None
