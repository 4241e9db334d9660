"""A state with the right key and checksum whose content no training has written."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.streamed import Stored
from mpn_rl.artifacts.training_state import read_state, write_state
from mpn_rl.learning.training import SeedTraining, make_training
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.ledger.lease import lease
from mpn_rl.sweep.stages.resuming import Folder, MachineSettings
from mpn_rl.sweep.stages.saved import continue_from, fault_in_state, state_key_of

SMALL: dict[str, Any] = {
    **{"delay": 1, "encoder_dim": 4, "hidden_dim": 4, "num_envs": 4, "num_steps": 400},
    **{"validation_period": 200, "validation_episodes": 4},
}
DQN = {"learner": "dqn", "batch_size": 4, "learning_starts": 20, "replay_start": "episode"}
WAYS: dict[str, tuple[Callable[..., SeedTraining], dict[str, Any]]] = {
    "pqn, compiled": (make_training, {"core": "mpn"}),
    "pqn, step by step": (SeedTraining, {"core": "gru", "weight_averaging": 0.9}),
    "dqn": (make_training, {"core": "mpn-recurrent", **DQN}),
}
KEY: dict[str, Any] = {"code": "c"}


def fresh(way: str) -> SeedTraining:
    make, changes = WAYS[way]
    training = make(Hyperparameters(**{**SMALL, **changes}), 0)
    training.prepare()
    return training


def saved(way: str, path: Path) -> dict[str, Any]:
    """The state after half of a training, as it comes back from a file."""
    training = fresh(way)
    while training.steps < 200:
        training.advance()
    write_state(path, training.get_state(), KEY)
    found, _ = read_state(path, KEY)
    assert found is not None
    return found


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a state holds something, by names."""
    for name, item in value.items():
        yield (*at, name)
        if isinstance(item, dict):
            yield from places(item, (*at, name))


def others(value: Any) -> Iterator[Any]:
    """Things of another kind, and arrays of another shape or type, in the place of a value."""
    yield from ("x", {"a": 1}, [[None, {}]])
    if isinstance(value, np.ndarray | torch.Tensor):
        yield value.reshape(1, *value.shape)
        yield value[..., :0] if value.ndim else value
    if isinstance(value, torch.Tensor):
        yield value.to(torch.int32)


@pytest.mark.parametrize("way", WAYS)
def test_a_state_is_looked_through(way: str, tmp_path: Path) -> None:
    good, training, used = saved(way, tmp_path / "seed_0.state"), fresh(way), fresh(way)
    assert fault_in_state(training, {**good, "processor": "any"}) is None
    refused = 0
    for place in list(places(good)):
        *above, last = place
        holder = good
        for name in above:
            holder = holder[name]
        value = holder[last]
        for other in others(value):
            holder[last] = other
            fault = fault_in_state(training, good)
            if fault is None:  # of the same kind: then it is used, or refused in one sentence
                with suppress(ArtifactError):
                    continue_from(tmp_path / "seed_0.state", used, deepcopy_of(good))
            else:
                refused += 1
                assert str(place[0]) in fault
        del holder[last]
        assert "is missing" in (fault_in_state(training, good) or "") or place[0] == "task"
        holder[last] = value
    assert refused > 200
    continue_from(tmp_path / "seed_0.state", training, good)
    assert training.steps == 200


def deepcopy_of(state: dict[str, Any]) -> dict[str, Any]:
    """As `continue_from` takes arrays over."""
    return {n: v if isinstance(v, Stored) else deepcopy(v) for n, v in state.items()}


POINT = Hyperparameters(**{**SMALL, "core": "gru", **DQN})
WHOLE = {"hyperparameters": resolved(POINT), "code": "c"}


def train(path: Path, machine: MachineSettings | None = None) -> Any:
    with lease(path) as held:
        folder = Folder(path, WHOLE, held)
        return folder.train(0, lambda: SeedTraining(POINT, 0), machine or MachineSettings())


@pytest.mark.parametrize("junk", [{}, {"learner": None}, {"history": {}, "x": "\x1b[2J"}], ids=str)
def test_a_state_of_junk_is_set_aside_and_training_begins_anew(
    junk: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = state_key_of({**WHOLE, "seed": 0}, SeedTraining(POINT, 0))
    write_state(tmp_path / "a/seed_0.state", junk, key)
    write_state(tmp_path / "a/seed_0.result", junk, {**WHOLE, "seed": 0})
    caplog.set_level(logging.WARNING)
    found = train(tmp_path / "a")
    told = [record.getMessage() for record in caplog.records]
    assert [line.split(": other content, ")[0] for line in told] == [
        "seed_0.result",
        "seed_0.state",
    ]
    assert all(line.isprintable() for line in told)
    assert found.history == train(tmp_path / "b").history
    assert len([*(tmp_path / "a").glob("*.rejected-other-content-0")]) == 2


def test_numbers_that_no_generator_has_end_in_one_sentence(tmp_path: Path) -> None:
    training = SeedTraining(POINT, 0)
    state = training.get_state()
    state["learner"]["generator"]["bit_generator"] = "Dice"
    with pytest.raises(
        ArtifactError, match=r"seed_0\.state: cannot be continued from \(ValueError"
    ):
        continue_from(tmp_path / "seed_0.state", training, state)


def test_a_state_that_came_back_after_its_result_is_deleted(tmp_path: Path) -> None:
    train(tmp_path, MachineSettings(keep_state=True, save_steps=100))
    assert (tmp_path / "seed_0.state").exists()
    train(tmp_path, MachineSettings(keep_state=True))
    assert (tmp_path / "seed_0.state").exists()
    train(tmp_path)
    assert [path.name for path in tmp_path.glob("*.state")] == []
