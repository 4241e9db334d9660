"""Flags are taken from the fields that they are about, wherever these are declared."""

import pytest
from pydantic import create_model

from mpn_rl.parameters.fields import Parameters, declared_fields
from mpn_rl.sweep.cli import collect, evaluate, plot, render
from mpn_rl.sweep.cli.flags import Parser
from mpn_rl.sweep.config import settings


def backwards(section):
    """The same model with its fields declared in the opposite order."""
    turned = {
        name: (section.__annotations__[name], section.model_fields[name])
        for name in reversed(section.model_fields)
    }
    return create_model(section.__name__, __base__=Parameters, **turned)


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
    assert declared_fields(settings.SeedSettings)["count"].default == 4
    with pytest.raises(KeyError):
        declared_fields(settings.SeedSettings)["eta"]
