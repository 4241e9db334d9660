"""Device and log of a command."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.cli.flags import FlagError, flag_of
from mpn_rl.sweep.results.devices import device_here, is_device


def add_device(parser: Any) -> None:
    """The flag that says where tensors are."""
    parser.add_argument(
        "--device",
        default="cpu",
        metavar="NAME",
        help="auto (a GPU if there is one), cpu, cuda, cuda:1, mps … (default cpu)",
    )


def chosen_device(name: str) -> str:
    """The device that `name` means here, as `device_here`; FlagError for what is none."""
    try:
        return device_here(name)
    except ConfigError as error:
        kind = ConfigError if is_device(name) else FlagError
        raise kind(flag_of(str(error))) from None


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
