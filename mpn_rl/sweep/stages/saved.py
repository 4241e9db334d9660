"""What a saved training gives back, looked through before it is used."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.state_form import state_fault
from mpn_rl.learning.results import History
from mpn_rl.learning.training import SeedTraining

_MEANINGLESS = (
    *(ArithmeticError, AttributeError, LookupError),
    *(RuntimeError, TypeError, ValueError),
)


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
