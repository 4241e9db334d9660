"""Flags of the commands that run stages are those of the stages' settings."""

import pytest

from mpn_rl.sweep.cli import stages
from mpn_rl.sweep.cli.flags import Parser


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
    ],
)
def test_a_flag_gives_a_setting(command, flag, name, value):
    parser = Parser(prog="mpn-rl")
    command.add_flags(parser)
    given = parser.parse_args(["--experiment-name", "a", flag, str(value)])
    assert getattr(given, name) == value
