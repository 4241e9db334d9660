"""Sizes of state and parameters, by hand and as the networks in torch have them."""

import math

import pytest
import torch

from benchmarks.sizes import Sizes, rows, sizes, square, width_for
from mpn_rl.networks.build import build_network
from mpn_rl.networks.core import parameter_count
from mpn_rl.parameters.hyperparameters import Hyperparameters


def test_an_mpn_by_hand() -> None:
    hp = Hyperparameters(core="mpn", hidden_dim=5, encoder_dim=3)
    encoder, core, read_out = (4 + 1) * 3 + 2 * 3, 5 * (3 + 1 + 2), 2 * 5 + (5 + 1) * 3
    assert sizes(hp) == Sizes(15, encoder + core + read_out)


@pytest.mark.parametrize(
    "own",
    [
        {"core": "gru"},
        {"core": "lstm"},
        {"core": "delta", "key_dim": 7},
        {"core": "frame-stack", "num_frames": 4},
        {"core": "mpn-random"},
        {"core": "mpn-recurrent"},
    ],
    ids=str,
)
def test_they_are_those_of_the_network(own: dict[str, object]) -> None:
    hp = Hyperparameters(hidden_dim=6, encoder_dim=5, **own)
    network = build_network(hp, 4, 3, torch.Generator())
    assert sizes(hp) == (math.prod(network.core.state_shape), parameter_count(network))


def test_what_nobody_reads_is_no_state() -> None:
    assert sizes(Hyperparameters(core="mpn-frozen")).state == 0


def test_the_width_is_the_nearest() -> None:
    gru = Hyperparameters(core="gru")
    assert width_for(gru, 48, lambda each: each.state).hidden_dim == 48
    found = width_for(gru, 2787, lambda each: each.parameters)
    gaps = [
        abs(sizes(gru.model_copy(update={"hidden_dim": width})).parameters - 2787)
        for width in (found.hidden_dim - 1, found.hidden_dim, found.hidden_dim + 1)
    ]
    assert min(gaps) == gaps[1]


def test_lines_at_equal_state() -> None:
    assert square(2048).encoder_dim == 32
    found = {line[1]: line[2:5] for line in rows([64], "state")}
    assert found == {
        "mpn": ("8", "8", "64"),
        "delta": ("8", "8", "64"),
        "rnn": ("64", "8", "64"),
        "gru": ("64", "8", "64"),
        "lstm": ("32", "8", "64"),
    }
