"""What a terminal shows while `mpn-rl` trains: a line that moves, or with --quiet only warnings."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mpn_rl.logs import StandardError, Unfailing

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# As `stages.progress` has them, which loads torch.
_EVENTS = "mpn_rl.events"
_PROGRESS_LINES = "mpn_rl.sweep.stages.progress"
_REFRESHES = 4.0


def add_quiet(parser: Any) -> None:
    """The flag of those who want to see nothing of the progress."""
    parser.add_argument(
        "--quiet",
        action="store_true",
        help="show only warnings and errors, and at the end where the results are",
    )


@contextmanager
def shown(begins: str, quiet: bool) -> Iterator[logging.Handler]:
    """The handler that shows the log of what trains in the block.

    In a terminal a line for each seed moves below the log, from the first moment on, when it says
    what `begins`; elsewhere there are plain lines.
    """
    if quiet:
        handler = StandardError()
        handler.setLevel(logging.WARNING)
        yield handler
    elif not sys.stderr.isatty():
        yield StandardError()
    else:
        yield from _live(begins)


def _live(begins: str) -> Iterator[logging.Handler]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True, highlight=False)
    if console.is_dumb_terminal:
        yield StandardError()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[told]}", markup=False, table_column=Column(no_wrap=True)),
        TimeElapsedColumn(),
    )
    bars = Progress(
        *columns,
        console=console,
        transient=True,
        refresh_per_second=_REFRESHES,
        redirect_stdout=False,
    )
    events, seeds = logging.getLogger(_EVENTS), Seeds(bars, begins)
    events.addHandler(seeds)
    try:
        with bars:
            console.show_cursor(True)  # a process that is killed could not show it again
            yield _Above(console)
    finally:
        events.removeHandler(seeds)


class Seeds(Unfailing):
    """Moves a bar for each seed by the events of its training; before the first one waits."""

    def __init__(self, bars: "Progress", begins: str) -> None:
        super().__init__()
        self._bars = bars
        self._waiting: TaskID | None = bars.add_task(begins, total=None, told="")
        self._tasks: dict[int, TaskID] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Show an event; a seed that has ended is shown no more, as the log tells of it."""
        event = vars(record)["event"]
        seed = event["seed"]
        if self._waiting is not None:
            self._bars.remove_task(self._waiting)
            self._waiting = None
        if event["status"] in ("completed", "failed"):
            if seed in self._tasks:
                self._bars.remove_task(self._tasks.pop(seed))
            return
        if seed not in self._tasks:
            self._tasks[seed] = self._bars.add_task(f"seed {seed}", total=None, told="")
        total = event.get("num_steps")
        self._bars.update(
            self._tasks[seed], completed=event["step"], total=total, told=in_words(event)
        )


class _Above(Unfailing):
    """Prints lines above what moves; those that only repeat it are left out."""

    def __init__(self, console: Any) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != _PROGRESS_LINES:
            self._console.print(self.format(record), markup=False, soft_wrap=True)


def in_words(event: Mapping[str, Any]) -> str:
    """An event as a line: `4,096/40,000, 9,100 steps/s, 4 s left, return 0.51`.

    The return is that of the last validation, once there was one.
    """
    step, total, rate = event["step"], event.get("num_steps"), event.get("steps_per_second", 0.0)
    parts = [f"{step:,}" + (f"/{total:,}" if total else " steps")]
    if rate:
        parts.append(f"{rate:,.0f} steps/s")
        if total:
            parts.append(f"{(total - step) / rate:,.0f} s left")
    found = event.get("validation_return", event.get("return"))
    return ", ".join(parts if found is None else [*parts, f"return {found:.2f}"])
