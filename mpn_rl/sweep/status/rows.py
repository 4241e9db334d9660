"""The state of a sweep in words: the lines and the table that a terminal and a page show."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mpn_rl.sweep.status.overview import KINDS, BlockStatus, Overview
from mpn_rl.sweep.status.remaining import span
from mpn_rl.sweep.status.states import FAILED, RUNNING
from mpn_rl.sweep.status.training import sparkline

COLUMNS = ("state", "jobs", "steps", "return", "steps/s", "left", "where and why")


@dataclass(frozen=True)
class Row:
    """A block: what tells its run from others, and a cell for each of `COLUMNS`."""

    kind: str
    name: tuple[str, ...]
    cells: tuple[str, ...]
    lines: Sequence[str] = ()


def header(overview: Overview) -> list[str]:
    """What is to be said of the sweep as a whole, a line each."""
    done, wanted = overview.jobs
    counts = [f"{count:,} {kind}" for kind, count in overview.counts.items()]
    lines = [
        f"{overview.name}: {', '.join(counts) or 'no blocks'}; {done:,} of {wanted:,} jobs done"
    ]
    if overview.left is not None:
        arrival = time.strftime("%a %H:%M", time.localtime(overview.at + overview.left))
        lines.append(f"about {span(overview.left)} left, until {arrival}, as jobs run now")
    elif overview.seconds is not None:
        driver = "a driver is at work, or was killed" if overview.driven else "no driver is at work"
        lines.append(f"about {span(overview.seconds)} of one core left; {driver}")
    if not overview.looked_close:
        lines.append(
            "of so many blocks the finished ones are not looked at: stale ones count as done"
        )
    return lines


def names_of(overview: Overview) -> list[str]:
    """The parameters that tell runs apart, then the seeds."""
    labels = [block.labels for block in overview.blocks if block.run]
    names = labels[0] if labels else {}
    return [*(n for n in names if len({label.get(n) for label in labels}) > 1), "seeds"]


def rows(overview: Overview, most: int | None = None) -> list[Row]:
    """Blocks in their order; if there are more than `most`, those first that ask for a look."""
    names, found = names_of(overview)[:-1], list(overview.blocks)
    if most is not None and len(found) > most:
        found = sorted(found, key=lambda block: KINDS.index(block.kind))[:most]
    return [_row(block, names) for block in found]


def left_out(overview: Overview, shown: Sequence[Row]) -> str:
    """How many blocks `rows` has left out; empty where none."""
    number = len(overview.blocks) - len(shown)
    return f"and {number:,} more (--all shows them)" if number else ""


def compact(number: int) -> str:
    """A number in three digits or more: 850, 62.5k, 1.65M."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if number >= size:
            digits = max(0, 3 - len(str(number // size)))
            return f"{round(number / size, digits):g}{unit}"
    return str(number)


def _row(block: BlockStatus, names: Iterable[str]) -> Row:
    name = (*(block.labels.get(n, "") for n in names), block.block)
    if not block.run:
        name = ("baselines, summary", *("" for _ in name[1:]))
    training = block.training
    steps = score = rate = left = ""
    if training is not None and any(state.job.rule == "train" for state in block.jobs):
        steps = compact(training.steps)
        steps += f"/{compact(training.planned)}" if training.planned else ""
        rate = f"{training.rate:,.0f}" if block.at_work and training.rate else ""
        left = span(training.left) if block.at_work and training.left is not None else ""
    if training is not None and training.returns:
        score = f"{sparkline(training.returns)} {training.returns[-1]:.2f}"
    cells = (_state(block), f"{block.done}/{block.wanted}", steps, score, rate, left, _where(block))
    lines = [line for state in block.failed[:1] for line in state.lines]
    return Row(block.kind, name, cells, lines)


def _state(block: BlockStatus) -> str:
    if block.kind not in (RUNNING, FAILED):
        return block.kind
    states = block.at_work if block.kind == RUNNING else block.failed
    first, *more = dict.fromkeys(state.job.rule for state in states)
    return f"{block.kind}: {first}{f' +{len(more)}' if more else ''}"


def _where(block: BlockStatus) -> str:
    at_work = block.at_work
    since = f"since {at_work[0].since[11:]}" if at_work and at_work[0].since else ""
    host = block.host or (at_work[0].host if at_work else "")
    return ", ".join(part for part in (host, since, block.why) if part)
