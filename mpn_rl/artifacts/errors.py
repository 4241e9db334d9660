"""Errors in files of results."""

from mpn_rl.errors import UserError


class ArtifactError(UserError):
    """A file that is missing, damaged, not what its record says, or cannot be written."""
