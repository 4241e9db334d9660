"""What a saved training gives back, looked through before it is used."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.state_form import state_fault
from mpn_rl.artifacts.training_state import read_state
from mpn_rl.learning.results import History
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.points import resolved

log = logging.getLogger(__name__)

_MEANINGLESS = (
    *(ArithmeticError, AttributeError, LookupError),
    *(RuntimeError, TypeError, ValueError),
)


def state_key_of(key: dict[str, Any], training: SeedTraining) -> dict[str, Any]:
    """What a state must have been saved for: a longer training goes on from a shorter one.

    But not where what happens before the end depends on the length too.
    """
    hyperparameters = resolved(training.hyperparameters)
    if hyperparameters["learning_rate_decay"] != "training":
        for length in ("num_steps", "num_episodes"):
            del hyperparameters[length]
    way, validations = type(training).__name__, [*training.validations]
    return {**key, "hyperparameters": hyperparameters, "validations": validations, "way": way}


def read_saved(
    path: Path, key: dict[str, Any], fault_of: Callable[[dict[str, Any]], str | None]
) -> dict[str, Any] | None:
    """What was saved for this key, None if nothing; what is set aside on the way is logged."""
    content, messages = read_state(path, key, fault_of)
    for message in messages:
        log.warning("%s", message)
    return content


def fault_in_state(training: SeedTraining, content: dict[str, Any]) -> str | None:
    """What of a state is not as this training would save it before its first step."""
    own = {name: value for name, value in content.items() if name != "processor"}
    return state_fault(own, training.get_state())


def fault_in_result(content: dict[str, Any]) -> str | None:
    """What of a result is not as a completed training leaves it."""
    weights = content.get("best")
    if not isinstance(weights, Mapping) or not all(map(torch.is_tensor, weights.values())):
        return "best is not what it should be"
    numbers = {"steps": 0, "updates": 0, "best_step": 0, "failure": None}
    example = {"best": weights, "final": weights, "history": asdict(History()), **numbers}
    return state_fault(content, example)


def continue_from(path: Path, training: SeedTraining, state: dict[str, Any]) -> None:
    """Set a training's state; ArtifactError, with its `path`, where a part of it means nothing."""
    try:
        training.set_state(state)
    except _MEANINGLESS as error:
        raise ArtifactError(
            f"{path}: cannot be continued from ({type(error).__name__}: {error}); "
            "if you move it away, the training begins anew"
        ) from error
