"""What is learned from pictures, grids of symbols and numbers far from ±1."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.evaluation import read_evaluation
from mpn_rl.errors import UserError
from mpn_rl.learning.training import SeedTraining
from mpn_rl.networks.conv import ConvEncoder
from mpn_rl.observations import numbers
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.stages.agents import load_trained
from mpn_rl.sweep.stages.recomputed import recomputed
from tests.fixtures.pictures import task
from tests.fixtures.stages import Block, run_rule, train

OTHERS = (
    *("ChannelsFirst", "FloatPicture", "Stack", "InDict", "Grid"),
    *("Planes", "Grey", "TwoCameras", "Words"),
)
SMALL: dict[str, Any] = {
    "num_steps": 3_000,
    "batch_size": 32,
    "hidden_dim": 16,
    "epsilon_decay": 1_500.0,
    "learning_starts": 300,
    "replay_start": "episode",
    "validation_period": 3_000,
}


# Few large updates: seconds, where the defaults' many small ones take minutes through torch.
FEW_UPDATES: dict[str, Any] = {
    "num_steps": 10_000,
    "num_envs": 16,
    "update_period": 36,
    "learning_rate": 1e-3,
    "learning_rate_decay": None,
    "return_lambda": None,
    "layer_norm": False,
    "weight_averaging": None,
    "reward_scale": 1.0,
    "epsilon_hold": 1,
}


def trained(name: str, **changes: Any) -> SeedTraining:
    training = SeedTraining(Hyperparameters(task=task(name), **{**SMALL, **changes}), 0)
    while not training.finished:
        training.advance()
    return training


def best_of(training: SeedTraining) -> float:
    return max(training.finish().history.validation_return)


@pytest.mark.slow
def test_a_picture_is_learned_from_convolutions() -> None:
    training = trained("Picture")
    assert isinstance(training.learner.online.encoder.layers, ConvEncoder)
    assert best_of(training) >= 4.5


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_so_is_every_other_way_to_show_it(name: str) -> None:
    assert best_of(trained(name, **FEW_UPDATES)) >= 4.5


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["dense", "conv"])
def test_pictures_are_seen_alike_by_either_encoder(encoder: str) -> None:
    assert best_of(trained("Picture", encoder=encoder, **FEW_UPDATES)) >= 4.5


@pytest.mark.slow
def test_numbers_far_from_one_are_learned_where_they_are_normalised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    blind = trained("Far")
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.startswith(f"seed 0: task '{task('Far')}' shows 1003 in entry ")
    assert "observation_normalisation: true scales observations" in told
    caplog.clear()
    seeing = trained("Far", observation_normalisation=True)
    assert not caplog.records
    assert best_of(blind) < 3
    assert best_of(seeing) >= 4.5


TINY: dict[str, Any] = {
    "num_steps": 200,
    "num_envs": 4,
    "hidden_dim": 4,
    "encoder_dim": 6,
    "batch_size": 4,
    "learning_starts": 50,
    "replay_start": "episode",
    "validation_episodes": 4,
    "observation_normalisation": True,
}
RUN = "tests_mpn_00000000"


@pytest.fixture(scope="module")
def block(tmp_path_factory: pytest.TempPathFactory) -> Block:
    """A tiny agent that sees a picture in a Dict, trained."""
    home = tmp_path_factory.mktemp("pictures") / "experiment"
    point = Hyperparameters(task=task("InDict"), **TINY)
    train(home, RUN, resolved(point), [0])
    return Block(home)


def test_every_stage_sees_what_training_saw(block: Block) -> None:
    run_rule(block.root, "evaluate", RUN, num_episodes=3, checkpoint="final")
    run_rule(block.root, "collect", RUN, num_episodes=3, checkpoint="final", max_recorded_mb=1.0)
    run_rule(block.root, "analyse", RUN, checkpoint="final")
    run_rule(block.root, "render", RUN, seed=0, episode=0, fps=5, checkpoint="best")
    assert len(read_evaluation(block.evaluation)) == 3
    activity = read_activity(block.activity)
    [(_, memory)] = recomputed(activity, block.final)
    assert memory.whole().shape[-2:] == (4, 6)  # hidden units, and what the encoder puts out
    [(_, agent)] = load_trained(block.final).agents(1)
    agent(0, activity.observations[0, 0, :1])
    assert agent.q_values[0] == pytest.approx(activity.q_values[0, 0, 0], abs=1e-6)


def test_statistics_are_part_of_the_checkpoint_and_stay_as_they_are(block: Block) -> None:
    weights = read_checkpoint(block.final).seeds[0]
    seen = weights["encoder.front.statistics.count"].item()
    assert seen == pytest.approx(200, abs=1)  # each step of training, and no step of validation


def test_a_task_that_shows_something_else_by_now_is_refused(block: Block) -> None:
    trained = load_trained(block.final)
    trained.task(1)
    with pytest.raises(UserError, match=r"task '.*InDict-v0': the agents were trained on"):
        replace(trained, form=numbers(3)).task(1)
