"""Pages of a section: as many as fit, and the last says where the rest is."""

import pytest
from matplotlib.figure import Figure

from mpn_rl.sweep.summary import page
from mpn_rl.sweep.summary.page import bounded, new_page

NOTE = "Part: more pages would follow; all their numbers are in summary.csv"


@pytest.mark.parametrize(
    ("there", "shown", "noted"), [(0, 0, False), (2, 2, False), (3, 3, False), (4, 3, True)]
)
def test_a_section_is_bounded_and_says_so(
    there: int, shown: int, noted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGES_PER_SECTION", 3)
    pages = list(bounded((new_page("Part") for _ in range(there)), "Part"))
    assert len(pages) == shown
    notes = [NOTE in texts(one) for one in pages]
    assert notes == [False] * (shown - 1) + [noted] * bool(shown)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]
