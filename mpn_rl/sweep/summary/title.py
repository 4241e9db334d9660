"""The first page: what was swept and how it was made; and the page of what is missing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mpn_rl.canvas import printable
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.page import (
    BOTTOM,
    MARGIN,
    SIZE,
    TOP,
    WIDTH,
    Column,
    Row,
    draw_table,
    new_page,
    write,
)
from mpn_rl.sweep.summary.page_text import fitted, wrapped
from mpn_rl.sweep.summary.problems import problem_title, verdict

_LEFT = 5.9
_RIGHT = WIDTH - MARGIN - (MARGIN + _LEFT + 0.4)
_MONO = "DejaVu Sans Mono"
_LINES = 12  # last lines of a log
_MESSAGES = 5
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class MissingBlock:
    """A block that has not finished: its run, seeds, the stage that lacks, its log's last lines."""

    run: str
    seeds: str
    stage: str
    log: str = ""
    lines: Sequence[str] = ()


def title_page(tables: SummaryTables) -> Figure:
    """Draw what was swept, what was held, versions, failures."""
    facts = tables.facts.set_index("statistic")
    page = new_page(f"{tables.sweep.name}: does short-term plasticity help?", _counts(facts))
    top = _answers(page, TOP, tables)
    y = _sweep_column(page, MARGIN, top, facts, tables.sweep.units)
    _fixed(page, MARGIN, y, facts)
    x = MARGIN + _LEFT + 0.4
    y = _made_column(page, x, top, facts)
    y = _messages(page, x, y, tables.sweep.messages)
    _failures(page, x, y, tables.failures)
    return page


def missing_pages(missing: Sequence[MissingBlock], complete: int) -> Iterator[Figure]:
    """Draw each block that is missing, with the last lines of its log."""
    heading = f"{len(missing)} of {len(missing) + complete} blocks are missing"
    note = (
        "Each with its first stage that has not finished and the last lines of that log. Run "
        "snakemake again to continue: what is finished is kept, and an interrupted training "
        "goes on from its last saved state."
    )
    page, y = new_page(heading, note), TOP
    for block in missing:
        lines = _log_lines(block.lines)
        height = 0.35 + 0.135 * max(len(lines), 1)
        if y - height < BOTTOM:
            yield page
            page, y = new_page(heading + " (continued)", note), TOP
        width = WIDTH - 2 * MARGIN
        title = f"{block.run}, seeds {block.seeds}: {block.stage} has not finished"
        write(page, MARGIN, y, title, weight="bold", width=width)
        write(page, WIDTH - MARGIN, y, block.log, size=6.5, color="#555555", align="right")
        y -= 0.17
        for line in lines or ["(no log: the job never started)"]:
            write(page, MARGIN + 0.15, y, line, size=6.5, width=width - 0.15, family=_MONO)
            y -= 0.135
        y -= 0.18
    yield page


def _log_lines(lines: Sequence[str]) -> list[str]:
    """Return the last lines that say something, without terminal colours and progress bars."""
    kept = [_ESCAPES.sub("", line).split("\r")[-1].rstrip() for line in lines]
    return [line for line in kept if line][-_LINES:]


def _counts(facts: pd.DataFrame) -> str:
    value = {str(name): number for name, number in facts["value"].items()}

    def count(name: str, thing: str) -> str:
        return f"{value[name]:,.0f} {thing}{'' if value[name] == 1 else 's'}"

    seeds = str(facts["text"]["seeds_per_run"])
    return (
        f"{count('runs', 'run')} of {count('tasks', 'task')} and "
        f"{count('cores', 'memory core')}, seeds {seeds} in {count('blocks', 'block')}. "
        f"{value['failed_seeds']:,.0f} of {value['trained_seeds']:,.0f} trained seeds failed. All "
        "intervals are 95 % t-intervals of interquartile means (IQM) over seeds, and exact ones of "
        "shares; seeds that are all alike have none."
    )


def _answers(page: Figure, y: float, tables: SummaryTables) -> float:
    """Write a sentence per problem, of five at most, and return where it ends."""
    problems = tables.problems()
    for problem in problems[:5]:
        text = f"{problem_title(problem)}: {verdict(tables, problem)}"
        write(page, MARGIN, y, text, size=10, width=WIDTH - 2 * MARGIN)
        y -= 0.22
    if len(problems) > 5:
        write(page, MARGIN, y, f"and {len(problems) - 5} more problems on the next page", size=8)
        y -= 0.2
    return y - 0.2


def _sweep_column(
    page: Figure, x: float, y: float, facts: pd.DataFrame, units: Mapping[str, str]
) -> float:
    write(page, x, y, "Swept", size=10, weight="bold")
    swept = facts[facts.index.str.startswith("swept ")]
    columns = [Column("hyper-parameter", 1.9), Column("values", 0.6, "right"), Column("", 3.4)]
    rows = []
    shown = swept.head(14)
    for name, number, text in zip(
        shown.index.str.removeprefix("swept "), shown["value"], shown["text"], strict=True
    ):
        unit = f" ({units[name]})" if units.get(name) else ""
        rows.append(Row((name + unit, f"{int(number)}", str(text))))
    if len(swept) > 14:
        rows.append(Row((f"and {len(swept) - 14} more", "", "see summary.csv")))
    if not rows:
        rows.append(Row(("nothing: a single run", "", "")))
    return draw_table(page, x, y - 0.12, columns, rows) - 0.1


def _fixed(page: Figure, x: float, y: float, facts: pd.DataFrame) -> None:
    fixed = facts[facts.index.str.startswith("fixed ")]["text"]
    if not len(fixed):
        return
    write(page, x, y, "Held fixed", size=10, weight="bold")
    pairs = [f"{str(name).removeprefix('fixed ')} = {text}" for name, text in fixed.items()]
    room = max(int((y - BOTTOM - 0.25) / 0.165), 1)
    places = np.arange(min(len(pairs), 2 * room))
    for place in places:
        column, line = divmod(int(place), -(-len(places) // 2))
        last = place == places[-1] and len(pairs) > len(places)
        text = f"and {len(pairs) - len(places) + 1} more" if last else pairs[place]
        write(page, x + 3.0 * column, y - 0.22 - 0.165 * line, text, size=7.5, width=2.9)


def _made_column(page: Figure, x: float, y: float, facts: pd.DataFrame) -> float:
    """Write versions and what differs between the parts; times and hosts are volatile."""
    write(page, x, y, "How it was made", size=10, weight="bold")
    rows = [("config hash", str(facts["text"]["config_hash"]))]
    versions = facts[facts.index.str.startswith("version ")]
    for name, found in versions["text"].items():
        rows.append((str(name).removeprefix("version "), str(found)))
    if mixed := [str(name) for name in facts.index[facts["value"] > 1] if name in versions.index]:
        names = ", ".join(name.removeprefix("version ") for name in mixed)
        rows.append(("mixed versions", f"parts were made under different versions of {names}"))
    if "processors" in facts.index:
        rows.append(("processors", f"parts were made on {facts['text']['processors']}"))
    rows.append(("when, where", "hosts, commits, times: provenance.csv"))
    y -= 0.24
    for key, value in rows[:20]:
        write(page, x, y, key, color="#555555", width=1.3)
        for line in wrapped(printable(value or "–"), _RIGHT - 1.4, SIZE, lines=2):
            write(page, x + 1.4, y, line)
            y -= 0.175
    return y - 0.2


def _messages(page: Figure, x: float, y: float, messages: Sequence[str]) -> float:
    """Write the first messages on the config, and return where they end."""
    if not messages:
        return y
    write(page, x, y, "Said of the config", size=10, weight="bold")
    y -= 0.22
    shown = [*messages[:_MESSAGES]]
    if len(messages) > _MESSAGES:
        shown.append(f"and {len(messages) - _MESSAGES} more in summary.csv")
    for message in shown:
        for line in wrapped(printable(message), _RIGHT, 7.5, lines=2):
            write(page, x, y, line, size=7.5)
            y -= 0.165
    return y - 0.2


def _failures(page: Figure, x: float, y: float, failures: pd.DataFrame) -> None:
    write(page, x, y, "Failed seeds, and seeds that never answered", size=10, weight="bold")
    y -= 0.22
    if not len(failures):
        write(page, x, y, "none")
        return
    room = max(int((y - BOTTOM) / (2 * 0.165)) - 1, 1)
    for _, failure in failures.head(room).iterrows():
        text = f"seed {failure['seed']} at step {int(failure['steps']):,}: {failure['text']}"
        write(page, x, y, fitted(printable(str(failure["run"])), _RIGHT, 7.5), size=7.5)
        write(page, x + 0.15, y - 0.15, text, size=7, color="#555555", width=_RIGHT - 0.15)
        y -= 0.32
    if len(failures) > room:
        write(page, x, y, f"and {len(failures) - room:,} more in summary.csv", size=7.5)
