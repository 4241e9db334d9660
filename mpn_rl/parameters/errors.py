"""Errors in a configuration."""

from mpn_rl.errors import UserError


class ConfigError(UserError):
    """A key or value of the configuration that cannot be used."""
