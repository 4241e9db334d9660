"""The activation functions that a core may have, by name."""

from collections.abc import Callable

import torch
from torch import Tensor

from mpn_rl.parameters.errors import ConfigError


def _identity(z: Tensor) -> Tensor:
    return z


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "linear": _identity,
}


def activation_function(name: str) -> Callable[[Tensor], Tensor]:
    """Return the elementwise function called `name`; raises ConfigError for an unknown one."""
    if name not in ACTIVATIONS:
        raise ConfigError(f"activation: {name!r} is unknown; allowed are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
