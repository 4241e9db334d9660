"""Flags are taken from the fields that they are about, wherever these are declared."""

from dataclasses import fields, make_dataclass

import pytest

from mpn_rl.parameters.spec import declared_field
from mpn_rl.sweep.cli import collect, evaluate, plot, render
from mpn_rl.sweep.cli.flags import Parser
from mpn_rl.sweep.config import settings


def backwards(section):
    """The same dataclass with its fields declared in the opposite order."""
    turned = [(field.name, field.type, field) for field in reversed(fields(section))]
    return make_dataclass(section.__name__, turned, frozen=True)


@pytest.mark.parametrize(
    ("command", "flag", "value"),
    [
        (evaluate, "--num-eval-episodes", 7),
        (render, "--seed", 0),
        (render, "--episode", 0),
        (render, "--fps", 7),
        (collect, "--num-episodes", 7),
        (plot, "--color-by", "time"),
    ],
)
def test_a_flag_does_not_depend_on_the_order_of_fields(command, flag, value, monkeypatch):
    for name in ("EvaluationSettings", "RenderSettings", "SeedSettings", "AnalysisSettings"):
        if hasattr(command, name):
            monkeypatch.setattr(command, name, backwards(getattr(settings, name)))
    parser = Parser(prog="mpn-rl")
    command.add_flags(parser)
    given = parser.parse_args(["--experiment-name", "a", flag, str(value)])
    assert value in vars(given).values()


def test_a_field_is_found_by_its_name():
    assert declared_field(settings.SeedSettings, "count").default == 4
    with pytest.raises(KeyError):
        declared_field(settings.SeedSettings, "eta")
