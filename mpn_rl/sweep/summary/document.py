"""Headings, notes, tables and drawings as blocks, set by Typst: equal blocks, equal bytes."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import typst
from matplotlib.figure import Figure

from mpn_rl.figures.style import applied

Block = dict[str, Any]
Cell = str | Mapping[str, Any]

_TEMPLATE = Path(__file__).with_name("summary.typ")
_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def heading(text: str, level: int = 1) -> Block:
    """A heading, of a part or of something within it."""
    return {"kind": "heading", "level": level, "text": text}


def note(text: str) -> Block:
    """How to read what follows."""
    return {"kind": "note", "text": text}


def table(columns: Mapping[str, str], rows: Iterable[Block]) -> Block:
    """Rows under a head that is repeated on each page.

    columns: title → `cell` (as wide as its cells, right), `rest` (what is left), or `lane`.
    """
    return {"kind": "table", "head": [*columns], "widths": [*columns.values()], "rows": [*rows]}


def row(*cells: Cell, look: str = "") -> Block:
    """A row of a table; look: "dim", "strong" or as all are."""
    return {"cells": cells, "look": look}


def drawing(figure: Figure) -> Block:
    """A figure as vectors, as wide as the page."""
    buffer = io.StringIO()
    with applied(), matplotlib.rc_context({"svg.hashsalt": "mpn-rl", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return {"kind": "drawing", "svg": buffer.getvalue()}


def pdf_of(title: str, blocks: Sequence[Block]) -> bytes:
    """The blocks as A4 pages. Text is taken as it is: nothing in it can become markup."""
    return typst.compile(
        _TEMPLATE,
        sys_inputs={"data": json.dumps({"title": title, "blocks": blocks})},
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        format="pdf",
        timestamp=0,
        pdf_tags=False,
    )
