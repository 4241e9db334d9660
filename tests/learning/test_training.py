"""A seed's training: it learns, it repeats itself to the bit, and it goes on where it stopped."""

import functools
import io
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.training_state import read_state, write_state
from mpn_rl.errors import UserError
from mpn_rl.learning.compiled import make_training
from mpn_rl.learning.pqn import PQN
from mpn_rl.learning.sequences import Step
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS, LATER
from mpn_rl.parameters.hyperparameters import Hyperparameters

SMALL: dict[str, Any] = {
    "encoder": None,
    "num_steps": 600,
    "delay": 2,
    "hidden_dim": 8,
    "encoder_dim": 6,
    "num_envs": 4,
    "batch_size": 8,
    "learning_starts": 60,
    "validation_period": 200,
    "validation_episodes": 6,
    "epsilon_decay": 300.0,
}
TINY = Hyperparameters(**{**FIRST_DEFAULTS, **LATER, **SMALL})


def replace(point, **changes):
    """The point with other values."""
    return Hyperparameters(**{**vars(point), **changes})


WINDOWS = replace(TINY, replay_start="stored", sequence_length=6, burn_in_length=2, n_step=3)
ROLLOUTS = replace(TINY, learner="pqn", rollout_length=6, return_lambda=0.8, layer_norm=True)
CARTPOLE = replace(WINDOWS, task="CartPole-v1", epsilon_end=0.2)
VARIANTS = {
    "mpn": TINY,
    "gru": replace(TINY, core="gru"),
    "lstm, stored states": replace(WINDOWS, core="lstm"),
    "mpn, stored states": WINDOWS,
    "rnn, zero starts": replace(WINDOWS, core="rnn", replay_start="zero"),
    "frozen, previous step": replace(
        TINY, core="mpn-frozen", previous_action=True, previous_reward=True
    ),
    "CartPole": CARTPOLE,
    "every option of the learner": replace(
        WINDOWS,
        priority_exponent=0.9,
        value_rescaling=True,
        dueling=True,
        layer_norm=True,
        learning_rate_decay=500.0,
    ),
    "prioritised episodes": replace(TINY, priority_exponent=0.6, return_lambda=0.9),
    "CartPole, normalised": replace(CARTPOLE, observation_normalisation=True),
    "pqn": replace(ROLLOUTS, learning_rate_decay=700.0),
    "pqn, CartPole": replace(ROLLOUTS, task="CartPole-v1", core="lstm"),
    "exponential": replace(TINY, epsilon_schedule="exponential", epsilon_decay=0.9),
}


def fingerprint(training: SeedTraining) -> bytes:
    result = training.finish()
    buffer = io.BytesIO()
    torch.save(
        [result.final, result.best, vars(result.history), result.best_step, result.failure], buffer
    )
    return buffer.getvalue()


def run(hyperparameters: Hyperparameters, seed: int = 0) -> SeedTraining:
    training = SeedTraining(hyperparameters, seed)
    while not training.finished:
        training.advance()
    return training


@functools.cache
def undisturbed(name: str) -> bytes:
    return fingerprint(run(VARIANTS[name]))


@pytest.mark.parametrize("name", VARIANTS)
def test_same_seed_same_bytes_and_other_seeds_differ(name: str) -> None:
    hyperparameters = VARIANTS[name]
    assert fingerprint(run(hyperparameters)) == undisturbed(name)
    fresh = [SeedTraining(hyperparameters, seed).learner.online.state_dict() for seed in (0, 1)]
    weights = [torch.cat([p.flatten() for p in state.values()]) for state in fresh]
    assert not torch.equal(*weights)


@pytest.mark.parametrize("name", VARIANTS)
def test_goes_on_exactly_from_a_saved_state(name: str, tmp_path: Any) -> None:
    hyperparameters = VARIANTS[name]
    cuts = np.random.default_rng(0).choice(np.arange(4, 600, 4), size=3, replace=False)
    training = SeedTraining(hyperparameters, 0)
    while not training.finished:
        training.advance()
        if training.steps in cuts:
            write_state(tmp_path / "s", training.get_state(), {"seed": 0})
            training = SeedTraining(hyperparameters, 0)
            state, messages = read_state(tmp_path / "s", {"seed": 0})
            assert state is not None
            assert messages == []
            training.set_state(state)
    assert fingerprint(training) == undisturbed(name)


@pytest.mark.slow
def test_an_agent_with_memory_learns_what_one_without_cannot() -> None:
    base = Hyperparameters(delay=1, num_steps=16_000, learner="dqn")
    learned = run(base).finish()
    frozen = run(replace(base, core="mpn-frozen")).finish()
    assert learned.history.validation_correct[-1] >= 0.95
    assert frozen.history.validation_correct[-1] <= 0.7


def compiled_run(hyperparameters: Hyperparameters) -> Any:
    training = make_training(hyperparameters, 0)
    while not training.finished:
        training.advance()
    return training.finish().history.validation_correct[-1]


def test_learning_without_replay_finds_the_same_difference() -> None:
    base = Hyperparameters(learner="pqn", delay=1, num_steps=20_000)
    assert compiled_run(base) >= 0.95
    assert compiled_run(replace(base, core="mpn-frozen")) <= 0.7


def test_a_layer_that_reads_its_last_output_learns_the_order_of_inputs() -> None:
    hyperparameters = Hyperparameters(
        task="RepeatPrevious-v0",
        core="mpn-recurrent",
        learner="pqn",
        num_steps=20_000,
        rollout_length=64,
        rollout_minibatches=16,
        return_lambda=0.8,
        layer_norm=True,
        learning_rate=1e-3,
        epsilon_end=0.3,
        epsilon_decay=4_000.0,
    )
    assert compiled_run(hyperparameters) >= 0.95


def test_rollouts_learn_every_transition_once_from_the_state_it_was_played_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    still = replace(
        ROLLOUTS, learning_rate=0.0, rollout_epochs=1, rollout_minibatches=1, max_episode_steps=4
    )
    played: dict[bytes, torch.Tensor] = {}
    learned: list[bytes] = []
    store, descend = PQN.store, PQN.descend

    def note_played(self: PQN, step: Step) -> None:
        q, _ = self.online(torch.as_tensor(step.observation), step.state)
        played.update(zip((o.tobytes() for o in step.observation), q.detach(), strict=True))
        store(self, step)

    def compare(self: PQN, q: torch.Tensor, rows: Any, target: torch.Tensor) -> Any:
        for t, b in rows["valid"].nonzero().tolist():
            key = rows["observation"][t, b].numpy().tobytes()
            torch.testing.assert_close(q[t, b].detach(), played[key], rtol=1e-5, atol=1e-6)
            learned.append(key)
        return descend(self, q, rows, target)

    monkeypatch.setattr(PQN, "store", note_played)
    monkeypatch.setattr(PQN, "descend", compare)
    run(replace(still, num_steps=10 * 6 * 4))  # ten rollouts of six steps of four environments
    assert len(learned) == len(set(learned))
    assert set(learned) <= set(played)
    assert len(played) - len(learned) <= 4  # the last step of an environment waits for the next row


@pytest.mark.parametrize(
    "option",
    [
        {"return_lambda": 0.5},
        {"n_step": 3},
        {"value_rescaling": True},
        {"dueling": True},
        {"layer_norm": True},
        {"observation_normalisation": True},
        {"priority_exponent": 0.9},
        {"learning_rate_decay": 400.0},
        {"learning_rate_decay": "training"},
        {"reward_scale": 0.5},
        {"weight_averaging": 0.5},
        {"target_update_period": 3},
        {"learner": "pqn", "rollout_length": 6},
    ],
    ids=str,
)
def test_every_option_reaches_the_weights(option: dict[str, Any]) -> None:
    changed = run(replace(TINY, **option)).finish().final
    assert not torch.equal(changed["core.layers.0.W"], default_weights())


@functools.cache
def default_weights() -> torch.Tensor:
    return run(TINY).finish().final["core.layers.0.W"]


def test_a_rollout_is_learnt_from_as_often_as_asked() -> None:
    training = run(replace(ROLLOUTS, rollout_epochs=3, rollout_minibatches=2))
    # 600 steps of 4 environments are 150 each: 25 rollouts of 6 steps, 3 epochs of 2 parts
    assert training.learner.updates == 25 * 3 * 2
    assert run(replace(ROLLOUTS, rollout_minibatches=50)).learner.updates == 25 * 4 * 4


def test_history_has_an_entry_per_episode_update_and_validation() -> None:
    result = run(TINY).finish()
    history = result.history
    episodes = 600 // 5  # delay 2 makes episodes of five steps
    assert len(history.episode_return) == episodes
    assert set(history.episode_length) == {5}
    assert history.validation_step == [200, 400, 600]
    assert len(history.loss) == result.updates == (600 - 60) // 36
    assert history.episode_end_step[-1] == 600
    assert history.exploration_epsilon[0] > history.exploration_epsilon[-1]


def test_num_episodes_ends_training_too() -> None:
    assert run(replace(TINY, num_steps=None, num_episodes=9)).episodes >= 9
    assert run(replace(TINY, num_episodes=8)).steps == 40


def test_divergence_fails_the_seed_and_says_when() -> None:
    training = SeedTraining(replace(TINY, core="rnn", activation="linear"), 0)
    while training.learner.updates < 3:
        training.advance()
    with torch.no_grad():
        training.learner.online.q_head.weight[0, 0] = torch.inf
    while not training.finished:
        training.advance()
    result = training.finish()
    assert result.failure is not None
    assert "at update 4" in result.failure
    assert result.steps < 600


def test_no_update_in_the_whole_budget_is_a_failure() -> None:
    result = run(replace(TINY, num_steps=40)).finish()
    assert result.failure == "no gradient update in 40 steps and 8 episodes"


def test_an_episode_longer_than_the_buffer_is_refused() -> None:
    with pytest.raises(UserError, match=r"buffer_size: 16 cannot hold an episode of 4 steps"):
        run(replace(TINY, buffer_size=16))


def test_a_state_that_explodes_fails_the_seed_by_name() -> None:
    training = SeedTraining(TINY, 0)
    while training.learner.updates < 3:
        training.advance()
    while not training.finished:
        training._state = torch.full_like(training._state, torch.inf)
        training.advance()
    assert training.finish().failure == "the state of mpn exploded beyond what numbers hold " + (
        f"at step {training.steps}"
    )


def test_dead_exploration_fails_the_seed_by_name() -> None:
    # MountainCar gives -1 a step until the goal, which 30 steps never reach.
    dead = replace(TINY, task="MountainCar-v0", max_episode_steps=5, buffer_size=4000)
    result = run(dead).finish()
    assert result.failure is not None
    assert result.failure.startswith("dead exploration: each of 120 episodes returned -5")
    assert run(TINY).finish().failure is None
