"""What is wrong with files."""

from mpn_rl.errors import UserError, printable


class ArtifactError(UserError):
    """A file that is missing, damaged, not what its record says, or cannot be written.

    The message is one printable line, whatever the file has put into it.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(printable(message))
