"""An episode that ends without an answer is wrong, in every task that has answers."""

import numpy as np
import pytest

from mpn_rl.learning.results import History
from mpn_rl.networks.build import build_network
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.evaluation import evaluate_agents
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.tasks import make
from mpn_rl.tasks.build import build_task

ANSWERED = [name for name in TASKS if "CartPole" not in name]


def waiting_agent(task):
    """A network that chooses action 1 whatever it sees: in TMaze it never leaves the start."""
    plain = Hyperparameters(core="gru", hidden_dim=4, layer_norm=False)
    network = build_network(plain, task.observation_dim, task.num_actions, None)
    for parameter in network.q_head.parameters():
        parameter.data.zero_()
    network.q_head.bias.data[1] = 1.0
    return network


@pytest.mark.parametrize("name", ANSWERED)
def test_an_episode_cut_before_its_answer_is_wrong(name):
    task = make(name, num_envs=3, max_episode_steps=1)
    task.reset(seed=0)
    *_, truncated, info = task.step(np.zeros(3, int))
    assert truncated.all()
    assert info["correct"].tolist() == [0, 0, 0]


def test_what_was_not_reached_does_not_count_as_wrong():
    """Of the three recalls before the cut one, two or none are right; 13 never come."""
    task = make("RepeatFirst-v0", num_envs=1, memory_length=16, max_episode_steps=4)
    for right in ([1], [1, 2], []):  # the steps at which the answer is right
        observation, _ = task.reset(seed=3)
        symbol = int(np.argmax(observation[0, :4]))
        for time in range(4):
            answer = symbol if time in right else (symbol + 1) % 4
            *_, info = task.step(np.array([answer]))
        assert info["correct"][0] == pytest.approx(len(right) / 3)


def test_an_agent_that_never_answers_is_wrong_everywhere():
    """In evaluation, in validation, and beside the baselines."""
    task = build_task(Hyperparameters(task="TMaze-v0"), 4)
    network = waiting_agent(task)
    scores = run_episodes(GreedyNetwork(network), task, 8, seed=0)
    assert scores.lengths.tolist() == [44] * 8
    assert scores.correct.tolist() == [0] * 8
    assert scores.returns == pytest.approx([-1.88] * 8)
    assert (evaluate_agents([(0, GreedyNetwork(network))], task, 8)["correct"] == 0).all()
    history = History()
    history.add_validation(100, scores, network.core.rates())
    assert history.validation_correct == [0.0]
    walking_into_walls = run_episodes(lambda _, seen: np.ones(len(seen), int), task, 8, seed=0)
    assert walking_into_walls.correct.tolist() == [0] * 8


def test_an_agent_that_answers_only_where_it_likes_is_right_in_half():
    """The one that walks on "up" and bumps into the wall on "down"."""
    task = make("TMaze-v0", num_envs=50)

    def agent(_, now):
        return np.where(now[:, 1] > 0, 2, np.where(now[:, 4] > 0, 1, 0))

    scores = run_episodes(agent, task, 2000, seed=0)
    returns, correct = scores.returns, scores.correct
    assert not np.isnan(correct).any()
    assert set(np.unique(correct)) == {0, 1}
    assert correct.mean() == pytest.approx(0.5, abs=0.05)
    # half of 1 - 0.02 · 11 and half of -1 - 0.02 · 44
    assert returns.mean() == pytest.approx((0.78 - 1.88) / 2, abs=0.06)
