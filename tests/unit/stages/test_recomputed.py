"""M from a recording is M as it was when the agents played, to the byte."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.compiled.network import why_not_network
from mpn_rl.playing.activity import record_activity
from mpn_rl.playing.rollout import Greedy, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.sweep.stages.agents import Trained
from mpn_rl.sweep.stages.recomputed import recomputed
from tests.unit.stages.test_agents import point, trained

EPISODES = 19  # the second round of 16 environments is not full
RULES = ("associative", "presynaptic", "postsynaptic")
VARIANTS: list[dict[str, Any]] = [
    *({"hebbian_rule": rule, "M_bound": bound} for rule in RULES for bound in (None, 1.0, 0.05)),
    {"modulation": "additive"},
    {"modulation": "additive", "M_bound": 0.1, "activation": "relu"},
    {"eta_shape": "pre", "lambda_shape": "full", "lambda_decay": 0.9},
    {"eta_shape": "scalar", "lambda_shape": "scalar", "eta": 0.3, "lambda_decay": 0.9},
    {"learn_eta": False, "learn_lambda": False, "bias": False},
    {"activation": "linear", "encoder": "none"},
    {"encoder": "random", "dueling": True, "layer_norm": True},
]
POINTS = [
    *({"core": core, **variant} for core in ("mpn", "mpn-recurrent") for variant in VARIANTS),
    {"core": "mpn", "num_layers": 2},
    {"core": "mpn", "task": "CartPole-v1", "max_episode_steps": 60},  # episodes differ in length
    {"core": "mpn", "num_layers": 3, "modulation": "additive", "M_bound": 0.1},
]
IN_TORCH = [
    {"core": core, "observation_normalisation": True, **variant}
    for core in ("mpn", "mpn-recurrent")
    for variant in ({}, {"M_bound": 0.05}, {"hebbian_rule": "presynaptic"}, {"encoder": "none"})
]


def seen_while_playing(found: Trained, agent: Greedy) -> np.ndarray:
    """M (episode, time, hidden, synapses) as the agent has it while it plays."""
    task = found.task(16)
    M: list[Any] = [[] for _ in range(EPISODES)]

    def watch(moment: Any) -> None:
        now = agent.M.copy()
        for env in np.flatnonzero(moment.episode >= 0):
            M[moment.episode[env]].append(now[env])

    run_episodes(agent, task, EPISODES, integer_seed(7, "collection_task"), watch)
    longest = max(map(len, M))
    filled = np.full((EPISODES, longest, *M[0][0].shape), np.nan, np.float32)
    for episode, steps in enumerate(M):
        filled[episode, : len(steps)] = steps
    return filled


def checkpoint_and_recording(folder: Path, changes: dict[str, Any]) -> Any:
    found, _ = trained(folder, point(**changes))
    activity = record_activity(found.agents(16), found.task(16), EPISODES, max_recorded_mb=1.0)
    return found, activity


def check_to_the_byte(folder: Path, changes: dict[str, Any]) -> Trained:
    found, activity = checkpoint_and_recording(folder, changes)
    [(_, agent)] = found.agents(16)
    expected = seen_while_playing(found, agent)
    [(seed, memory)] = recomputed(activity, found.path)
    assert seed == 7
    assert memory.whole().tobytes() == expected.tobytes()
    assert memory.first(17).whole().tobytes() == expected[:17].tobytes()
    assert np.abs(np.nan_to_num(expected)).max() > 0
    assert memory.W.shape == expected.shape[2:]
    return found


@pytest.mark.parametrize("changes", POINTS, ids=str)
def test_every_compiled_core_rule_and_bound(changes: dict[str, Any], tmp_path: Path) -> None:
    assert why_not_network(check_to_the_byte(tmp_path, changes).hyperparameters) is None


@pytest.mark.parametrize("changes", IN_TORCH, ids=str)
def test_networks_in_torch(changes: dict[str, Any], tmp_path: Path) -> None:
    assert why_not_network(check_to_the_byte(tmp_path, changes).hyperparameters) is not None


@pytest.mark.parametrize("core", ["mpn-frozen", "gru"])
def test_a_core_without_plasticity_has_none(core: str, tmp_path: Path) -> None:
    found, activity = checkpoint_and_recording(tmp_path, {"core": core})
    assert activity.x.shape[:2] == (1, EPISODES)
    assert [*recomputed(activity, found.path)] == []


def test_inputs_that_were_too_wide_to_be_kept(tmp_path: Path) -> None:
    found, activity = checkpoint_and_recording(tmp_path, {"core": "mpn"})
    bare = replace(activity, x=activity.x[:, :0])
    assert [*recomputed(bare, found.path)] == []
    [(_, memory)] = recomputed(replace(activity, x=activity.x[:, :17]), found.path)
    assert len(memory.whole()) == 17


def test_another_agent_than_the_recorded_one_is_refused(tmp_path: Path) -> None:
    _, activity = checkpoint_and_recording(tmp_path, {"core": "mpn"})
    (tmp_path / "other").mkdir()
    other, _ = trained(tmp_path / "other", point(core="mpn", bias=False))
    with pytest.raises(ArtifactError, match="its agent of seed 7 is not the recorded one"):
        [*recomputed(activity, other.path)]
