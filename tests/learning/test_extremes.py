"""Numbers at their ends: the whole pipeline gives a result or a clear refusal, never a crash.

Drawing is nine tenths of a tiny pipeline: `make test` draws some of them, the slow set all.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from mpn_rl.artifacts.history import read_history
from mpn_rl.errors import UserError
from mpn_rl.sweep.ledger.audit import audit
from tests.learning.dag import Pipeline

FIXED: dict[str, Any] = {"learn_eta": False, "learn_lambda": False}
STORED: dict[str, Any] = {"replay_start": "stored", "sequence_length": 1}

COMPLETED: dict[str, dict[str, Any]] = {
    "lambda 0": {**FIXED, "lambda_decay": 0.0},
    "lambda 1": {**FIXED, "lambda_decay": 1.0, "eta": 0.1},
    "eta 0": {**FIXED, "eta": 0.0},
    "eta negative": {**FIXED, "eta": -5.0},
    "eta large": {**FIXED, "eta": 1e6},
    "eta negative, learned": {"eta": -0.5},
    "hidden 1": {"hidden_dim": 1, "encoder_dim": 1},
    "no encoder": {"encoder": "none", "encoder_dim": None},
    "input 1": {
        "task": "FrozenLake-v1",
        "delay": None,
        "hidden_dim": 1,
        "encoder": "random",
        "encoder_dim": 1,
        "max_episode_steps": 3,
    },
    "delay 0, previous step": {"delay": 0, "previous_action": True, "previous_reward": True},
    "batch beyond the buffer": {"batch_size": 500, "buffer_size": 40},
    "one environment": {"num_envs": 1},
    "more environments than steps": {"num_envs": 300, "buffer_size": 3000, "num_steps": 1200},
    "sequences of one step": {"replay_start": "zero", "sequence_length": 1},
    "sequences longer than the buffer": {
        "replay_start": "zero",
        "sequence_length": 30,
        "buffer_size": 8,
    },
    "gamma 0": {"gamma": 0.0},
    "gamma 1, rewards beyond the episode": {"gamma": 1.0, "n_step": 50, "return_lambda": None},
    "lambda-returns to the end": {"return_lambda": 1.0, "gamma": 1.0, "value_rescaling": True},
    "priorities alone": {"priority_exponent": 10.0, "priority_max_weight": 0.0},
    "rollouts of two steps": {"learner": "pqn", "rollout_length": 2, "rollout_minibatches": 999},
    "a rollout beyond the budget's half": {"learner": "pqn", "rollout_length": 20},
    "learning rate 0": {"learning_rate": 0.0},
    "no exploration": {"epsilon_start": 0.0, "epsilon_end": 0.0},
    "exploration alone": {"epsilon_start": 1.0, "epsilon_end": 1.0, "epsilon_decay": 1.0},
    "a target that stands still": {"target_update_rate": 0.0},
    "a target without delay": {"target_update_rate": 1.0},
    "validation after every step": {"validation_period": 1, "validation_episodes": 1},
    "no noise": {"observation_noise": 0.0},
}
FAILED: dict[str, tuple[dict[str, Any], str]] = {
    # The reward comes at an episode's end, which one step never reaches.
    "episodes of length 1": ({"max_episode_steps": 1}, "dead exploration: each of 200 episodes "),
    "episodes of length 1 in windows": ({"max_episode_steps": 1, **STORED}, "dead exploration: "),
    "an exploding M": ({**FIXED, "activation": "linear", "eta": 1e30}, "the (state|loss) "),
    "an exploding loss": (
        {"observation_noise": 1e30, "activation": "relu", "encoder": "none", "encoder_dim": None},
        "the (state of mpn exploded|loss became)",
    ),
    "an exploding step": (
        {"learning_rate": 1e30},
        "the (state of mpn exploded|(loss|gradient norm) became)",
    ),
    "no episode in the budget": ({"num_steps": 4}, "no gradient update in 4 steps and 0 episodes"),
    "learning that never starts": ({"learning_starts": 1000}, "no gradient update in 200 steps"),
}


DRAWN = ("input 1", "an exploding loss")
DRAWINGS = ("plot", "plot_plasticity", "plot_memory", "render", "summarise")


def finished(
    folder: Path, seeds: int = 1, drawn: bool = True, **changes: Any
) -> dict[int, dict[str, Any]]:
    """The history of a pipeline that ran to its end, with all outputs and nothing false."""
    pipeline = Pipeline.of(folder / "results", seeds, **changes)
    for rule, step in pipeline.steps():
        if drawn or rule not in DRAWINGS:
            step()
    assert audit(pipeline.results).findings == ()
    [path] = pipeline.results.glob("runs/*/*/training_history.json")
    return read_history(path)


@pytest.mark.parametrize("case", COMPLETED)
def test_an_extreme_ends_in_a_result(case: str, tmp_path: Path) -> None:
    history = finished(tmp_path, drawn=case in DRAWN, **COMPLETED[case])
    assert history[0]["status"] == "completed"


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in COMPLETED if case not in DRAWN])
def test_a_result_of_an_extreme_is_drawn(case: str, tmp_path: Path) -> None:
    assert finished(tmp_path, **COMPLETED[case])[0]["status"] == "completed"


def assert_named_failure(case: str, folder: Path, drawn: bool) -> None:
    changes, reason = FAILED[case]
    history = finished(folder, seeds=2, drawn=drawn, **changes)
    assert {entry["status"] for entry in history.values()} == {"failed"}
    assert all(re.match(reason, entry["failure"]) for entry in history.values())


@pytest.mark.parametrize("case", FAILED)
def test_a_seed_that_goes_wrong_is_named_and_all_stages_end(case: str, tmp_path: Path) -> None:
    assert_named_failure(case, tmp_path, drawn=case in DRAWN)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in FAILED if case not in DRAWN])
def test_a_failure_is_drawn(case: str, tmp_path: Path) -> None:
    assert_named_failure(case, tmp_path, drawn=True)


@pytest.mark.parametrize("name", ["eta", "learning_rate", "observation_noise", "gradient_clip"])
def test_a_number_that_32_bits_do_not_hold_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"{name}: 1e\+38 is not .* of at most 1e\+30"):
        finished(tmp_path, **{name: 1e38})


def test_a_buffer_that_holds_no_episode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="buffer_size: 8 cannot hold an episode"):
        finished(tmp_path, buffer_size=8)
