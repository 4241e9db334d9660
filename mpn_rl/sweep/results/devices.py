"""Where tensors are, by the names that people give."""

import re

from mpn_rl.parameters.errors import ConfigError

_NAMES = re.compile(r"(cpu|cuda|mps|xpu)(:\d+)?", re.ASCII)


def is_device(name: object) -> bool:
    """Whether some machine may have a device of this name."""
    return name == "auto" or (isinstance(name, str) and _NAMES.fullmatch(name) is not None)


def device_here(name: str) -> str:
    """The device that `name` means here; ConfigError if it is none, or this machine has it not."""
    if name == "cpu":
        return name
    if not is_device(name):
        raise ConfigError(f"device: {name!r} is not one of auto, cpu, cuda, cuda:N, mps, xpu")
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError):
        raise ConfigError(f"device: this machine has no {name}") from None
    return name
