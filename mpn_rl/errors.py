"""The errors that are the user's to mend."""


class UserError(Exception):
    """A mistake in what the user gave; its message is shown without a traceback."""


class TaskError(UserError):
    """A task breaks the interface of all tasks; the message names it and what it gave."""


class NotFiniteError(TaskError):
    """A task gave a number that is not finite, from which nothing can be learned."""
