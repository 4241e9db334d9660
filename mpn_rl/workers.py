"""Processes that work for this one, each at the other end of a connection.

`multiprocessing` starts processes that run the main program's file, which in a job of the workflow
is the job itself.
"""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing import Pipe

from mpn_rl.tree import BEGUN_WITH

# What says to the libraries how many threads they may use.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
ONE_THREAD = dict.fromkeys(THREAD_VARIABLES, "1")

# Such a process loads the sources anew: it must not run others than the one that it works for.
PROGRAM = """
import sys
from mpn_rl.tree import BEGUN_WITH
if BEGUN_WITH != sys.argv[2]:
    sys.exit("the code was edited while this process was starting; start it again")
from {0} import {1}
{1}(int(sys.argv[1]))
"""


class Worker:
    """A process that runs `work`, which gets the number of its end of the `connection`."""

    def __init__(
        self, work: Callable[[int], None], environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it, with the paths of this one and more of an `environment`."""
        self.connection, theirs = Pipe()
        path = os.pathsep.join(map(os.path.abspath, sys.path))
        program = PROGRAM.format(work.__module__, work.__name__)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", program, str(theirs.fileno()), BEGUN_WITH],
                env={**os.environ, **(environment or {}), "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is for this process, which saves
            )

    def how_it_ended(self) -> str:
        """Wait for its end; the signal or the exit code."""
        code = self.process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def end_with_parent(number: int, seconds: float) -> None:
    """Have this process end so many seconds after the other end is closed, also by SIGKILL."""
    os.set_inheritable(number, False)
    threading.Thread(target=_end_with_parent, args=(number, seconds), daemon=True).start()


def _end_with_parent(number: int, seconds: float) -> None:
    poll = select.poll()
    poll.register(number, 0)  # that it hangs up is told in any case
    poll.poll()
    time.sleep(seconds)
    os._exit(1)
