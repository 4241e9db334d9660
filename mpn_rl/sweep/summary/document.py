"""Headings, notes, tables and drawings as blocks, set by Typst: equal blocks, equal bytes."""

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import matplotlib
import typst
from matplotlib.figure import Figure

from mpn_rl.figures.style import figure_to_svg

Block = dict[str, Any]
Cell = str | Mapping[str, Any]

_TEMPLATE = Path(__file__).with_name("summary.typ")
_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def heading(text: str, level: int = 1) -> Block:
    """A heading, of a part or of something within it."""
    return {"kind": "heading", "level": level, "text": text}


def note(text: str, opens: bool = True) -> Block:
    """How to read what follows, on the same page; or a remark that `opens` nothing."""
    return {"kind": "note", "text": text, "opens": opens}


def table(columns: Mapping[str, str], rows: Iterable[Block]) -> Block:
    """Rows under a head that is repeated on each page.

    columns: title → `cell` (as wide as its cells, right), `rest` (what is left), or `lane`.
    """
    return {"kind": "table", "head": [*columns], "widths": [*columns.values()], "rows": [*rows]}


def row(*cells: Cell, look: str = "") -> Block:
    """A row of a table; look: "dim", "strong" or as all are."""
    return {"cells": cells, "look": look}


def drawing(figure: Figure, name: str) -> Block:
    """A figure as vectors, as wide as the page; `name` is that of its file for papers."""
    return {"kind": "drawing", "name": name, "svg": figure_to_svg(figure, letters=True)}


def figures_of(blocks: Iterable[Block]) -> bytes:
    """The drawings as SVG files in a zip archive without times: equal blocks, equal bytes."""
    buffer = io.BytesIO()
    drawn = [block for block in blocks if block["kind"] == "drawing"]
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for number, block in enumerate(drawn, 1):
            name = re.sub(r"[^\w.,=+-]+", "_", f"{number:02d} {block['name']}", flags=re.ASCII)
            # without a time of its own, an entry has the earliest that the format knows
            archive.writestr(ZipInfo(f"{name}.svg"), block["svg"], ZIP_DEFLATED)
    return buffer.getvalue()


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
