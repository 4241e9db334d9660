"""Text that fits its place, and numbers as text. Widths are in inches, sizes in points."""

from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from mpn_rl.canvas import printable

ELLIPSIS = "…"


@lru_cache(maxsize=20_000)
def text_width(
    text: str, size: float, weight: str = "normal", family: str = "DejaVu Sans"
) -> float:
    """Return the width of a line of text in inches."""
    font = FontProperties(family=family, weight=weight, size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0]) / 72


def fitted(
    text: str, width: float, size: float, weight: str = "normal", family: str = "DejaVu Sans"
) -> str:
    """Return the text, with its end replaced by an ellipsis where it is wider than `width`."""
    if text_width(text, size, weight, family) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle] + ELLIPSIS, size, weight, family) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def shortened(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Return text that can be drawn, shortened to `width`, for titles and names in panels."""
    return fitted(printable(text), width, size, weight)


def wrapped(text: str, width: float, size: float, lines: int) -> list[str]:
    """Return the text as at most `lines` lines of at most `width`; the rest becomes an ellipsis."""
    found: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size) > width:
            found.append(line)
            line = word
        else:
            line = longer
    found += [line] if line else []
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    return [fitted(line, width, size) for line in found]


def number_text(value: float) -> str:
    """Return a number as text of about three digits; – where there is none."""
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    digits = 2 if size < 100 else 1 if size < 1000 else 0
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def interval_text(value: float, low: float, high: float, signed: bool = False) -> str:
    """Return a number with its interval: 0.98 [0.97, 0.99]; without one where none is known."""
    sign = "+" if signed and np.isfinite(value) and value > 0 else ""
    if not np.isfinite(low):
        return sign + number_text(value)
    return f"{sign}{number_text(value)} [{number_text(low)}, {number_text(high)}]"
