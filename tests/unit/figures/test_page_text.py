"""Text that fits its place, and numbers as text."""

import numpy as np

from mpn_rl.sweep.summary.page_text import (
    fitted,
    interval_text,
    number_text,
    text_width,
    wrapped,
)


def test_text_fits_its_place() -> None:
    long = "a long name " * 20
    for size in (6.5, 8.0, 14.0):
        assert text_width(fitted(long, 2.0, size), size) <= 2.0
    assert fitted("short", 2.0, 8) == "short"
    lines = wrapped(long, 2.0, 8, lines=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(text_width(line, 8) <= 2.0 for line in lines)
    assert wrapped("", 2.0, 8, lines=2) == []


def test_numbers_as_text() -> None:
    assert [number_text(v) for v in (0.984, -0.004, -3.2, 123.45, 54321.0, np.nan)] == [
        "0.98",
        "0.00",
        "−3.20",
        "123.5",
        "54,321",
        "–",
    ]
    assert interval_text(0.5, 0.25, 0.75) == "0.50 [0.25, 0.75]"
    assert interval_text(0.5, np.nan, np.nan, signed=True) == "+0.50"
