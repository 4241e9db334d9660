"""The contracts that users run on cores and tasks of their own find what is wrong."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mpn_rl.networks.gru import GRU
from mpn_rl.networks.rnn import RNN
from mpn_rl.parameters.points import read_point
from mpn_rl.tasks.delayed_match import DelayedMatch
from mpn_rl.testing import check_core, check_task
from mpn_rl.testing.looking import refusal

EXAMPLE = Path(__file__).parents[2] / "examples" / "leaky_memory"
CORE, TASK = "leaky_memory.core:Leaky", "leaky_memory.task:DelayedReport"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE))


def test_the_example_keeps_to_both(example):  # noqa: ARG001
    check_core(f"{CORE}(leak=0.5)")
    check_task(f"{TASK}(delay=3)")
    assert refusal(read_point({"core": CORE, "task": TASK})) is None


def test_options_are_checked_with_the_plugins_own_model(example):  # noqa: ARG001
    said = refusal(read_point({"core": f"{CORE}(leak=2)"}))
    assert said == "core Leaky.leak: 2 is not a number in (0, 1]"
    said = refusal(read_point({"core": f"{CORE}(leek=0.2)"}))
    assert said == "core Leaky.leek: unknown key; did you mean leak?"
    said = refusal(read_point({"task": f"{TASK}(delay=-1)"}))
    assert said == "task DelayedReport.delay: -1 is not a whole number at least 0"


class ForgetsResets(RNN):
    def unroll(self, x, state, start):
        return super().unroll(x, state, torch.zeros_like(start))


class OtherShape(GRU):
    def step(self, x, state):
        h, state = super().step(x, state)
        return h[:, :-1], state


class Mixes(RNN):
    def step(self, x, state):
        h, state = super().step(x - x.mean(0), state)
        return h, state

    def unroll(self, x, state, start):
        return super().unroll(x - x.mean(1, keepdim=True), state, start)


class Undrawn(RNN):
    def build(self, parameters, generator):
        super().build(parameters, None)


class InPlace(RNN):
    def step(self, x, state):
        return super().step(x, state.mul_(0.5))


class Detached(RNN):
    def step(self, x, state):
        h, state = super().step(x, state)
        return h.detach(), state


class Doubled(RNN):
    def build(self, parameters, generator):
        super().build(parameters, generator)
        self.double()


class Alone(RNN):
    def step(self, x, state):
        return super().step(x, state)[0]


@pytest.mark.parametrize(
    ("core", "said"),
    [
        (InPlace, "unroll or step changes the state that it is given"),
        (Detached, "step gives h without a gradient"),
        (Doubled, "is of torch.float64, not torch.float32"),
        (Alone, "step does not give two tensors, h and the next state"),
        (ForgetsResets, "h of unroll is not that of step after step"),
        (OtherShape, r"step gives h \(4, 9\), not \(4, 10\)"),
        (Mixes, "other outputs beside others than alone"),
        (Undrawn, "is not drawn from the generator alone"),
    ],
)
def test_what_breaks_the_interface_of_a_core_is_said(core, said):
    with pytest.raises(AssertionError, match=said):
        check_core(f"{core.__module__}:{core.__name__}")


class Fails(RNN):
    def build(self, parameters, generator):
        raise RuntimeError("no\nway")


def test_an_exception_in_a_plugin_is_one_line_with_its_place():
    said = refusal(read_point({"core": f"{__name__}:Fails"}))
    assert said.startswith(f"core '{__name__}:Fails' fails: RuntimeError: no way, in {__file__}, ")


class Unseeded(DelayedMatch):
    turn = 0

    def draw(self, generator, count):
        Unseeded.turn += 1
        return super().draw(np.random.default_rng(Unseeded.turn), count)


class TellsLess(DelayedMatch):
    def _info(self, over=None):
        return {}


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (Unseeded, "the same seed and actions give other episodes"),
        (TellsLess, "info has"),
    ],
)
def test_what_breaks_the_interface_of_a_task_is_said(task, said):
    with pytest.raises(AssertionError, match=said):
        check_task(f"{task.__module__}:{task.__name__}")
