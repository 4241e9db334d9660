"""summary.pdf and summary_partial.pdf, from tables alone, in the order of a reader's questions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mpn_rl.canvas import new_figure, printable
from mpn_rl.figures.style import applied, panels
from mpn_rl.sweep.summary.asked import asked_blocks, remark_blocks
from mpn_rl.sweep.summary.data import SummaryTables, where
from mpn_rl.sweep.summary.document import Block, drawing, figures_of, heading, note, pdf_of
from mpn_rl.sweep.summary.drawings import (
    curve_drawings,
    dimension_drawings,
    sensitivity_drawings,
)
from mpn_rl.sweep.summary.every_run import run_blocks
from mpn_rl.sweep.summary.found import found_blocks
from mpn_rl.sweep.summary.how import how_blocks
from mpn_rl.sweep.summary.measured import MeasuredFigure, measured_blocks
from mpn_rl.sweep.summary.sure import learned, sure_blocks
from mpn_rl.sweep.summary.texts import (
    counted,
    number_text,
    problem_title,
    rounded_count,
    run_name,
)

_LINES = 12  # last lines of a log
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CURVES_NOTE = (
    "IQM over seeds that did not fail; the band is its 95 % interval (none where seeds agree). "
    "Validation plays episodes of its own without exploration. Over all runs, settings count "
    "alike, good or bad."
)
_SENSITIVITY_NOTE = (
    "Each point is a seed of a run with that value, whatever else differs between its runs; lines "
    "are IQMs over all of them, bands 95 % intervals. Flat lines: cores without this parameter. "
    "Runs where it is null have no place on the axis."
)
_DIMENSIONS_NOTE = (
    "Principal components of the chosen runs' activity in greedy episodes, of each seed by itself; "
    "lines are IQMs over seeds, bands 95 % intervals. Participation ratio (Σv)²/Σv² over the whole "
    "spectrum: the number of dimensions that the activity fills."
)
_EPISODES_NOTE = (
    "A greedy episode of the first run of each core in the sweep, which need not be the chosen "
    "one, at four times from its first step to its last. Left the environment, right M, or the "
    "hidden activity of a core without M. All animations: videos/ in the runs' folders."
)
_MISSING_NOTE = (
    "Each with its first unfinished stage and the last lines of that log. Run snakemake again to "
    "continue: finished work is kept, and an interrupted training continues from its last saved "
    "state."
)


@dataclass(frozen=True)
class EpisodeFrames:
    """A few frames of a rendered episode of a run: (step, RGB uint8 (height, width, 3))."""

    run: str
    title: str
    frames: Sequence[tuple[int, NDArray[np.uint8]]]


@dataclass(frozen=True)
class MissingBlock:
    """A block that has not finished: its first missing stage, and the last lines of its log."""

    run: str
    seeds: str
    stage: str
    log: str = ""
    lines: Sequence[str] = ()


class Pages(NamedTuple):
    """summary.pdf, and its figures as vectors for papers, summary_figures.zip."""

    pdf: bytes
    figures: bytes


def write_pages(
    tables: SummaryTables,
    episodes: Sequence[EpisodeFrames] = (),
    measured: Sequence[MeasuredFigure] = (),
) -> Pages:
    """Return summary.pdf and summary_figures.zip."""
    blocks = list(_blocks(tables, episodes, measured))
    return Pages(pdf_of(f"mpn-rl: {tables.sweep.name}", blocks), figures_of(blocks))


def write_partial(
    name: str,
    missing: Sequence[MissingBlock],
    complete: int,
    tables: SummaryTables | None = None,
    episodes: Sequence[EpisodeFrames] = (),
) -> bytes:
    """Return summary_partial.pdf: missing blocks with their logs, then what there is.

    complete: number of finished blocks; tables: of these, None where there are none.
    """
    blocks = [
        heading(f"{len(missing)} of {len(missing) + complete} blocks are missing"),
        note(_MISSING_NOTE),
    ]
    for block in missing:
        blocks.append(
            heading(f"{block.run}, seeds {block.seeds}: {block.stage} has not finished", 2)
        )
        blocks += [note(block.log)] if block.log else []
        lines = _log_lines(block.lines) or ["(no log: the job never started)"]
        blocks.append({"kind": "log", "lines": lines})
    blocks += _blocks(tables, episodes) if tables is not None else ()
    return pdf_of(f"mpn-rl: {name}, partial", blocks)


def _blocks(
    tables: SummaryTables,
    episodes: Sequence[EpisodeFrames],
    measured: Sequence[MeasuredFigure] = (),
) -> Iterator[Block]:
    yield from found_blocks(tables)
    yield from remark_blocks(tables)
    yield from sure_blocks(tables)
    yield from how_blocks(tables)
    yield from run_blocks(tables)
    if len(tables.curves):
        yield from (heading(_curves_title(tables)), note(_CURVES_NOTE), *curve_drawings(tables))
    if len(tables.sensitivity):
        yield from (heading(_sensitivity_title(tables)), note(_SENSITIVITY_NOTE))
        yield from sensitivity_drawings(tables)
    if len(tables.variance):
        hidden = where(tables.participation, variable="hidden")["value"]
        ends = f"{number_text(hidden.min())} to {number_text(hidden.max())}"
        yield from (heading(f"Hidden activity fills {ends} dimensions"), note(_DIMENSIONS_NOTE))
        yield from dimension_drawings(tables)
    yield from _episode_blocks(tables, episodes)
    yield from measured_blocks(tables, measured)
    yield from asked_blocks(tables)


def _curves_title(tables: SummaryTables) -> str:
    found = [learned(tables, problem, "steps_to_solved") for problem in tables.problems()]
    steps = [{core: own["value"] for core, own in of.items() if own["value"] > 0} for of in found]
    if len(steps) > 1 and any(found):
        reached = sum("mpn" in own for own in steps)
        return (
            f"How it learned: mpn solved {reached} of {len(steps)} problems, "
            "by at least half of its seeds"
        )
    said = ", ".join(f"{core} after {rounded_count(value)}" for core, value in steps[0].items())
    return "How it learned" + (
        f": half of the seeds passed validation: {said} steps" if said else ""
    )


def _sensitivity_title(tables: SummaryTables) -> str:
    """The parameter over whose values a core's score goes furthest, of fractions correct if any."""
    lines = tables.sensitivity[tables.sensitivity["x"].notna()]
    lines = lines[lines["metric"] == lines["task"].map(tables.primary)]
    judged = lines["metric"] == "correct"
    lines = lines[judged] if judged.any() else lines
    ranges = lines.groupby(["task", "axis", "core"], sort=False)["value"].agg(["min", "max"])
    widths = ranges["max"] - ranges["min"]
    if not (widths > 0).any():
        return "No parameter that is swept made a difference to the score"
    most: Any = widths.idxmax()
    task, axis, core = most
    ends = f"{number_text(ranges['min'][most])} to {number_text(ranges['max'][most])}"
    several = tables.runs["task"].nunique() > 1
    place = f" in {task}" if several else ""
    return f"{axis} matters most: {core} scores from {ends} over its values{place}"


def _episode_blocks(tables: SummaryTables, episodes: Sequence[EpisodeFrames]) -> list[Block]:
    """A page per episode."""
    runs = tables.runs.set_index("run")
    blocks = [heading(_episodes_title(episodes)), note(_EPISODES_NOTE)] if episodes else []
    for episode in episodes:
        run: Any = runs.loc[episode.run]
        name = f"{problem_title((run['task'], run['setting']))}: {run_name(run)}, {episode.title}"
        blocks += [heading(name, 2), drawing(_frames(episode), f"episode {name}")]
    return blocks


def _episodes_title(episodes: Sequence[EpisodeFrames]) -> str:
    lengths = sorted(episode.frames[-1][0] + 1 for episode in episodes)
    ends = " to ".join(dict.fromkeys(f"{length:,}" for length in (lengths[0], lengths[-1])))
    return f"{counted(len(episodes), 'episode')} of {ends} steps: what the agent sees and remembers"


@applied()
def _frames(episode: EpisodeFrames) -> Figure:
    """The frames of an episode, two to a row and large enough to read."""
    rows = -(-len(episode.frames) // 2)
    height, width = episode.frames[0][1].shape[:2]
    figure = new_figure(10.6, rows * 5.2 * height / width + 0.2 * (rows - 1))
    edges = {"left": 0.0, "right": 0.0, "top": 0.0, "bottom": 0.0}
    axes = panels(figure, rows, 2, **edges, wspace=0.2, hspace=0.2).ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, (_, frame) in zip(axes, episode.frames, strict=False):
        ax.imshow(frame, interpolation="none")
    return figure


def _log_lines(lines: Sequence[str]) -> list[str]:
    """Return the last lines that say something, without terminal colours and progress bars."""
    kept = [_ESCAPES.sub("", line).split("\r")[-1].rstrip() for line in lines]
    return [printable(line) for line in kept if line][-_LINES:]
