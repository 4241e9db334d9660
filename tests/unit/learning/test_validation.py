"""Validations in proportion to the work of training."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.learning.training import SeedTraining
from mpn_rl.learning.validation import in_proportion
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters

PQN = {"learner": "pqn", "num_envs": 16, "rollout_epochs": 4}
GIVEN = {"validation_period": 5_000, "validation_episodes": 64}


def of(longest, passes=14.0, **more):
    return in_proportion(Hyperparameters(**{**PQN, **GIVEN, **more}), longest, passes)


NOT_GIVEN = dict.fromkeys(GIVEN)


def by_itself(longest, passes=14.0, **more):
    return of(longest, passes, **{**NOT_GIVEN, **more})


def test_short_episodes_keep_what_was_asked_for():
    # 64 episodes of 18 steps are 1,152 passes, of 0.1 x 14 x 5,000 = 7,000
    assert of(18) == (5_000, 64)


def test_long_episodes_stretch_the_period():
    # 64 x 500 = 32,000 passes are a tenth of 14 x 22,858, so of 25,000
    assert of(500, task="CartPole-v1", num_steps=300_000) == (25_000, 64)


def test_a_training_has_four_validations_at_least_if_need_be_of_fewer_episodes():
    # a quarter of 80,000 is 4 periods of 5,000; 0.1 x 14 x 20,000 / 500 = 56
    assert of(500, task="CartPole-v1", num_steps=80_000) == (20_000, 56)


def test_a_step_of_an_environment_that_others_wrote_is_a_step():
    # 0.1 x 25,000 / 500
    assert of(500, task="Acrobot-v1", num_steps=100_000) == (25_000, 5)
    wrapped = "gymnasium.wrappers.TimeAwareObservation"
    assert of(500, task="CartPole-v1", env_wrappers=wrapped, num_steps=100_000) == (25_000, 5)


def test_a_short_training_keeps_to_the_share_too():
    # 0.1 x 5,000 / 500
    assert of(500, task="Acrobot-v1", num_steps=12_000) == (5_000, 1)


def test_where_no_limit_is_known_there_are_some_episodes():
    assert of(None, task="CliffWalking-v1", num_steps=100_000) == (25_000, 4)


def test_replayed_episodes_are_work_too():
    hp = Hyperparameters(
        task="PositionCartPole-v1",
        learner="dqn",
        replay_start="episode",
        batch_size=64,
        update_period=36,
        **GIVEN,
    )
    training = SeedTraining(hp, 0)
    # acting, and 64 episodes of 500 rows every 36 steps by the target, forward and backward
    assert training.learner.passes(500) == 1 + 4 * 64 * 500 / 36
    assert training.validations == (5_000, 64)


def test_where_episodes_end_the_training_the_period_stays():
    # 0.1 x 14 x 5,000 / 500
    more = {"task": "CartPole-v1", "num_episodes": 1_000}
    assert of(500, **more, num_steps=None) == (5_000, 14)
    assert of(500, **more, num_steps=10**6) == (5_000, 14)


def test_without_a_share_period_and_episodes_are_as_they_are_given():
    more = {"validation_share": None, "validation_period": 7, "validation_episodes": 3}
    assert of(10_000, task="Acrobot-v1", **more) == (7, 3)


@given(
    longest=st.integers(1, 30_000),
    passes=st.floats(1, 100),
    period=st.integers(1, 10**6),
    episodes=st.integers(1, 300),
    num_steps=st.integers(1, 10**9),
    share=st.floats(1e-12, 1e6),
)
def test_the_share_holds_or_episodes_are_few(longest, passes, period, episodes, num_steps, share):
    more = {"validation_period": period, "validation_episodes": episodes}
    found = of(longest, passes, num_steps=num_steps, validation_share=share, **more)
    assert found.period % period == 0
    assert found.period == period or num_steps // found.period >= 4
    assert 1 <= found.episodes <= episodes
    if found.episodes > 1:
        assert found.episodes * longest <= share * passes * found.period * (1 + 1e-9)


def test_twenty_of_as_many_episodes_as_cost_a_tenth_by_themselves():
    # 0.1 x 14 x 5,000 / 100; of 11 steps 636 would be paid
    assert by_itself(100, num_steps=100_000) == (5_000, 70)
    assert by_itself(11, num_steps=100_000) == (5_000, 256)
    # 0.1 x 14 x 15,000 / 500
    assert by_itself(500, task="CartPole-v1", num_steps=300_000) == (15_000, 42)


def test_ten_episodes_are_sound_where_they_cost_no_more_than_training():
    # 0.1 x 14 x 1,000 / 500 = 2.8
    assert by_itself(500, task="CartPole-v1", num_steps=20_000) == (1_000, 10)
    # 5,000 / 500; 5,000 / 1,000
    assert by_itself(500, task="Acrobot-v1", num_steps=100_000) == (5_000, 10)
    assert by_itself(1_000, task="Acrobot-v1", num_steps=100_000) == (5_000, 5)


def test_very_long_episodes_make_validations_rarer():
    # 4 episodes of 2,000; of 27,000 they are more than a quarter of the training
    assert by_itself(2_000, task="Acrobot-v1", num_steps=100_000) == (8_000, 4)
    assert by_itself(27_000, task="Acrobot-v1", num_steps=100_000) == (25_000, 1)
    assert by_itself(None, task="CliffWalking-v1", num_steps=100_000) == (25_000, 4)


def test_one_of_the_two_can_be_given():
    # 0.1 x 14 x 500 / 100; 64 episodes of 100 steps are paid by 4,571 steps, five times 1,000
    assert by_itself(100, validation_period=500, num_steps=100_000) == (500, 10)
    assert by_itself(100, validation_episodes=64, num_steps=20_000) == (5_000, 64)


def test_of_a_training_of_unknown_length_the_period_is_fixed():
    assert by_itself(18, num_steps=None, num_episodes=90) == (5_000, 256)
    assert by_itself(18, validation_share=None, num_steps=None, num_episodes=9) == (5_000, 64)


@given(longest=st.integers(1, 30_000), passes=st.floats(1, 400), num_steps=st.integers(1, 10**7))
def test_by_themselves_they_cost_no_more_than_training_or_are_few(longest, passes, num_steps):
    found = by_itself(longest, passes, num_steps=num_steps)
    assert 1 <= found.episodes <= 256
    if found.episodes > 1:
        assert found.episodes * longest <= passes * found.period * (1 + 1e-9)
    # one more where the steps are no multiple of 20
    assert num_steps // found.period <= 20 + (num_steps % 20 > 0) or found.period == 16


@pytest.mark.parametrize("task", TASKS)
def test_a_training_of_short_episodes_has_seven_of_256_in_its_last_third(task):
    if "CartPole" not in task:
        hp = Hyperparameters(task=task, learner="pqn", num_steps=100_000, **NOT_GIVEN)
        assert SeedTraining(hp, 0).validations.period == 5_000
        assert SeedTraining(hp, 0).validations.episodes >= 128


def test_a_training_is_validated_as_planned():
    more = {"num_steps": 64, "num_envs": 4, "hidden_dim": 4}
    more |= {"validation_period": 4, "validation_episodes": 64}
    hp = Hyperparameters(task="Acrobot-v1", max_episode_steps=8, buffer_size=80, **more)
    training = SeedTraining(hp, 0)
    # a quarter of 64 is 4 periods of 4
    # 0.1 x 16 / 8
    assert training.validations == (16, 1)
    assert training.run(lambda: None).history.validation_step == [16, 32, 48, 64]
