"""Memory cores and the Q-network around them.

A core is looked up by name and imported only when it is asked for, so that a new core leaves
everything that exists as it is.
"""

from typing import TYPE_CHECKING, Any

from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from mpn_rl.networks.core import Core


def make_core(
    name: str,
    *,
    input_dim: int,
    hidden_dim: int,
    generator: "torch.Generator | None" = None,
    **parameters: Any,
) -> "Core[Any]":
    """Build the memory core `name` with inputs of width `input_dim` and `hidden_dim` units.

    Every initial weight is drawn from `generator` (None: torch's own). `parameters` are the core's
    hyper-parameters as the catalogue lists them; those not given keep their defaults. Raises
    ConfigError for an unknown core, a parameter that is not the core's, or a value out of range.
    """
    if name not in CORES:
        raise ConfigError(f"core: {name!r} is unknown; allowed are {', '.join(CORES)}")
    entry = CORES[name]
    for key in parameters:
        if key not in entry.parameters:
            allowed = ", ".join(entry.parameters)
            raise ConfigError(f"{key}: the core {name!r} has no such parameter; it has {allowed}")
    own = entry.model.read(parameters)
    core: Core[Any] = entry.load()(input_dim, hidden_dim, own, generator)
    return core
