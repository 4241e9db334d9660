"""The summary as a PDF: every page in order, from tables alone, the same bytes each time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mpn_rl.figures.style import figures_to_pdf_bytes, panels, styled
from mpn_rl.sweep.summary.answer import answer_pages
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.dimensions import dimension_pages
from mpn_rl.sweep.summary.evaluation import evaluation_pages
from mpn_rl.sweep.summary.lines import curve_pages, sensitivity_pages
from mpn_rl.sweep.summary.page import MARGIN, bounded, new_page, panel_title, stamp
from mpn_rl.sweep.summary.sure import sure_pages
from mpn_rl.sweep.summary.tasks import task_pages
from mpn_rl.sweep.summary.title import MissingBlock, missing_pages, title_page

__all__ = ["EpisodeFrames", "MissingBlock", "write_pages", "write_partial"]

EPISODES_PER_PAGE = 3


@dataclass(frozen=True)
class EpisodeFrames:
    """A few frames of one rendered episode: (step, RGB uint8 (height, width, 3)), and its title."""

    title: str
    frames: Sequence[tuple[int, NDArray[np.uint8]]]


@styled
def write_pages(tables: SummaryTables, episodes: Sequence[EpisodeFrames] = ()) -> bytes:
    """Return summary.pdf. Each section has twelve pages at most, and says what it leaves out."""
    name = tables.sweep.name
    return figures_to_pdf_bytes(_numbered(pages(tables, episodes), name), f"mpn-rl: {name}")


@styled
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

    def every() -> Iterator[Figure]:
        yield from bounded(missing_pages(missing, complete), "Missing blocks")
        if tables is not None:
            yield from pages(tables, episodes)

    return figures_to_pdf_bytes(_numbered(every(), f"{name} (partial)"), f"mpn-rl: {name}, partial")


def pages(tables: SummaryTables, episodes: Sequence[EpisodeFrames]) -> Iterator[Figure]:
    """Draw the pages of a complete summary one after the other."""
    yield title_page(tables)
    yield from bounded(task_pages(tables), "All tasks")
    yield from bounded(answer_pages(tables), "Did plasticity help")
    yield from bounded(sure_pages(tables), "How sure")
    yield from bounded(evaluation_pages(tables), "Final evaluation")
    yield from bounded(curve_pages(tables), "Learning curves")
    yield from bounded(sensitivity_pages(tables), "Sensitivity")
    yield from bounded(dimension_pages(tables), "Dimensions")
    yield from bounded(episode_pages(episodes), "Episodes")


def _numbered(unnumbered: Iterator[Figure], name: str) -> Iterator[Figure]:
    for number, page in enumerate(unnumbered, start=1):
        yield stamp(page, name, number)


def episode_pages(episodes: Sequence[EpisodeFrames]) -> Iterator[Figure]:
    """Draw frames of episodes, an episode to a row, three rows to a page."""
    note = (
        "First, middle and last frame of a greedy episode; the whole animations lie in the runs' "
        "folders videos/."
    )
    for first in range(0, len(episodes), EPISODES_PER_PAGE):
        page = new_page("Episodes", note)
        grid = panels(
            page,
            EPISODES_PER_PAGE,
            3,
            left=MARGIN,
            right=MARGIN,
            top=1.35,
            bottom=0.55,
            wspace=0.15,
            hspace=0.25,
        )
        for ax in grid.flat:
            ax.set_axis_off()
        for row, episode in zip(grid, episodes[first : first + EPISODES_PER_PAGE], strict=False):
            for ax, (step, frame) in zip(row, episode.frames, strict=False):
                ax.imshow(frame, interpolation="none")
                panel_title(ax, f"step {step}", 7.5)
            panel_title(row[0], f"step {episode.frames[0][0]} · {episode.title}", 7.5)
        yield page
