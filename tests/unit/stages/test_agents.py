"""Agents of a checkpoint: those that play compiled do what those do that play through torch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.compiled.network import why_not_network
from mpn_rl.compiled.shapes import shapes, trained_numbers
from mpn_rl.networks.build import build_network
from mpn_rl.networks.core import parameter_count
from mpn_rl.observations import numbers
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.playing.activity import record_activity
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.sweep.stages.agents import Trained, load_trained

SMALL = {"task": "DelayedMatch-v0", "hidden_dim": 6, "encoder_dim": 5}
POINTS = [
    {"core": "mpn"},
    {"core": "mpn", "learn_eta": False, "learn_lambda": False, "bias": False},
    {"core": "mpn", "dueling": True, "layer_norm": True, "activation": "relu"},
    {"core": "mpn", "num_layers": 2, "modulation": "additive", "lambda_decay": 0.9, "M_bound": 0.1},
    {"core": "mpn", "eta_shape": "pre", "lambda_decay": 0.9},
    {"core": "mpn", "lambda_shape": "full", "encoder": "random", "hebbian_rule": "presynaptic"},
    {"core": "mpn-recurrent", "eta_shape": "post"},
    {"core": "mpn-frozen", "num_layers": 2, "encoder": "none"},
    {"core": "mpn-random", "num_layers": 2},
    {"core": "frame-stack", "num_frames": 3},
    {"core": "delta", "key_dim": 4},
    {"core": "delta", "bias": False},
    {"core": "rnn"},
    {"core": "gru", "layer_norm": True},
    {"core": "gru", "bias": False},
    {"core": "lstm", "dueling": True},
]


def point(**changes: Any) -> Hyperparameters:
    return Hyperparameters(**{**SMALL, **changes})


def trained(folder: Path, hp: Hyperparameters) -> tuple[Trained, Any]:
    """What a checkpoint of random weights holds, and its network."""
    network = build_network(hp, 4, 2, torch.Generator().manual_seed(3))
    with torch.no_grad():
        for weight in network.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(4))
    weights = {7: network.state_dict()}
    write_checkpoint(folder / "final_model.pt", Checkpoint(resolved(hp), 4, 2, weights))
    return load_trained(folder / "final_model.pt"), network.requires_grad_(False)


@pytest.mark.parametrize("changes", POINTS, ids=str)
def test_compiled_agents_do_what_those_of_torch_do(changes: Any, tmp_path: Path) -> None:
    found, network = trained(tmp_path, point(**changes))
    made = [
        record_activity(agents, found.task(3), 5, max_recorded_mb=1.0)
        for agents in (found.agents(3), [(7, GreedyNetwork(network))])
    ]
    one, other = made
    np.testing.assert_array_equal(one.actions, other.actions)
    np.testing.assert_array_equal(one.observations, other.observations)
    np.testing.assert_allclose(one.x, other.x, atol=2e-6)
    np.testing.assert_allclose(one.h, other.h, atol=2e-6)
    np.testing.assert_allclose(one.q_values, other.q_values, atol=2e-6)


@pytest.mark.parametrize("changes", POINTS, ids=str)
def test_what_units_hold_is_the_same_in_both_and_can_be_given(changes: Any, tmp_path: Path) -> None:
    if changes["core"] == "mpn-frozen":
        return  # it holds nothing
    found, network = trained(tmp_path, point(**changes))
    seen = np.random.default_rng(0).normal(size=(4, 3, 4)).astype(np.float32)
    ways = [agent for _, agent in found.agents(3)] + [GreedyNetwork(network)]
    courses = []
    for agent in ways:
        agent(0, seen[0])
        agent(1, seen[1])
        held = agent.state.copy()
        agent(2, seen[2])
        onward = agent.state.copy()
        agent.hold(held[[1, 2, 0]])
        agent(3, seen[2][[1, 2, 0]])
        np.testing.assert_allclose(agent.state, onward[[1, 2, 0]], atol=2e-6)
        courses.append((held, onward))
        assert held.shape[:2] == (3, 6)
    np.testing.assert_allclose(courses[0], courses[1], atol=2e-6)
    h = ways[0].h if changes["core"] in ("rnn", "gru", "lstm") else None
    if h is not None:
        np.testing.assert_array_equal(ways[0].state[:, :, 0], h)


@pytest.mark.parametrize("changes", POINTS, ids=str)
def test_shapes_are_those_of_the_network(changes: Any) -> None:
    hp = point(**changes)
    assert why_not_network(hp) is None
    network = build_network(hp, 4, 2)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    assert shapes(hp, numbers(4), 2) == {name: weight.shape for name, weight in weights.items()}
    assert trained_numbers(hp, weights) == parameter_count(network)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"core.layers.0.b": None}, "core.layers.0.b is missing"),
        ({"core.layers.0.b": np.zeros(7)}, r"size mismatch for core.layers.0.b: \(7,\) instead of"),
        ({"more": np.zeros(1)}, "more is none of its weights"),
    ],
)
def test_weights_that_do_not_fit_are_refused(change: Any, reason: str, tmp_path: Path) -> None:
    found, _ = trained(tmp_path, point(core="mpn"))
    weights = {name: w for name, w in {**found.weights[7], **change}.items() if w is not None}
    write_checkpoint(
        tmp_path / "c.pt", Checkpoint(resolved(found.hyperparameters), 4, 2, {7: weights})
    )
    with pytest.raises(ArtifactError, match=f"c.pt: seed 7 does not fit the network: {reason}"):
        list(load_trained(tmp_path / "c.pt").agents(1))
    with pytest.raises(ArtifactError, match=r"c.pt: has no seed 8; it has 7"):
        load_trained(tmp_path / "c.pt", [8])


@pytest.mark.parametrize("changes", [{}, {"observation_normalisation": True}], ids=str)
def test_a_network_that_claims_to_be_huge_takes_no_memory(changes: Any, tmp_path: Path) -> None:
    hp = point(core="gru", hidden_dim=10**8, **changes)  # 120 PB
    path = tmp_path / "c.pt"
    write_checkpoint(path, Checkpoint(resolved(hp), 4, 2, {7: {"a": np.zeros(3)}}))
    for device in ("cpu", "cuda"):
        with pytest.raises(ArtifactError, match=r"c.pt: seed 7 does not fit the network: "):
            list(load_trained(path, device=device).agents(1))
