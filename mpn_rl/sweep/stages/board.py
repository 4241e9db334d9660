"""Curves of a training for TensorBoard, written from the events of its progress."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mpn_rl.errors import UserError

CURVES = (
    "return",
    "validation_return",
    "validation_correct",
    "loss",
    "exploration_epsilon",
    "steps_per_second",
)


class Board:
    """Writes the curves of each seed into a folder of its own, a point for each event."""

    def __init__(self, folder: Path) -> None:
        """UserError where the package is missing."""
        if find_spec("tensorboard") is None:
            raise UserError(
                "tensorboard: the package is not installed; `pip install 'mpn-rl[tensorboard]'`, "
                "or leave out --tensorboard (logging.tensorboard of a config)"
            )
        self._folder = folder
        self._writers: dict[int, Any] = {}

    def add(self, event: Mapping[str, Any]) -> None:
        """Write an event; what was written beyond the step at which a seed goes on is not shown."""
        seed, step = event["seed"], event["step"]
        if seed not in self._writers or event["status"] == "begun":
            self._writers[seed] = self._writer(seed, step)
        for name in CURVES:
            if name in event and event["status"] != "begun":
                self._writers[seed].add_scalar(name, event[name], step)
        self._writers[seed].flush()
        if event["status"] in ("completed", "failed"):
            self._writers.pop(seed).close()

    def _writer(self, seed: int, step: int) -> Any:
        from torch.utils.tensorboard import SummaryWriter  # takes a second or two

        return SummaryWriter(str(self._folder / f"seed_{seed}"), purge_step=step + 1)
