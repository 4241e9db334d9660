"""Interventions on an agent whose memory can be followed by hand."""

from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.networks.build import build_network
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.parameters.tasks import DelayParameters
from mpn_rl.playing import interventions
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.playing.interventions import Always, Frozen, Intervention, Onset, Resting, Swapped
from mpn_rl.playing.rollout import Before, run_episodes
from mpn_rl.sweep.stages.agents import load_trained
from mpn_rl.sweep.stages.altered import unit_decays, without_writing
from mpn_rl.tasks.build import build_task
from mpn_rl.tasks.delayed_match import DelayedMatch

SAMPLE, DELAY, TEST, DECISION = range(4)
EPISODES = 40


class Remembering:
    """Its first unit holds the sample, its second adds `step` a step; it answers by the sample."""

    def __init__(self, task: DelayedMatch, step: int = 1) -> None:
        self.state = np.zeros((task.num_envs, 2, 1), np.float32)
        self.step, self.course = step, list[np.ndarray]()

    def __call__(self, time: int, observation: np.ndarray) -> np.ndarray:
        state = np.zeros_like(self.state) if time == 0 else self.state.copy()
        shown = observation[:, 1] - observation[:, 0]
        if time == 0:
            state[:, 0, 0] = shown
        state[:, 1] += self.step
        self.state = state
        self.course.append(state[:, :, 0].copy())
        return (np.sign(shown) == np.sign(state[:, 0, 0])).astype(np.int64)

    def hold(self, state: np.ndarray) -> None:
        self.state = state


def played(make: Callable[[Any], Intervention] | None) -> tuple[float, Remembering]:
    task = DelayedMatch(EPISODES, DelayParameters(delay=3, observation_noise=0.0))
    agent = Remembering(task)
    intervene = None if make is None else make(agent)
    scores = run_episodes(agent, task, EPISODES, 0, intervene=intervene)  # type: ignore[arg-type]
    return float(scores.correct.mean()), agent


def test_without_one_it_remembers() -> None:
    correct, agent = played(None)
    assert correct == 1.0
    assert agent.course[-1][:, 1].tolist() == [6] * EPISODES


def test_a_hook_that_does_nothing_changes_no_number() -> None:
    for name in ("DelayedMatch-v0", "TMaze-v0"):
        point = Hyperparameters(task=name, core="mpn", hidden_dim=6)
        task = build_task(point, 4)
        network = build_network(
            point, task.observation_dim, task.num_actions, torch.Generator().manual_seed(1)
        )
        without = run_episodes(GreedyNetwork(network), task, 10, 3)
        idle = run_episodes(GreedyNetwork(network), task, 10, 3, intervene=lambda _: None)
        for one, other in zip(astuple(without), astuple(idle), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_memory_that_is_zeroed_at_the_test_is_gone() -> None:
    correct, agent = played(lambda of: Onset(of, interventions.zeroed, [TEST]))
    assert 0.25 < correct < 0.75  # it says non-match whatever it sees
    # zeroed once, as the fifth step begins, and then counted on
    assert agent.course[-1][:, 1].tolist() == [2] * EPISODES


def test_a_memory_that_is_zeroed_before_every_step_counts_to_one() -> None:
    _, agent = played(lambda of: Always(of, interventions.zeroed))
    assert agent.course[-1].tolist() == [[0, 1]] * EPISODES


def test_a_memory_that_is_frozen_in_the_delay_stays_as_it_was() -> None:
    correct, agent = played(lambda of: Frozen(of, [DELAY]))
    assert correct == 1.0
    assert agent.course[-1][:, 1].tolist() == [3] * EPISODES


def test_frozen_from_the_first_step_there_is_none() -> None:
    _, agent = played(Frozen)
    assert agent.course[-1].tolist() == [[0, 1]] * EPISODES


def test_in_some_phases_another_agent_goes_on_from_what_was_held() -> None:
    task = DelayedMatch(EPISODES, DelayParameters(delay=3, observation_noise=0.0))
    writing, resting = Remembering(task), Remembering(task, step=10)
    pair = Resting(writing, resting, [DELAY])  # type: ignore[arg-type]
    scores = run_episodes(pair, task, EPISODES, 0, intervene=pair.before)
    assert scores.correct.mean() == 1.0
    assert writing.course[-1][:, 1].tolist() == [3 + 3 * 10] * EPISODES


def test_episodes_that_differ_in_phase_are_each_played_by_their_agent() -> None:
    task = DelayedMatch(4, DelayParameters(delay=3))
    writing, resting = Remembering(task), Remembering(task, step=10)
    pair = Resting(writing, resting, [DELAY])  # type: ignore[arg-type]
    seen, episode = np.zeros((4, 4)), np.array([0, 1, 2, -1])
    for time, phases in enumerate([[0, 0, 0, 0], [0, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 0]]):
        pair.before(Before(time, episode, {"phase": np.array(phases)}))
        pair(time, seen)
    held = (writing if writing.state.max() > resting.state.max() else resting).state
    assert held[:3, 1, 0].tolist() == [22, 31, 22]


def test_an_mpn_without_eta_forgets_as_lambda_says(tmp_path: Path) -> None:
    point = Hyperparameters(
        task="DelayedMatch-v0", core="mpn", hidden_dim=3, lambda_decay=0.5, learn_lambda=False
    )
    network = build_network(point, 4, 2, torch.Generator().manual_seed(1))
    path = tmp_path / "c.pt"
    write_checkpoint(path, Checkpoint(resolved(point), 4, 2, {0: network.state_dict()}))
    trained = load_trained(path)
    assert unit_decays(trained, 0) == pytest.approx([0.5] * 3)
    (_, writing), (_, resting) = *trained.agents(2), *without_writing(trained).agents(2)
    pair = Resting(writing, resting, [1])
    seen, episode = np.ones((2, 4), np.float32), np.arange(2)
    course = []
    for time, phase in enumerate([0, 0, 1, 1, 0]):
        pair.before(Before(time, episode, {"phase": np.full(2, phase)}))
        pair(time, seen)
        course.append((resting if phase else writing).M.copy())
    assert abs(course[1]).max() > 0
    np.testing.assert_array_equal(course[3], 0.25 * course[1])
    assert abs(course[4] - 0.5 * course[3]).max() > 0


def test_swapped_memories_answer_for_their_donors() -> None:
    swapped = Swapped(np.random.default_rng(0))
    correct, agent = played(lambda of: Onset(of, swapped, [TEST]))
    assert swapped.donor is not None
    assert sorted(swapped.donor) == list(range(EPISODES))
    assert (swapped.donor != np.arange(EPISODES)).all()
    sample = agent.course[0][:, 0]
    assert correct == (sample == sample[swapped.donor]).mean()


def test_along_an_axis_and_without_it() -> None:
    axes, mean = np.array([[1.0, 0.0]]), np.array([0.0, 1.0])
    state, all_of_it = np.array([[2.0, 3.0]], np.float32), np.ones(1, np.bool_)
    kept = interventions.projected(axes, mean, keep=True)(state, all_of_it)
    assert kept.tolist() == [[2.0, 1.0]]
    assert interventions.projected(axes, mean, keep=False)(state, all_of_it).tolist() == [[0, 3]]


def test_silenced_units_and_shuffled_numbers() -> None:
    state, all_of_it = np.arange(6, dtype=np.float32).reshape(1, 3, 2), np.ones(1, np.bool_)
    silent = interventions.silenced(np.array([1]))(state, all_of_it)
    assert silent.tolist() == [[[0, 1], [0, 0], [4, 5]]]
    both = [interventions.silenced(np.array([unit])) for unit in (0, 2)]
    dealt = interventions.dealt(both)(np.ones((3, 3, 1), np.float32), np.ones(3, np.bool_))
    assert dealt[:, :, 0].tolist() == [[0, 1, 1], [1, 1, 0], [0, 1, 1]]
    moved = interventions.shuffled(np.random.default_rng(0))(state, all_of_it)
    assert sorted(moved.ravel()) == sorted(state.ravel())
    assert moved.tolist() != state.tolist()
