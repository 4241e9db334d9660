"""The one kind of error that is the user's to mend."""


class UserError(Exception):
    """A mistake in what the user gave; its message is shown without a traceback."""
