"""Environments in processes: the same numbers, states and errors as in one process."""

import dataclasses
import os
import signal
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch

from mpn_rl.errors import NotFiniteError, TaskError
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks import make

# Shows a picture and a symbol for 1 to 8 steps; action 1 earns 1, action 2 breaks what it says.
TRIED = '''
import os
import time

import gymnasium
import numpy as np
from gymnasium import spaces


class Tried(gymnasium.Env):
    observation_space = spaces.Dict(
        {"picture": spaces.Box(0, 255, (4, 4), np.uint8), "symbol": spaces.Discrete(3)}
    )
    action_space = spaces.Discrete(4)

    def seen(self):
        picture = self.np_random.integers(256, size=(4, 4), dtype=np.uint8)
        return {"picture": picture, "symbol": self.np_random.integers(3)}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = int(self.np_random.integers(1, 9))
        return self.seen(), {}

    def step(self, action):
        if action == 2:
            raise ValueError("two")
        if action == 3:
            if os.environ.get("SLEEPS"):
                print("asleep", flush=True)
                time.sleep(600)
            return self.seen(), np.nan, False, False, {}
        self.left -= 1
        return self.seen(), float(action), self.left == 0, False, {}


gymnasium.register(f"{__name__}-v0", entry_point=Tried, max_episode_steps=8)


class OfTwo(gymnasium.ActionWrapper):
    """The sound actions."""

    def __init__(self, env):
        super().__init__(env)
        self.action_space = spaces.Discrete(2)

    def action(self, action):
        return action
'''


@pytest.fixture
def tried(tmp_path, monkeypatch, request):
    """The file of a module that registers an environment of its name, other for each test."""
    name = f"tried_{abs(hash(request.node.name))}"
    file = tmp_path / f"{name}.py"
    file.write_text(TRIED)
    monkeypatch.syspath_prepend(tmp_path)
    return file


def test_a_training_is_the_same_in_any_number_of_processes_also_where_it_goes_on(tried):
    point = Hyperparameters(
        task=f"{tried.stem}:{tried.stem}-v0",
        env_wrappers=f"{tried.stem}.OfTwo",
        previous_reward=True,
        num_steps=240,
        num_envs=4,
        hidden_dim=4,
        encoder_dim=4,
        batch_size=4,
        learning_starts=80,
        validation_period=120,
        validation_episodes=1,
        encoder="dense",
    )
    whole = SeedTraining(point, 0).run(lambda: None)
    begun = SeedTraining(point, 0, env_processes=3)
    while begun.steps < 100:
        begun.advance()
    beside = SeedTraining(point, 0)
    while beside.steps < 100:
        beside.advance()
    state = begun.get_state()
    np.testing.assert_equal(beside.get_state()["task"], state["task"])
    resumed = SeedTraining(point, 0, env_processes=2)
    resumed.set_state(state)
    result = resumed.run(lambda: None)
    assert dataclasses.asdict(result.history) == dataclasses.asdict(whole.history)
    assert len(whole.history.episode_return) > 20
    for name, weights in whole.final.items():
        assert torch.equal(weights, result.final[name])
    begun.task.close()
    resumed.task.close()


def test_cartpole_is_the_same_where_shares_differ_in_size():
    alone, shared = (make("CartPole-v1", num_envs=3, processes=k) for k in (1, 2))
    assert alone.observation_form == shared.observation_form
    assert (
        alone.expected("oracle")
        == shared.expected("oracle")
        == (500, pytest.approx(np.nan, nan_ok=True))
    )
    assert (alone.longest_episode, alone.episode_bound) == (
        shared.longest_episode,
        shared.episode_bound,
    )
    for given in ({"seed": 3}, {"options": {"reset_mask": np.array([False, True, True])}}):
        seen = [task.reset(**given) for task in (alone, shared)]
        for _ in range(4):
            np.testing.assert_array_equal(seen[0][0], seen[1][0])
            seen = [task.step(np.array([0, 1, 0])) for task in (alone, shared)]
    for ours, theirs in zip(seen[0][:4], seen[1][:4], strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    assert [*seen[0][4]] == [*seen[1][4]]
    shared.close()


def test_errors_are_those_of_one_process_and_edited_modules_are_refused(tried):
    in_processes = partial(make, f"{tried.stem}:{tried.stem}-v0", num_envs=4)
    alone, shared = in_processes(), in_processes(processes=2)
    for actions, kind in (([0, 0, 3, 2], NotFiniteError), ([0, 2, 0, 3], TaskError)):
        said = []
        for task in (alone, shared):
            task.reset(seed=0)
            with pytest.raises(kind) as raised:
                task.step(np.array(actions))
            said.append((type(raised.value), str(raised.value)))
        assert said[0] == said[1]
    assert f"ValueError: two, in {tried}, line " in said[1][1]
    (first, _) = shared._workers
    first.process.kill()
    with pytest.raises(TaskError, match=r"a process of its environments ended \(SIGKILL\)"):
        shared.step(np.zeros(4, int))
    shared.close()
    tried.write_text(TRIED + "\n")
    with pytest.raises(TaskError, match=f"{tried} has changed since its training began"):
        in_processes(processes=2)


def test_no_process_is_left_where_their_parent_is_killed(tried):
    """One waits for work, the other is within a step that does not end."""
    script = (
        "import numpy as np, mpn_rl.tasks as tasks\n"
        f"task = tasks.make('{tried.stem}:{tried.stem}-v0', num_envs=2, processes=2)\n"
        "task.reset(seed=0)\n"
        "task.step(np.array([0, 3]))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SLEEPS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout.readline() == "asleep\n"
    parent.send_signal(signal.SIGKILL)
    # it ends when the last process that may write there has ended
    assert parent.communicate(timeout=120) == ("", None)
