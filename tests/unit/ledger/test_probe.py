"""Looking at tasks that others wrote, in a process of its own."""

import pytest

from mpn_rl.errors import TaskError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.ledger import probe
from mpn_rl.sweep.ledger.probe import look_at_tasks

MODULE = """\
import gymnasium, numpy as np, os
from gymnasium import spaces

class Sound(gymnasium.Env):
    observation_space, action_space = spaces.Box(0, 1, (3,), np.float32), spaces.Discrete(2)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        print("an environment may print")
        return np.zeros(3, np.float32), {}
    def step(self, action):
        return np.zeros(3, np.float32), self.np_random.random(), False, False, {}

class Bare(Sound):
    def reset(self, *, seed=None, options=None):
        return np.zeros(3, np.float32)

class Dies(Sound):
    def step(self, action):
        os._exit(3)

class Falls(Sound):
    def step(self, action):
        os.kill(os.getpid(), 11)

class Sleeps(Sound):
    def step(self, action):
        import time
        time.sleep(60)

for cls in (Sound, Bare, Dies, Falls, Sleeps):
    gymnasium.register(f"{cls.__name__}-v0", entry_point=cls)
"""


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    """The tasks `looked_at:…`."""
    (tmp_path / "looked_at.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)


def points(*names):
    return [Hyperparameters(task=name) for name in names]


def test_own_tasks_start_no_process(monkeypatch):
    monkeypatch.setattr(probe.subprocess, "Popen", None)
    assert list(look_at_tasks(points("DelayedMatch-v0", "PositionCartPole-v1"))) == []


def test_each_task_is_looked_at_once(tmp_path):
    kept = tmp_path / "folder" / "sound.json"
    twice = points("looked_at:Sound-v0", "looked_at:Sound-v0")
    said = list(look_at_tasks(twice, kept))
    assert said == ["looking at looked_at:Sound-v0: their code is run"]
    assert list(look_at_tasks(twice, kept)) == []
    kept.write_text("{")
    assert list(look_at_tasks(twice, kept)) == said


def test_every_refused_task_is_named_and_nothing_is_kept(tmp_path):
    kept = tmp_path / "folder" / "sound.json"
    names = ("looked_at:Bare-v0", "looked_at:Sound-v0", "looked_at:Bear-v0", "Pendulum-v1")
    with pytest.raises(TaskError) as caught:
        list(look_at_tasks(points(*names), kept))
    bare, bear, pendulum = str(caught.value).splitlines()
    assert "'looked_at:Bare-v0' gave an array of shape (3,) as the result of `reset`" in bare
    assert "'looked_at:Bear-v0' is neither a task of mpn-rl nor a Gymnasium id" in bear
    assert "Pendulum-v1" in pendulum
    assert not kept.parent.exists()


def test_convolutions_of_what_is_no_image_are_refused():
    conv = Hyperparameters(task="looked_at:Sound-v0", encoder="conv")
    with pytest.raises(TaskError, match="'looked_at:Sound-v0': encoder: conv needs an image"):
        list(look_at_tasks([conv, *points("looked_at:Sound-v0")]))


@pytest.mark.parametrize(("name", "how"), [("Dies", "exit code 3"), ("Falls", "SIGSEGV")])
def test_task_that_ends_its_process_is_refused_and_not_followed(name, how):
    with pytest.raises(TaskError, match=rf"'looked_at:{name}-v0': it ended the process .*{how}"):
        list(look_at_tasks(points("looked_at:Sound-v0", f"looked_at:{name}-v0")))


def test_task_that_takes_too_long_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "SECONDS_EACH", 2)
    kept = tmp_path / "sound.json"
    *_, said = look_at_tasks(points("looked_at:Sleeps-v0"), kept)
    assert said == "task 'looked_at:Sleeps-v0': nothing was seen of it in 2 s; it is taken as it is"
    assert kept.read_text() == "{}\n"


def test_an_analysis_that_is_refused_is_told_by_all_its_names():
    own = {"first": "looked_at:Sound", "second": "looked_at:Sound", "third": "looked_at:Bare"}
    with pytest.raises(TaskError) as caught:
        list(look_at_tasks(points("DelayedMatch-v0"), analyses=own))
    said = "is no class that inherits from mpn_rl's Analysis"
    assert str(caught.value).splitlines() == [
        f"analyses.first: analysis 'looked_at:Sound': {said}",
        f"analyses.second: analysis 'looked_at:Sound': {said}",
        f"analyses.third: analysis 'looked_at:Bare': {said}",
    ]
