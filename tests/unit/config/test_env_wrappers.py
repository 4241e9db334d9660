"""`env_wrappers`: strictly read, written in one way, part of the id of the runs that have them."""

import pytest

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import read_point, run_id
from mpn_rl.parameters.wrappers import WrapperCall, read_wrappers


def read(text):
    return Hyperparameters.read({"task": "CartPole-v1", "env_wrappers": text}).env_wrappers


def test_names_and_keywords_are_read_as_data():
    assert read_wrappers("A, b.c.D(e=(8, 4), f='g', h=-1.5, i=None, j={'k': [True]})") == (
        WrapperCall("gymnasium.wrappers.A", {}),
        WrapperCall("b.c.D", {"e": (8, 4), "f": "g", "h": -1.5, "i": None, "j": {"k": [True]}}),
    )


def test_equal_wrappers_are_one_run():
    assert read(" A,gymnasium.wrappers.B( c = (8,4) ) ") == "A, B(c=(8, 4))"
    runs = [
        run_id(read_point({"task": "CartPole-v1", **more}))
        for more in ({}, {"env_wrappers": None}, {"env_wrappers": "A"}, {"env_wrappers": " A "})
    ]
    assert runs[0] == runs[1] != runs[2] == runs[3]


def test_own_tasks_have_none():
    assert read_point({"env_wrappers": "A", "observation_kind": "picture"}) == Hyperparameters()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not wrappers in one text, as GrayscaleObservation, Res"),
        ("A(", "is not wrappers in one text"),
        ("A], [B", "is not wrappers in one text"),
        ("[" * 500, "is not wrappers in one text"),
        (["A"], "is not wrappers in one text"),
        ("A(3)", r"A\(3\) gives a value without its keyword"),
        ("A(b=c)", "b=c of A is no keyword with a plain value"),
        ("A(b=print(1))", r"b=print\(1\) of A is no keyword"),
        ("A(**b)", r"\*\*b of A is no keyword"),
        ("A, 3", "3 is not the name of a wrapper"),
        ("__import__('os').system(a='ls')", "is not the name of a wrapper"),
        ("'A'", "'A' is not the name of a wrapper"),
    ],
)
def test_anything_else_is_refused_in_a_line(text, message):
    with pytest.raises(ConfigError, match=f"^env_wrappers: .*{message}"):
        read(text)
