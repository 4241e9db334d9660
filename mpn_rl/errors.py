"""The errors that are the user's to mend."""


class UserError(Exception):
    """A mistake in what the user gave; its message is shown without a traceback."""


class PluginError(UserError):
    """Code of the user's own raised an error, which is the cause of this one."""


def printable(text: object, most: int = 2000) -> str:
    r"""A text that may come from a file of others, as one line that a terminal shows as it is.

    Line ends and control characters are written as `\\n` and `\\x1b`; of a very long one the
    middle is left out.
    """
    whole = str(text)
    if len(whole) > most:
        whole = f"{whole[: most // 2]} … {whole[-most // 2 :]}"
    if whole.isprintable():
        return whole
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in whole)


class TaskError(UserError):
    """A task breaks the interface of all tasks; the message names it and what it gave."""


class NotFiniteError(TaskError):
    """A task gave a number that is not finite, from which nothing can be learned."""
