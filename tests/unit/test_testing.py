"""The contracts that users run on cores and tasks of their own find what is wrong."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from mpn_rl.analysis.base import Analysis
from mpn_rl.networks.gru import GRU
from mpn_rl.networks.rnn import RNN
from mpn_rl.parameters.points import read_point
from mpn_rl.tasks.delayed_match import DelayedMatch
from mpn_rl.testing import check_analysis, check_core, check_task
from mpn_rl.testing.looking import refusal, refused_analysis

EXAMPLE = Path(__file__).parents[2] / "examples" / "leaky_memory"
CORE, TASK = "leaky_memory.core:Leaky", "leaky_memory.task:DelayedReport"
ANALYSIS = "leaky_memory.analysis:Persistence"


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


class Boasts(DelayedMatch):
    oracle_accuracy = 0.6


class Beyond(DelayedMatch):
    def oracle_action(self, history):
        return np.full(history.shape[1], 9)


class Unanswerable(DelayedMatch):
    def trials(self, seen, phases, answer, **variables):
        return super().trials(seen, phases, answer + 5, **variables)


class Unwritten(DelayedMatch):
    def oracle_action(self, history):
        raise NotImplementedError


def test_an_oracle_that_is_not_written_is_not_played():
    check_task(f"{__name__}:Unwritten")


class TellsLess(DelayedMatch):
    def _info(self, over=None):
        return {}


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (Unseeded, "the same seed and actions give other episodes"),
        (TellsLess, "info has"),
        (Boasts, r"oracle actions are right in 1\.00 of what is judged, and not in 0\.60"),
        (Beyond, "oracle_action gives 9; actions are below 2"),
        (Unanswerable, r"random actions are right in 0\.00 of what is judged, and not in 0\.50"),
    ],
)
def test_what_breaks_the_interface_of_a_task_is_said(task, said):
    with pytest.raises(AssertionError, match=said):
        check_task(f"{task.__module__}:{task.__name__}")


def test_the_examples_analysis_keeps_to_its_interface(example):  # noqa: ARG001
    check_analysis(f"{ANALYSIS}(lags=2)")
    setting = {"task": f"{TASK}(delay=3)"}
    assert refused_analysis(f"{ANALYSIS}(lags=40)", setting) is None
    said = refused_analysis(f"{ANALYSIS}(lags=0)", {})
    assert said == "analysis Persistence.lags: 0 is not a whole number at least 1"


class Steps(Analysis):
    """The number of steps of each episode."""

    columns = {"steps": int}

    def measure(self, recorded):
        return {"steps": recorded.lengths}


class OfTheMemory(Steps):
    """What it makes use of: M, weights, the generator and further episodes."""

    columns = {"size": float, "drawn": float, "numbers": int}
    unknown = ("size",)

    def measure(self, recorded):
        memory = recorded.memory()
        assert (memory is None) == (recorded.hyperparameters.core != "mpn")
        sizes = [np.nanmean(M**2) for M in memory.steps()] if memory else [np.nan]
        task = recorded.task(2)
        observation, _ = task.reset(seed=0)
        agent = recorded.agent(2)
        actions = agent(0, observation)
        assert actions.shape == (2,)
        task.close()
        drawn = recorded.generator.random()
        return {
            "size": np.mean(sizes),
            "drawn": drawn,
            "numbers": sum(map(np.size, recorded.weights.values())),
        }


class Forgets(Steps):
    calls = itertools.count()

    def measure(self, recorded):
        return {"steps": recorded.lengths + next(Forgets.calls)}


class Writes(Steps):
    def measure(self, recorded):
        Path("steps.txt").write_text("4")
        return super().measure(recorded)


class Changes(Steps):
    def measure(self, recorded):
        recorded.rewards[:] = 0.0
        return super().measure(recorded)


class Lacks(Steps):
    columns = {"steps": int, "share": float}


class DrawsNothing(Steps):
    def draw(self, ax, table):
        pass


class RaisesInside(Steps):
    def measure(self, recorded):
        return {"steps": recorded.variables["absent"]}


@pytest.mark.parametrize(
    ("analysis", "said"),
    [
        (Forgets, "gives other rows for the same recording of core mpn"),
        (Writes, "writes files to the current folder: steps.txt"),
        (Changes, r"changes rewards that it is given \(core mpn\)"),
        (Lacks, r"Lacks.measure gives steps, not columns steps, share \(core mpn\)"),
        (DrawsNothing, r"draw draws nothing \(core mpn\)"),
    ],
)
def test_what_breaks_the_interface_of_an_analysis_is_said(analysis, said):
    with pytest.raises(AssertionError, match=said):
        check_analysis(f"{analysis.__module__}:{analysis.__name__}")


def test_an_analysis_sees_M_weights_and_further_episodes():
    check_analysis(f"{__name__}:Steps")
    check_analysis(f"{__name__}:OfTheMemory")


def test_what_an_analysis_raises_is_told_with_its_place():
    said = refused_analysis(f"{__name__}:RaisesInside", {"task": "DelayedMatch-v0"})
    assert said is not None
    assert said.startswith(f"analysis '{__name__}:RaisesInside' fails: KeyError: 'absent', in ")


def test_the_analysis_of_the_page_on_architecture_is_one(tmp_path, monkeypatch):
    page = (EXAMPLE.parents[1] / "docs" / "architecture.md").read_text()
    example = page.partition("**`own_lengths.py`**\n\n```python\n")[2].partition("```")[0]
    (tmp_path / "own_lengths.py").write_text(example)
    monkeypatch.syspath_prepend(str(tmp_path))
    check_analysis("own_lengths:Lengths")
