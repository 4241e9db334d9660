"""SIGTERM as a request that long work looks at, instead of a sudden end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM


@contextmanager
def signals_as_request(*signals: signal.Signals) -> Iterator[Callable[[], bool]]:
    """Give a function that says whether one of `signals` has arrived since the block began.

    A second Ctrl-C (SIGINT) ends at once.
    """
    arrived = False
    before = {number: signal.getsignal(number) for number in signals}

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal arrived
        del frame
        arrived = True
        if number == signal.SIGINT:
            signal.signal(number, before[signal.SIGINT])

    for number in signals:
        signal.signal(number, note)
    try:
        yield lambda: arrived
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
