"""Show how far a sweep is: what runs and since when, what failed and why, how long the rest takes.

Only files are read, so it costs jobs nothing, on this machine and on a pool that shares them. The
sweep is the one that was started here last, whatever its config says by now; or that of --config.
"""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mpn_rl.errors import UserError
from mpn_rl.interruption import advise
from mpn_rl.sweep.cli.flags import Parser, add_path, named_path
from mpn_rl.sweep.config.sweep import Sweep, load_sweep, read_sweep

if TYPE_CHECKING:
    from rich.console import Console

    from mpn_rl.sweep.status.overview import Overview, Watcher

# Rows that are shown of a long sweep without --all.
_ROWS = 200
_SHARE = 9.0


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl status`."""
    add_path(parser, "folder", "results", "results folder")
    parser.add_argument("--config", type=named_path, metavar="FILE", help="config of the sweep")
    parser.add_argument("--watch", action="store_true", help="look again and again, until Ctrl-C")
    parser.add_argument(
        "--every", type=_seconds, default=2.0, metavar="SECONDS", help="between two (default 2)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, a line for each look")
    parser.add_argument(
        "--html",
        type=named_path,
        metavar="FILE",
        help="write a page for browsers, which reloads itself",
    )
    parser.add_argument("--all", action="store_true", help="show all blocks of a long sweep too")


def run(arguments: argparse.Namespace) -> int:
    """Show it, once or again and again; 1 where something has failed."""
    watcher = _watcher(arguments.folder, arguments.config)
    advise("nothing was changed")
    if arguments.watch:
        _watch(arguments, watcher)
    overview = watcher.overview()
    _write(arguments, overview)
    if arguments.json:
        _print_json(overview)
    elif arguments.html is None:
        _print(overview, None if arguments.all else _ROWS)
    return int("failed" in overview.counts)


def _watcher(results: Path, config: Path | None) -> "Watcher":
    from mpn_rl.sweep.status.overview import Watcher
    from mpn_rl.sweep.status.staleness import Staleness

    sweep = _sweep(results, config)
    watcher = Watcher(results, sweep)
    if watcher.close:
        watcher.stale = Staleness(results, sweep)
    return watcher


def _sweep(results: Path, config: Path | None) -> Sweep:
    from mpn_rl.sweep.ledger.asked import last_asked

    if config is not None:
        return load_sweep(config)
    asked = last_asked(results.absolute().parent)
    if asked is not None:
        return read_sweep(asked.document)
    usual = results.parent / "config" / "config.yaml"
    if not usual.exists():
        raise UserError(f"{results}: no sweep was started here; name its config with --config")
    return load_sweep(usual)


def _watch(arguments: argparse.Namespace, watcher: "Watcher") -> NoReturn:
    """Show it until the process is asked to end."""
    from rich.console import Console

    console = Console(highlight=False)
    # in a pipe and in terminals without a cursor, nothing can be drawn over
    if not arguments.json and console.is_terminal and not console.is_dumb_terminal:
        _watch_screen(arguments, watcher, console)
    while True:
        overview = watcher.overview()
        _write(arguments, overview)
        if arguments.json:
            _print_json(overview)
        elif arguments.html is None:
            _print(overview, None if arguments.all else _ROWS)
            print(flush=True)
        _rest(overview, arguments.every)


def _watch_screen(
    arguments: argparse.Namespace, watcher: "Watcher", console: "Console"
) -> NoReturn:
    from rich.live import Live

    from mpn_rl.sweep.status.screen import screen

    with Live(console=console, auto_refresh=False, screen=True) as live:
        console.show_cursor(True)
        while True:
            overview = watcher.overview()
            _write(arguments, overview)
            fitting = None if arguments.all else max(5, console.height - 8)
            live.update(screen(overview, fitting, console.width), refresh=True)
            _rest(overview, arguments.every)


def _rest(overview: "Overview", seconds: float) -> None:
    """Wait until the next look, for so long that looking takes a tenth of the time at most."""
    time.sleep(max(seconds, _SHARE * (time.time() - overview.at)))


def _write(arguments: argparse.Namespace, overview: "Overview") -> None:
    if arguments.html is not None:
        from mpn_rl.artifacts.files import atomic_write_text
        from mpn_rl.sweep.status.page import page

        most = None if arguments.all else _ROWS
        atomic_write_text(arguments.html, page(overview, arguments.every, most))


def _print(overview: "Overview", most: int | None) -> None:
    from rich.console import Console

    from mpn_rl.sweep.status.screen import screen

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 400
    console.print(screen(overview, most, console.width))


def _print_json(overview: "Overview") -> None:
    from mpn_rl.sweep.status.document import document

    print(json.dumps(document(overview)), flush=True)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.1 to 86400")
    return seconds
