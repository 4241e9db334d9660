"""Text on figures."""

from mpn_rl.canvas import new_figure, printable
from mpn_rl.figures.style import (
    figure_to_png_bytes,
)


def test_text_that_a_font_lacks_is_replaced() -> None:
    assert printable("a\tb\x1b[0m$x$ η") == "a   b?[0m$x$ η"
    assert printable("漢字") == "??"
    figure = new_figure(1, 1)
    figure.text(0, 0, printable("漢字"))
    figure_to_png_bytes(figure)  # a missing glyph would warn, and warnings are errors
