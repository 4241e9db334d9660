"""eta and lambda at each validation: by hand, and in a training that is cut off."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.history import read_history
from mpn_rl.artifacts.training_state import read_state, write_state
from mpn_rl.learning.results import History
from mpn_rl.learning.training import SeedTraining
from mpn_rl.networks import make_core
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.playing.rollout import EpisodeScores
from tests.fixtures.stages import train

SMALL: dict[str, Any] = {
    "hidden_dim": 8,
    "encoder_dim": 6,
    "num_envs": 4,
    "num_steps": 2400,
    "validation_period": 800,
    "validation_episodes": 4,
    "delay": 1,
    "weight_averaging": None,
}


def training(**settings: Any) -> SeedTraining:
    return SeedTraining(Hyperparameters(**{**SMALL, **settings}), 5)


def test_rates_of_each_layer_by_hand() -> None:
    core = make_core(
        "mpn",
        input_dim=3,
        hidden_dim=4,
        num_layers=2,
        eta_shape="post",
        lambda_shape="full",
        lambda_max=0.8,
        lambda_decay=0.4,
        generator=torch.Generator().manual_seed(0),
    )
    first, second = core.layers
    first.eta.data = torch.tensor([[0.5], [-1.0], [2.0], [0.5]])
    second.eta.data.fill_(0.25)
    first.lambda_raw.data.zero_()  # the middle of [0, lambda_max]
    second.lambda_raw.data.zero_()
    second.lambda_raw.data[1, 2] = 1e6
    history = History()
    history.add_validation(7, scores(), core.rates())
    assert history.validation_eta == [[[0.5, -1.0, 2.0], [0.25, 0.25, 0.25]]]
    low, high = 0.4, 0.8
    expected = [[[low, low, low], [low + (high - low) / 16, low, high]]]
    np.testing.assert_allclose(history.validation_lambda, expected, atol=1e-6)
    assert history.entries()["validation_eta"] == history.validation_eta


def scores() -> EpisodeScores:
    return EpisodeScores(np.array([1.0]), np.array([3]), np.array([1.0]))


@pytest.mark.parametrize("core", ["mpn-frozen", "rnn", "gru", "lstm"])
def test_cores_without_plasticity_have_no_rates(core: str) -> None:
    made = make_core(core, input_dim=3, hidden_dim=4, generator=torch.Generator().manual_seed(0))
    assert made.rates() == []
    history = History()
    history.add_validation(7, scores(), made.rates())
    assert not {"validation_eta", "validation_lambda"} & set(history.entries())
    assert history.entries()["loss"] == []


def test_the_course_of_a_training() -> None:
    run = training(eta=0.3, lambda_decay=0.9)
    while not run.finished:
        run.advance()
    history = run.finish().history
    assert history.validation_step == [800, 1600, 2400]
    (eta, decay) = (np.array(v) for v in (history.validation_eta, history.validation_lambda))
    assert eta.shape == decay.shape == (3, 1, 3)
    assert (eta == eta[:, :, :1]).all()  # one value: mean, least and largest are the same
    last = run.learner.online.core.first
    assert eta[-1, 0, 0] == pytest.approx(last.eta.item())
    assert decay[-1, 0, 0] == pytest.approx(last.lambda_decay.item())
    assert len(np.unique(eta[:, 0, 0])) == 3  # it is learned
    assert eta[0, 0, 0] == pytest.approx(0.3, abs=0.2)


def test_rates_that_are_not_learnt_stay() -> None:
    run = training(learn_eta=False, learn_lambda=False, eta=0.5, lambda_decay=0.75)
    while not run.finished:
        run.advance()
    history = run.finish().history
    assert history.validation_eta == [[[0.5] * 3]] * 3
    assert history.validation_lambda == [[[0.75] * 3]] * 3


@pytest.mark.parametrize("stop", [796, 800, 1604])
def test_a_training_cut_off_around_a_validation_goes_on_exactly(stop: int, tmp_path: Path) -> None:
    whole, first = training(), training()
    while not whole.finished:
        whole.advance()
    while first.steps < stop:
        first.advance()
    assert len(first.history.validation_eta) == stop // 800
    write_state(tmp_path / "state", first.get_state(), {})
    content, messages = read_state(tmp_path / "state", {})
    assert not messages
    second = training()
    second.set_state(content or {})
    while not second.finished:
        second.advance()
    assert second.history == whole.history
    assert second.history.validation_eta == whole.history.validation_eta
    assert len(whole.history.validation_eta) == 3


@pytest.mark.parametrize("core", ["mpn", "gru"])
def test_the_file_has_rates_of_plastic_cores_alone(core: str, tmp_path: Path) -> None:
    hyperparameters = resolved(Hyperparameters(**SMALL, core=core))
    train(tmp_path / "x", "r", hyperparameters, seeds=[0, 1])
    path = tmp_path / "x" / "training_history.json"
    for entry in read_history(path).values():
        rates = {"validation_eta", "validation_lambda"} & set(entry)
        assert len(rates) == (2 if core == "mpn" else 0)
        for name in rates:
            assert np.array(entry[name]).shape == (3, 1, 3)
    assert "NaN" not in path.read_text()
    json.loads(path.read_text())
