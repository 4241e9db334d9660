"""Errors in a configuration."""

from collections.abc import Callable
from typing import Any

from mpn_rl.errors import UserError


class ConfigError(UserError):
    """Keys or values of the configuration that cannot be used, a line each."""


def gathered(*readers: Callable[[], Any]) -> list[Any]:
    """What each of the readers returns; ConfigError with the different lines of all that fail."""
    found, problems = [], []
    for read in readers:
        try:
            found.append(read())
        except ConfigError as error:
            problems += str(error).splitlines()
    if problems:
        raise ConfigError("\n".join(dict.fromkeys(problems)))
    return found
