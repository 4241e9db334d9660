"""Seeds of a block that are trained at once, in processes of their own.

No result depends on it: seeds share nothing, and each process works on one thread.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection, wait
from typing import Any, cast

import torch

from mpn_rl.errors import UserError
from mpn_rl.interruption import Stopped, check, obeyed, put_off, unhurried
from mpn_rl.sweep.stages.progress import events
from mpn_rl.workers import ONE_THREAD, Worker, end_with_parent

log = logging.getLogger(__name__)

# How long a request to stop may wait for a look at it.
LOOK_SECONDS = 0.2

Train = Callable[[int], Any]


def train_at_once(train: Train, seeds: Sequence[int], number: int) -> None:
    """Call `train` for each seed, in so many processes; what they log is logged here.

    When asked to end, or when a seed breaks down, the processes save what they have. Then raises
    Stopped, or the seed's error.
    """
    left, workers = list(seeds), []
    with put_off():
        try:
            for _ in range(min(number, len(left))):
                workers.append(Worker(work, ONE_THREAD))
                _send(workers[-1], train, left.pop(0))
            _hand_out(left, workers)
        finally:
            with unhurried():
                _end(workers)


def _hand_out(left: list[int], workers: Sequence[Worker]) -> None:
    """Give each process that is done the next of the seeds that are left, until all are trained."""
    busy: dict[Any, Worker] = {worker.connection: worker for worker in workers}
    while busy:
        heard = [busy[each] for each in wait([*busy], LOOK_SECONDS)]
        for worker in filter(_done, heard):
            if left:
                _send(worker, left.pop(0))
            else:
                busy.pop(worker.connection).connection.close()
        check()


def _send(worker: Worker, *values: Any) -> None:
    with suppress(OSError):  # told when nothing is received
        for value in values:
            worker.connection.send(value)


def _done(worker: Worker) -> bool:
    """Take in what a process says: whether it has trained its seed; raises what it met there."""
    try:
        said = worker.connection.recv()
    except (EOFError, OSError):
        how = worker.how_it_ended()
        raise UserError(
            f"a process that trained seeds ended unexpectedly ({how}); saved states are kept"
        ) from None
    if isinstance(said, logging.LogRecord):
        logging.getLogger(said.name).handle(said)
        return False
    if said is not None:
        error, cause = said
        raise error from (RuntimeError(cause) if cause else None)
    return True


def _end(workers: Sequence[Worker]) -> None:
    """Ask the processes to end, and hear them out."""
    for worker in workers:
        if not worker.connection.closed:
            worker.process.terminate()
    for worker in workers:
        with suppress(Exception):  # of what they say only lines of the log count now
            while not worker.connection.closed:
                _done(worker)
        worker.connection.close()
        worker.process.wait()


def work(number: int) -> None:
    """Train the seeds that come through the file of this number until its other end is closed."""
    with obeyed(""), Connection(number) as parent:
        end_with_parent(number, 0)
        root = logging.getLogger()
        for logger in (root, events):
            logger.addHandler(_Sending(cast(Any, parent)))
        root.setLevel(logging.INFO)
        torch.set_num_threads(1)
        with suppress(EOFError):
            train = parent.recv()
            while True:
                parent.send(_outcome(train, parent.recv()))


class _Sending(QueueHandler):
    """Sends what is logged to the parent."""

    queue: Any

    def enqueue(self, record: logging.LogRecord) -> None:
        self.queue.send(record)


def _outcome(train: Train, seed: int) -> tuple[Exception, str] | None:
    """Train; the error that is met, if any, and the traceback of what it came from."""
    try:
        train(seed)
    except Stopped as stopped:
        log.warning("%s", stopped)
        raise
    except (UserError, OSError) as error:
        cause = error.__cause__
        return error, "" if cause is None else "".join(traceback.format_exception(cause))
    except Exception:
        return RuntimeError(traceback.format_exc()), ""  # whatever it is, this can be sent
    return None
