"""What a stage's log holds."""

import logging

import pytest

from mpn_rl.errors import TaskError
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


def test_what_was_raised_inside_a_task_is_in_the_log_with_its_traceback(tmp_path, capsys):
    path = tmp_path / "train.log"

    def stage():
        with stage_log(path, "train"):
            try:
                raise KeyError("maze")
            except KeyError as error:
                raise TaskError("task 'Slip-v0' failed in its step") from error

    with pytest.raises(SystemExit) as ended:
        stage()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "train: task 'Slip-v0' failed in its step\n"
    log = path.read_text()
    assert "Traceback" in log
    assert f'{__file__}", line' in log
    assert "KeyError: 'maze'" in log
