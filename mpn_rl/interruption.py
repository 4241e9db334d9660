"""SIGTERM as a request that long work looks at, instead of a sudden end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM


@contextmanager
def sigterm_as_request() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether SIGTERM has arrived since the block began."""
    arrived = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal arrived
        del number, frame
        arrived = True

    before = signal.signal(signal.SIGTERM, note)
    try:
        yield lambda: arrived
    finally:
        signal.signal(signal.SIGTERM, before)
