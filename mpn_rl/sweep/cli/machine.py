"""Device and log of a command."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.cli.flags import FlagError


def add_device(parser: Any) -> None:
    """The flag that says where tensors are."""
    parser.add_argument(
        "--device",
        default="cpu",
        metavar="NAME",
        help="auto (a GPU if there is one), cpu, cuda, cuda:1, mps … (default cpu)",
    )


def chosen_device(name: str) -> str:
    """The device that `name` means here; ConfigError if this machine has not got it."""
    if name == "cpu":
        return name
    if name != "auto" and not re.fullmatch(r"(cpu|cuda|mps|xpu)(:\d+)?", name, re.ASCII):
        raise FlagError(f"--device: {name!r} is not one of auto, cpu, cuda, cuda:N, mps, xpu")
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError):
        raise ConfigError(f"--device: this machine has no {name}") from None
    return name


@contextmanager
def logged(directory: Path, stage: str, terminal: logging.Handler | None = None) -> Iterator[None]:
    """Log what runs inside to the terminal and to `logs/{stage}.log` of an experiment.

    `terminal` is as in `stage_log`.
    """
    from mpn_rl.logs import stage_log

    path = directory / "logs" / f"{stage}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be written: {error.strerror}") from None
    with stage_log(path, f"{stage} {directory.name}", terminal):
        yield
