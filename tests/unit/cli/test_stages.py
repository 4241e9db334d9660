"""Flags of the commands that run stages are those of the stages' settings."""

import pytest

from mpn_rl.sweep.cli import stages
from mpn_rl.sweep.cli.flags import Parser
from mpn_rl.sweep.layout import RULES
from mpn_rl.sweep.ledger import recording


@pytest.mark.parametrize(
    ("command", "flag", "name", "value"),
    [
        (stages.EVAL, "--num-eval-episodes", "num_episodes", 7),
        (stages.EVAL, "--checkpoint", "checkpoint", "best"),
        (stages.RENDER, "--seed", "seed", 0),
        (stages.RENDER, "--episode", "episode", 0),
        (stages.RENDER, "--fps", "fps", 7),
        (stages.COLLECT, "--num-episodes", "num_episodes", 7),
        (stages.COLLECT, "--max-recorded-mb", "max_recorded_mb", 2.5),
        (stages.PLOT, "--color-by", "color_by", "time"),
        (stages.DECODE, "--folds", "folds", 7),
        (stages.DECODE, "--centred", "centred", "false"),
    ],
)
def test_a_flag_gives_a_setting(command, flag, name, value):
    parser = Parser(prog="mpn-rl")
    command.add_flags(parser)
    given = parser.parse_args(["--experiment-name", "a", flag, str(value)])
    assert getattr(given, name) == {"false": False}.get(value, value)


def test_a_recording_is_read_with_the_checkpoint_that_was_recorded(tmp_path):
    parser = Parser(prog="mpn-rl")
    stages.DECODE.add_flags(parser)
    given = parser.parse_args(["--experiment-name", "a"])
    assert not hasattr(given, "checkpoint")
    params = {"checkpoint": "best", "num_episodes": 5}
    with recording(
        tmp_path, "collect", run="r", code="c", params=params, inputs=[], outputs=[], seeds=[0]
    ):
        pass
    settings = stages.DECODE.settings(given, tmp_path, "decode")
    assert settings["checkpoint"] == "best"
    assert {*settings} == {*RULES["decode"].settings}
