"""TensorBoard shows the curves of a training that was cut off and resumed once each."""

from pathlib import Path
from typing import Any

import pytest

from mpn_rl.sweep.stages.board import Board

pytestmark = [
    pytest.mark.packages("tensorboard"),
    # TensorBoard's own
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def events(*steps: int, status: str = "training", **more: float) -> list[dict[str, Any]]:
    return [{"seed": 3, "status": status, "step": step, **more} for step in steps]


def test_no_step_is_shown_twice(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    first, resumed = Board(tmp_path), Board(tmp_path)
    for event in [*events(0, status="begun"), *events(10, 20, 30, loss=1.0)]:
        first.add(event)
    for event in [
        *events(20, status="begun", loss=1.0),
        *events(30, 40, loss=1.0),
        *events(50, status="completed", loss=2.0),
    ]:
        resumed.add(event)
    shown = EventAccumulator(str(tmp_path / "seed_3")).Reload()
    points = [(point.step, point.value) for point in shown.Scalars("loss")]
    assert points == [(10, 1.0), (20, 1.0), (30, 1.0), (40, 1.0), (50, 2.0)]
