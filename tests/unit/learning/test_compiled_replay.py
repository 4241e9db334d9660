"""Compiled updates from replayed sequences, against those of torch."""

import numpy as np
import pytest
import torch

from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters

SMALL = {
    "num_steps": 700,
    "num_envs": 5,
    "hidden_dim": 12,
    "encoder_dim": 8,
    "batch_size": 6,
    "buffer_size": 600,
    "learning_starts": 200,
    "update_period": 10,
    "validation_period": 10_000,
    "validation_episodes": 2,
    "epsilon_decay": 400,
}
WINDOWS = {"task": "PositionCartPole-v1", "sequence_length": 9, "burn_in_length": 3}
CASES = {
    "episodes": {"core": "mpn", "task": "RepeatPrevious-v0", "target_update_period": 3},
    "stored": {
        **WINDOWS,
        "core": "mpn",
        "replay_start": "stored",
        "return_lambda": 0.8,
        "weight_averaging": 0.98,
        "reward_scale": None,
        "layer_norm": True,
        "priority_exponent": 0.9,
    },
    "recurrent": {**WINDOWS, "core": "mpn-recurrent", "replay_start": "stored"},
    "zero": {
        **WINDOWS,
        "core": "gru",
        "replay_start": "zero",
        "n_step": 3,
        "value_rescaling": True,
        "reward_scale": 0.1,
        "dueling": True,
        "target_update_rate": 1.0,
        "target_update_period": 4,
    },
    "lstm": {
        **WINDOWS,
        "core": "lstm",
        "replay_start": "stored",
        "burn_in_length": 0,
        "learning_rate_decay": 900,
        "gradient_clip": 0.1,
        "max_episode_steps": 12,
    },
    "rnn": {
        "core": "rnn",
        "task": "DelayedMatch-v0",
        "priority_exponent": 0.5,
        "priority_max_weight": 0.3,
        "previous_action": True,
    },
}


def begin(case, *, plain=False, **more):
    training = SeedTraining(Hyperparameters(**{**SMALL, **CASES[case], **more}), 2)
    if plain:
        training.learner._compiled = None
    assert (training.learner._compiled is None) == plain
    return training


def go_on(training):
    while not training.finished:
        training.advance()
    return training


@pytest.mark.parametrize("case", CASES)
def test_updates_are_those_of_torch_within_rounding(case):
    plain, found = go_on(begin(case, plain=True)), go_on(begin(case))
    assert found.learner.updates == plain.learner.updates > 40
    np.testing.assert_allclose(found.history.loss, plain.history.loss, rtol=2e-3, atol=1e-5)
    norms = found.history.gradient_norm, plain.history.gradient_norm
    np.testing.assert_allclose(*norms, rtol=2e-3, atol=1e-5)
    for name in ("theta", "mean"):
        one, other = (getattr(training.learner.optimizer, name) for training in (found, plain))
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)
    kept = (training.finish().final for training in (found, plain))
    torch.testing.assert_close(*kept, rtol=1e-3, atol=1e-4)
    targets = (training.learner._theta_target for training in (found, plain))
    torch.testing.assert_close(*targets, rtol=1e-3, atol=1e-4)
    if plain.learner.replay.priorities is not None:
        given = (training.learner.replay.priorities.priority for training in (found, plain))
        np.testing.assert_allclose(*given, rtol=1e-3, atol=1e-5)
    states = [training.learner.generator.bit_generator.state for training in (found, plain)]
    assert states[0] == states[1]


@pytest.mark.parametrize("case", ["episodes", "stored"])
def test_a_training_that_is_cut_off_goes_on_as_if_it_had_not_been(case):
    whole, cut = begin(case), begin(case)
    for _ in range(70):
        cut.advance()
    resumed = begin(case)
    resumed.set_state(cut.get_state())
    go_on(whole)
    go_on(resumed)
    assert resumed.history == whole.history
    for name in ("theta", "mean", "square"):
        one, other = (getattr(t.learner.optimizer, name) for t in (resumed, whole))
        assert torch.equal(one, other)
    assert torch.equal(resumed.learner._theta_target, whole.learner._theta_target)
    one, other = resumed.finish().final, whole.finish().final
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_training_that_diverges_fails_and_keeps_what_it_had():
    found = go_on(begin("zero", learning_rate=1e30))
    assert found.failure is not None
    assert "became" in found.failure or "exploded" in found.failure
    assert found.failure.endswith(f"{found.learner.updates + 1}") or "step" in found.failure


def test_the_config_decides_and_the_log_says_why_not(caplog):
    caplog.set_level("INFO")
    assert begin("episodes", plain=False).learner._compiled is not None
    assert "network and updates run in compiled functions" in caplog.text
    training = SeedTraining(Hyperparameters(**{**SMALL, "observation_normalisation": True}), 0)
    assert training.learner._compiled is None
    assert "network and updates run in torch: observation_normalisation" in caplog.text
