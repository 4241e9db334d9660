"""The compiled way of training, against the plain one."""

import os
import subprocess
import sys
from itertools import count

import gymnasium
import numpy as np
import pytest
import torch

from mpn_rl.compiled.cartpole import CARTPOLE
from mpn_rl.compiled.tasks import Playing
from mpn_rl.interruption import Stopped
from mpn_rl.learning import chunks, compiled
from mpn_rl.learning.compiled import CompiledTraining, make_training, why_not
from mpn_rl.learning.torch_random import raw_numbers
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters

SMALL = {
    "task": "DelayedMatch-v0",
    "learner": "pqn",
    "num_steps": 1_300,
    "validation_period": 400,
    "validation_episodes": 40,
    "validation_share": None,
    "num_envs": 6,
    "rollout_length": 16,
    "hidden_dim": 12,
    "encoder_dim": 8,
    "epsilon_decay": 1_000,
}
CASES = {
    "gru": {
        "task": "CartPole-v1",
        "core": "gru",
        "return_lambda": 0.9,
        "layer_norm": True,
        "reward_scale": None,
        "weight_averaging": 0.9,
    },
    "mpn": {"core": "mpn"},
    "mpn-paper": {"core": "mpn", "eta": 0.1, "lambda_decay": 0.95},
    "mpn-one-eta": {"core": "mpn", "eta": 0.1, "hebbian_rule": "postsynaptic"},
    "lstm": {
        "task": "NoisyPositionCartPole-v1",
        "core": "lstm",
        "n_step": 3,
        "dueling": True,
        "value_rescaling": True,
        "reward_scale": 0.3,
        "max_episode_steps": 30,
    },
    "rnn": {
        "task": "RepeatPrevious-v0",
        "core": "rnn",
        "activation": "sigmoid",
        "return_lambda": 0.5,
        "dueling": True,
        "layer_norm": True,
        "learning_rate_decay": 2_000,
        "rollout_minibatches": 7,
    },
    "mpn-layers": {
        "core": "mpn",
        "num_layers": 2,
        "M_bound": 0.05,
        "eta_shape": "post",
        "lambda_shape": "full",
        "encoder": "random",
        "hebbian_rule": "postsynaptic",
    },
    "mpn-additive": {
        "core": "mpn",
        "modulation": "additive",
        "eta_shape": "pre",
        "lambda_decay": 0.95,
        "learn_lambda": False,
        "encoder": "none",
        "activation": "relu",
    },
    "mpn-recurrent": {
        "core": "mpn-recurrent",
        "task": "RepeatPrevious-v0",
        "eta_shape": "post",
        "lambda_shape": "post",
    },
    "mpn-random": {"core": "mpn-random", "eta_shape": "full"},
    "mpn-lambda-0": {"core": "mpn", "lambda_decay": 0.0, "learn_lambda": False},
    "frame-stack": {"task": "PositionCartPole-v1", "core": "frame-stack", "num_frames": 3},
    "delta": {"core": "delta", "key_dim": 5},
    "mpn-frozen": {"core": "mpn-frozen", "num_layers": 3, "activation": "sigmoid"},
    "mpn-fixed": {
        "task": "TMaze-v0",
        "previous_action": True,
        "previous_reward": True,
        "reward_scale": None,
        "core": "mpn",
        "learn_eta": False,
        "learn_lambda": False,
        "bias": False,
        "hebbian_rule": "presynaptic",
        "epsilon_end": 0.0,
    },
}


def point(case="gru", **more):
    return Hyperparameters(**{**SMALL, **CASES[case], **more})


def train(training):
    while not training.finished:
        training.advance()
    return training


def numbers(values):
    return np.array([np.nan if value is None else value for value in values], float)


@pytest.mark.parametrize("case", CASES)
def test_a_training_is_the_plain_one_within_rounding(case):
    hp = point(case)
    assert why_not(hp) is None
    plain, found = train(SeedTraining(hp, 3)), train(CompiledTraining(hp, 3))
    assert found.steps == plain.steps
    assert found.learner.updates == plain.learner.updates > 0
    histories = plain.history.entries(), found.history.entries()
    assert histories[0].keys() == histories[1].keys()
    for name in histories[0]:
        one, other = (numbers(np.ravel(history[name])) for history in histories)
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-4, err_msg=name)
    theta = (training.learner.optimizer.theta for training in (plain, found))
    torch.testing.assert_close(*theta, rtol=1e-3, atol=1e-4)
    kept = (training.finish().final for training in (plain, found))
    torch.testing.assert_close(*kept, rtol=1e-3, atol=1e-4)
    weights, optimizer = dict(found.learner.kept.named_parameters()), found.learner.optimizer
    trained = [name for name, p in found.learner.online.named_parameters() if p.requires_grad]
    vector = torch.cat([weights[name].detach().reshape(-1) for name in trained])
    averages = hp.weight_averaging is not None
    assert torch.equal(vector, optimizer.average if averages else optimizer.theta)
    assert torch.equal(vector, optimizer.theta) is not averages
    assert torch.equal(plain._exploration.get_state(), found._exploration.get_state())
    states = [training.learner.generator.bit_generator.state for training in (plain, found)]
    assert states[0] == states[1]


@pytest.mark.parametrize("case", ["gru", "mpn", "lstm", "mpn-fixed"])
def test_a_training_that_is_cut_off_goes_on_as_if_it_had_not_been(case, monkeypatch):
    hp = point(case)
    whole = train(CompiledTraining(hp, 1)).finish()
    monkeypatch.setattr(chunks, "PACE_SECONDS", 0.0)  # chunks of one step
    monkeypatch.setattr(CompiledTraining, "first_pace", 7)
    training = CompiledTraining(hp, 1)
    for _ in range(9):
        training.advance()
    assert not training.finished
    other = CompiledTraining(hp, 1)
    other.set_state(training.get_state())
    result = train(other).finish()
    assert result.history == whole.history
    assert result.best_step == whole.best_step
    for kind in ("best", "final"):
        one, two = getattr(whole, kind), getattr(result, kind)
        assert all(torch.equal(one[name], two[name]) for name in one)


def test_training_ends_with_an_episode_where_that_is_asked_for():
    hp = point("gru", num_steps=None, num_episodes=30)
    plain, found = train(SeedTraining(hp, 0)), train(CompiledTraining(hp, 0))
    assert found.steps == plain.steps
    assert found.history.episode_length == plain.history.episode_length
    assert torch.equal(plain._exploration.get_state(), found._exploration.get_state())


def test_a_training_that_diverges_fails_and_says_so():
    found = train(CompiledTraining(point("gru", learning_rate=1e30), 0))
    assert found.failure is not None
    assert "became" in found.failure or "exploded" in found.failure


def test_the_config_decides_and_says_why_not():
    assert why_not(point("gru", learner="dqn")) == "learner dqn"
    assert why_not(point("mpn", observation_normalisation=True)) == "observation_normalisation"
    assert why_not(point("gru", env_wrappers="DelayObservation(delay=2)")) == "env_wrappers"
    assert why_not(point("gru", task="Acrobot-v1")) == "task Acrobot-v1"
    assert type(
        make_training(point("gru", epsilon_schedule="exponential", epsilon_decay=0.9), 0)
    ) is (SeedTraining)
    assert type(make_training(point("gru"), 0)) is CompiledTraining


def test_cartpole_is_gymnasiums():
    environment = gymnasium.make("CartPole-v1").unwrapped
    generator = np.random.default_rng(0)
    state, counts, bank = np.zeros((1, 4)), np.zeros((1, 4), np.int64), np.zeros((1, 4))
    answers, shown = np.zeros((1, 1), np.int64), np.arange(4.0)
    playing = Playing(state, counts, bank, answers, 500, shown, (4, 0, 0))
    for _ in range(40):
        environment.reset(seed=int(generator.integers(2**31)))
        playing.bank[0] = environment.state
        CARTPOLE.reset(playing, 0, 0)
        for t in count(1):
            lean = environment.state[2] + environment.state[3] > 0  # for longer episodes
            action = int(lean if generator.random() < 0.7 else generator.integers(2))
            _, reward, fallen, _, _ = environment.step(action)
            told = CARTPOLE.step(playing, 0, action)
            assert np.array_equal(playing.numbers[0], environment.state)
            assert told[:2] == (reward, 1 if fallen else 2 * (t >= 500))
            if fallen:
                assert playing.counts[0, 1] == t
                break


def test_numbers_of_a_torch_generator():
    one, other = (torch.Generator().manual_seed(5) for _ in range(2))
    for _ in range(60):
        chance = torch.rand(16, generator=one)
        action = torch.randint(3, (16,), generator=one)
        raw = raw_numbers(other, 32)
        found = (raw[:16] & 0xFFFFFF).astype(np.float32) * np.float32(2**-24)
        assert np.array_equal(chance.numpy(), found)
        assert np.array_equal(action.numpy(), raw[16:] % 3)
        assert torch.equal(one.get_state(), other.get_state())


def test_the_wider_a_network_the_shorter_its_chunks():
    """A clock that one step of the network takes a second of, at whatever length."""
    steps = CompiledTraining.first_pace
    for _ in range(3):
        steps = chunks.paced(steps, seconds=1.0 * steps)
    assert steps == 1
    for _ in range(20):
        steps = chunks.paced(steps, seconds=1e-4 * steps)
    assert steps == chunks.PACE_SECONDS / 1e-4
    for _ in range(40):  # validations whose episodes end at once
        steps = chunks.paced(steps, seconds=0.0)
    assert steps == chunks.LONGEST_PACE


def test_a_validation_is_left_when_asked_and_made_again_to_the_same_end(monkeypatch):
    hp = point("gru")
    whole = train(CompiledTraining(hp, 1)).finish()
    monkeypatch.setattr(chunks, "PACE_SECONDS", 0.0)
    training, asked = CompiledTraining(hp, 1), iter([False, False, True])

    def check():
        if next(asked, False):
            raise Stopped

    monkeypatch.setattr(compiled, "check", check)
    with pytest.raises(Stopped):
        train(training)
    assert training._validation_due()
    other = CompiledTraining(hp, 1)
    other.set_state(training.get_state())
    assert train(other).finish().history == whole.history


def test_nothing_is_taken_before_it_is_known_to_fit():
    """A rollout that no memory holds is refused by `check_demands`, before it is prepared."""
    training = CompiledTraining(point("gru", rollout_length=10**12), 0)
    assert training._memory is None
    assert "_rollout" not in vars(training.learner)


_TRAINS = """
import hashlib, sys
from mpn_rl.learning.compiled import CompiledTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
for core in sys.argv[1:]:
    training = CompiledTraining(
        Hyperparameters(learner="pqn", core=core, num_steps=3000, validation_share=None), 0
    )
    while not training.finished:
        training.advance()
    print(core, hashlib.sha256(training.learner.optimizer.theta.numpy().tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_who_compiles_trains_to_the_bytes_of_who_loads(tmp_path):
    def run():
        done = subprocess.run(
            [sys.executable, "-c", _TRAINS, "mpn", "mpn-frozen", "rnn", "gru", "lstm"],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert run() == run()
