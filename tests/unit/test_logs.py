"""What a stage's log holds."""

import logging

import pytest

from mpn_rl.logs import stage_log


@pytest.mark.parametrize(
    "library", ["fontTools.subset", "fontTools.ttLib", "matplotlib.font_manager"]
)
def test_libraries_that_tell_of_every_step_are_heard_when_something_is_wrong(
    library, tmp_path, capsys
):
    path = tmp_path / "summary.log"
    with stage_log(path, "summarise"):
        logging.getLogger(library).info("glyf subsetted")
        logging.getLogger(library).warning("no such glyph")
        logging.getLogger("mpn_rl").info("pages written")
    said = capsys.readouterr().err
    for text in (path.read_text(), said):
        assert "glyf subsetted" not in text
        assert "no such glyph" in text
        assert "pages written" in text
