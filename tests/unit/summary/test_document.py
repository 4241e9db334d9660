"""Figures for papers: one file each, safe names, equal bytes."""

import io
import zipfile

from mpn_rl.canvas import new_figure
from mpn_rl.sweep.summary.document import drawing, figures_of, heading

NAMES = ("curves DelayedMatch-v0 (delay=3)", "../../etc/passwd", "a\0b<c>")


def test_figures_are_files_of_an_archive() -> None:
    blocks = [heading("not a figure"), *(drawing(new_figure(1, 1), name) for name in NAMES)]
    made = figures_of(blocks)
    assert made == figures_of(blocks)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == [
            "01_curves_DelayedMatch-v0_delay=3_.svg",
            "02_.._.._etc_passwd.svg",
            "03_a_b_c_.svg",
        ]
        assert archive.read("01_curves_DelayedMatch-v0_delay=3_.svg").startswith(b"<?xml")
