"""TMaze: waiting is worse than guessing, and the stated scores in closed form."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from mpn_rl.tasks import make

FORWARD, UP, DOWN = range(3)
COST = 0.02


def rewards_of(actions, corridor_length, sign=None):
    """Rewards of one episode in which `actions` (t, observation) -> action are taken, and correct.

    `sign` "up" or "down" is what the episode has; any if None.
    """
    task = make("TMaze-v0", corridor_length=corridor_length)
    seed = 0
    observation, info = task.reset(seed=seed)
    while sign is not None and info["sign"][0] != ("up", "down").index(sign):
        seed += 1
        observation, info = task.reset(seed=seed)
    rewards, over = [], False
    while not over:
        action = actions(len(rewards), observation[0])
        observation, reward, terminated, truncated, info = task.step(np.array([action]))
        rewards.append(float(reward[0]))
        over = bool(terminated[0] or truncated[0])
    return rewards, info["correct"][0], bool(truncated[0])


def wait(time, observation):  # noqa: ARG001
    return UP


def walk_and_turn_up(time, observation):  # noqa: ARG001
    return UP if observation[4] else FORWARD


def value(rewards, gamma):
    return sum(reward * gamma**time for time, reward in enumerate(rewards))


def value_by_hand(steps, last, gamma):
    """-c in each of `steps` steps, and `last` in the last."""
    cost = COST * steps if gamma == 1 else COST * (1 - gamma**steps) / (1 - gamma)
    return -cost + last * gamma ** (steps - 1)


def test_rewards_by_hand_in_a_corridor_of_one():
    right, correct, truncated = rewards_of(walk_and_turn_up, 1, "up")
    assert right == pytest.approx([-0.02, 0.98])
    assert (correct, truncated) == (1, False)
    wrong, correct, truncated = rewards_of(walk_and_turn_up, 1, "down")
    assert wrong == pytest.approx([-0.02, -1.02])
    assert (correct, truncated) == (0, False)
    waited, correct, truncated = rewards_of(wait, 1)
    assert waited == pytest.approx([-0.02] * 7 + [-1.02])
    assert (correct, truncated) == (0, True)


@pytest.mark.parametrize(
    ("length", "gamma", "waiting", "guessing", "wrong"),
    [
        # -0.02 · 44 - 1, -0.02 · 11, -0.02 · 11 - 1
        (10, 1.0, -1.88, -0.22, -1.22),
        # -0.02 · (1 - 0.99⁴⁴) / 0.01 - 0.99⁴³, -2 (1 - 0.99¹¹), the same - 0.99¹⁰
        (10, 0.99, -1.363879, -0.209323, -1.113706),
        (50, 1.0, -5.08, -1.02, -2.02),
        (50, 0.99, -1.872600, -0.802088, -1.407094),
    ],
)
def test_waiting_is_worse_than_guessing(length, gamma, waiting, guessing, wrong):
    waited = value(rewards_of(wait, length)[0], gamma)
    up, down = (value(rewards_of(walk_and_turn_up, length, s)[0], gamma) for s in ("up", "down"))
    assert waited == pytest.approx(waiting, abs=2e-6)
    assert (up + down) / 2 == pytest.approx(guessing, abs=2e-6)
    assert down == pytest.approx(wrong, abs=2e-6)
    assert waited < (up + down) / 2
    # and where the sign says that the turn will be wrong, which an agent without memory can see
    assert waited < down


@pytest.mark.parametrize("length", [1, 10, 50, 500, 5000])
def test_no_wait_pays_in_a_corridor_of_any_length(length):
    """Above gamma = 1 / 1.02 a wrong turn is worth less the later it comes; below it is not so."""
    for gamma, better in ((0.999, True), (0.99, True), (0.981, True), (0.979, False)):
        now, later = (value_by_hand(length + 1 + delay, -1, gamma) for delay in (0, 1))
        if gamma**length > 1e-9:  # else the two differ by less than rounding
            assert (now > later) == better


def test_the_cost_alone_or_the_penalty_alone_would_not_do():
    """Why there are both: with one of them an agent that sees "down" had better wait."""

    def worth(steps, cost, last, gamma):
        return -cost * (1 - gamma**steps) / (1 - gamma) + last * gamma ** (steps - 1)

    for length in (10, 50):
        limit = 4 * (length + 1)
        penalty_alone = worth(limit, 0, -1, 0.99), worth(length + 1, 0, -1, 0.99)
        assert penalty_alone[0] > penalty_alone[1]
    cost_alone = worth(44, COST, 0, 0.99), worth(11, COST, -1, 0.99)
    assert cost_alone[0] > cost_alone[1]


def random_score_by_hand(length, limit):
    """-S(T) - c Σ S(t); S(t): fewer than `length` of t steps forward, or at the junction since n.

    The junction is reached at step n with C(n-1, L-1) (1/3)^L (2/3)^(n-L), and held by one action
    of three.
    """
    third = Fraction(1, 3)

    def survives(t):
        walking = sum(comb(t, k) * third**k * (1 - third) ** (t - k) for k in range(length))
        arrived = (
            comb(n - 1, length - 1) * third**length * (1 - third) ** (n - length) * third ** (t - n)
            for n in range(length, t + 1)
        )
        return walking + sum(arrived)

    return -survives(limit) - Fraction(1, 50) * sum(survives(t) for t in range(limit))


@pytest.mark.parametrize("length", [1, 2, 10])
def test_random_score_in_closed_form(length):
    task = make("TMaze-v0", corridor_length=length)
    expected = random_score_by_hand(length, 4 * (length + 1))
    assert task.expected("random")[0] == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize(("length", "limit"), [(3, 3), (3, 4), (3, 2)])
def test_scores_under_a_limit_of_steps(length, limit):
    """Four steps are the least for a turn; with fewer, everybody gets -1 and pays for all."""
    task = make("TMaze-v0", corridor_length=length, max_episode_steps=limit)
    if limit < 4:
        everybody = pytest.approx(-1 - 0.02 * limit)
        assert all(
            task.expected(agent)[0] == everybody for agent in ("random", "memoryless", "oracle")
        )
    else:
        # the three steps forward and a turn: 1/27 · 2/3; S(1) = S(2) = S(3) = 1
        assert task.expected("random")[0] == pytest.approx(-(1 - 2 / 81) - 0.08)
        assert (task.expected("memoryless")[0], task.expected("oracle")[0]) == pytest.approx(
            (-0.08, 0.92)
        )


def test_stated_scores_of_the_default_maze():
    task = make("TMaze-v0")
    assert task.expected("oracle")[0] == pytest.approx(0.78)
    assert task.expected("memoryless")[0] == pytest.approx(-0.22)
    assert task.expected("random")[0] == pytest.approx(-0.684941, abs=1e-6)
