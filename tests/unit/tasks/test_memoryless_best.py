"""The stated memoryless score is that of the best of all deterministic policies without memory.

Such a policy is a map from what is seen to an action. Where few different things are seen, all maps
are tried, on all variants of an episode, which are equally likely.
"""

from itertools import product

import numpy as np
import pytest

from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.playing.baselines import Remembering
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.tasks import make, repeat_previous

# parameters that leave few symbols and variants, and how many variants of an episode there are
TRIALS = {
    "DelayedMatch-v0": ({"delay": 2, "observation_noise": 0.0}, 4),
    "GoNogo-v0": ({"delay": 2, "observation_noise": 0.0}, 2),
    "DelayedComparison-v0": ({"delay": 2, "observation_noise": 0.0}, 20),
    "DelayedPairedAssociation-v0": ({"delay": 2, "observation_noise": 0.0}, 4),
    "MemoryLength-v0": ({"memory_length": 5}, 2),
    "RepeatFirst-v0": ({"memory_length": 2}, 64),
    "RepeatPrevious-v0": ({"k": 1}, 64),  # with two recalls
}
MAZES = {"TMaze-v0": [{}, {"corridor_length": 1}, {"corridor_length": 50}]}
# evidence is Gaussian, so that no two episodes are alike; but all see the same at the one step that
# is judged, where there is a choice of two actions, and no other action changes anything
EVIDENCE = ["ContextDecision-v0", "PerceptualDecision-v0"]
# four continuous numbers decide what happens: a map of them cannot be enumerated. The stated score
# is that of the best linear policy, a lower bound (tests of the scores play it)
NOT_FEASIBLE = ["NoisyPositionCartPole-v1", "PositionCartPole-v1", "VelocityCartPole-v1"]


def play_maps(name, parameters, maps, variants):
    """Mean return and fraction correct of each map, every variant of an episode weighed alike.

    `maps` is a list of functions: observations (N, D) -> actions (N,).
    """
    task = make(name, num_envs=12 * variants, **parameters)
    results = []
    for policy in maps:
        observation, info = task.reset(seed=0)
        start, returns = info["sign"], np.zeros(task.num_envs)
        correct = np.zeros(task.num_envs)
        running = np.ones(task.num_envs, bool)
        while running.any():
            observation, reward, terminated, truncated, info = task.step(policy(observation))
            over = terminated | truncated
            returns += reward * running
            correct[running & over] = info["correct"][running & over]
            running &= ~over
        each = [(returns[start == s].mean(), correct[start == s].mean()) for s in range(variants)]
        results.append(np.mean(each, axis=0))
    return np.array(results)


def gains(name, parameters, seen_by, num_envs=4000):
    """Gain (episode, symbol, action): what an action earns wherever a symbol is seen; the symbols.

    What is seen in a trial does not depend on the actions, and neither does what an action earns on
    the actions before it. So one episode of each constant action says it all. `seen_by` maps time
    and observations (N, D) to symbols (N, S).
    """
    task = make(name, num_envs=num_envs, **parameters)
    episodes = []
    for action in range(task.num_actions):
        observation, _ = task.reset(seed=0)
        seen, earned = [], []
        over = np.zeros(num_envs, bool)
        while not over.any():
            seen.append(seen_by(len(seen), observation))
            observation, reward, terminated, truncated, _ = task.step(np.full(num_envs, action))
            earned.append(reward)
            over = terminated | truncated
        assert over.all()
        episodes.append((np.stack(seen, axis=1), np.stack(earned, axis=1)))
    seen = episodes[0][0]
    assert all(np.array_equal(seen, other) for other, _ in episodes)
    symbols, index = np.unique(seen.reshape(-1, seen.shape[-1]), axis=0, return_inverse=True)
    index = index.reshape(seen.shape[:2])
    found = np.zeros((num_envs, len(symbols), task.num_actions))
    for action, (_, earned) in enumerate(episodes):
        for t in range(seen.shape[1]):
            found[np.arange(num_envs), index[:, t], action] += earned[:, t]
    return found, index


def mean_gain(name, seen_by):
    """Expected gain (symbol, action), over all variants of an episode."""
    parameters, variants = TRIALS[name]
    found, index = gains(name, parameters, seen_by)
    _, first = np.unique(index, axis=0, return_index=True)
    assert len(first) == variants  # all have been seen
    return found[first].mean(axis=0)


def observation_alone(time, observation):  # noqa: ARG001
    return observation


def observation_and_time(time, observation):
    return np.column_stack([observation, np.full(len(observation), time)])


@pytest.fixture(autouse=True)
def few_recalls(monkeypatch):
    """24 recalls have 4 to the 25th variants; what holds of two of them holds of 24."""
    monkeypatch.setattr(repeat_previous, "NUM_RECALLS", 2)


def stated(name):
    return make(name, **TRIALS[name][0]).expected("memoryless")[0]


@pytest.mark.parametrize("name", TRIALS)
def test_best_of_all_maps_from_what_is_seen_to_an_action(name):
    gain = mean_gain(name, observation_alone)
    actions = np.array(list(product(range(gain.shape[1]), repeat=len(gain))))
    assert 8 <= len(actions) <= 4**8
    returns = gain[np.arange(len(gain)), actions].sum(axis=1)
    assert returns.max() == pytest.approx(stated(name), abs=1e-6)


@pytest.mark.parametrize("name", TRIALS)
def test_a_clock_does_not_help(name):
    """Nor is more earned by an agent that knows how many steps have gone."""
    best = mean_gain(name, observation_and_time).max(axis=1).sum()
    assert best == pytest.approx(stated(name), abs=1e-6)


@pytest.mark.parametrize("name", EVIDENCE)
def test_what_is_judged_after_evidence_is_seen_alike_in_all_trials(name):
    parameters = {"stimulus_steps": 3}
    task = make(name, **parameters)

    def only_the_last(time, observation):
        return observation * (time == task.num_steps - 1)

    found, index = gains(name, parameters, only_the_last, num_envs=10_000)
    earlier, last = index[0, 0], index[0, -1]
    assert set(np.unique(index[:, :-1])) == {earlier}
    assert set(np.unique(index[:, -1])) == {last}
    assert not found[:, earlier].any()
    # each of the two actions, with a standard error of 0.01
    score = task.expected("memoryless")[0]
    assert found[:, last].mean(axis=0) == pytest.approx([score, score], abs=0.04)


@pytest.mark.parametrize("parameters", MAZES["TMaze-v0"])
def test_best_of_the_81_maps_of_the_maze(parameters):
    """Sign up, sign down, corridor, junction: three actions each; -1 for what is not taken."""
    actions = list(product(range(3), repeat=4))
    task = make("TMaze-v0", **parameters)

    def policy(chosen):
        return lambda seen: np.array(chosen)[np.argmax(seen[:, [0, 1, 3, 4]], axis=1)]

    results = play_maps("TMaze-v0", parameters, [policy(chosen) for chosen in actions], 2)
    best = results[:, 0].max()
    assert best == pytest.approx(task.expected("memoryless")[0], abs=1e-5)
    assert results[:, 1].max() == task.expected("memoryless")[1] == 0.5
    # the agent that plays for the references is one of the best
    played = play_maps("TMaze-v0", parameters, [task.memoryless_action], 2)[0]
    assert played == pytest.approx([best, 0.5], abs=1e-6)
    # to walk on one sign and wait on the other is worse, and not right where it waits
    waits = actions.index((0, 1, 0, 1))  # forward on "up", into the wall on "down"; turns up
    assert results[waits, 0] < best - 0.05
    assert results[waits, 1] == 0.5


def test_every_task_is_named():
    assert set(TASKS) == {*TRIALS, *MAZES, *EVIDENCE, *NOT_FEASIBLE}


def test_an_agent_that_is_told_its_last_action_needs_no_memory():
    """It writes the sample into actions that are not judged, and reads it there at the end."""
    task = make("DelayedMatch-v0", num_envs=20, previous_action=True, observation_noise=0.0)

    def policy(seen):
        stimulus, told = seen[-1][:, :2].argmax(axis=1), seen[-1][:, 4:]
        last, decision = told.argmax(axis=1), seen[-1][:, 3] > 0
        return np.where(decision, stimulus == last, np.where(told.any(axis=1), last, stimulus))

    scores = run_episodes(Remembering(policy), task, 20, seed=0)
    assert scores.returns.tolist() == scores.correct.tolist() == [1] * 20


def test_a_clock_is_a_memory_in_the_maze():
    """Who waits one step on "down" and knows the time reads the sign off the hour of arrival."""
    task = make("TMaze-v0", num_envs=20)

    def policy(seen):
        late = (len(seen) - 1) % 2
        waits = (seen[-1][:, 1] > 0) & (late == 0)
        return np.where(seen[-1][:, 4] > 0, 1 + late, waits)

    scores = run_episodes(Remembering(policy), task, 20, seed=0)
    assert scores.correct.tolist() == [1] * 20
    np.testing.assert_allclose(np.unique(scores.returns), [0.76, 0.78], atol=1e-6)
