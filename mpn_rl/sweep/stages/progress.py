"""How far a training is: events for whoever shows or keeps them, and lines of its log.

An event is a mapping of seed, status (begun, training, completed, failed), time, step, num_steps
(where known), episode and steps_per_second, and of what there is of return (mean of the last 100
episodes), validation_step, validation_return, validation_correct, loss, exploration_epsilon and
failure. Events are records of the logger `events`, so that they come from other processes too.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from mpn_rl.learning.results import History, SeedResult
from mpn_rl.learning.training import SeedTraining

# Its lines repeat what events say: whoever shows these live leaves them out.
log = logging.getLogger(__name__)
events = logging.getLogger("mpn_rl.events")
events.setLevel(logging.INFO)
events.propagate = False  # no lines of a log

Keep = Callable[[Mapping[str, Any]], None]
EVENT_SECONDS = 1.0
RECENT_EPISODES = 100
_LAST = ("validation_step", "validation_return", "validation_correct", "loss")


class Progress:
    """Tells how far a seed's training is, from the step at which it is now."""

    def __init__(self, training: SeedTraining) -> None:
        self.training, self.first_step = training, training.steps
        self.began = self._told_at = time.monotonic()
        self._validations = len(training.history.validation_step)
        self._send("begun", training.steps, training.history)

    def tell(self, now: float) -> None:
        """Send an event if a second has passed, or if there was a validation."""
        history = self.training.history
        validations = len(history.validation_step)
        if now - self._told_at >= EVENT_SECONDS or validations > self._validations:
            self._told_at, self._validations = now, validations
            self._send("training", self.training.steps, history)

    def end(self, result: SeedResult) -> None:
        """Send the last event."""
        more = {} if result.failure is None else {"failure": result.failure}
        status = "completed" if result.failure is None else "failed"
        self._send(status, result.steps, result.history, **more)

    def rate(self, now: float) -> float:
        """Environment steps per second since the beginning."""
        return (self.training.steps - self.first_step) / max(now - self.began, 1e-9)

    def line(self, now: float) -> str:
        """Where it is, in words."""
        training, hp, rate = self.training, self.training.hyperparameters, self.rate(now)
        parts = [f"seed {training.seed}: step {training.steps:,}"]
        if hp.num_steps is not None:
            left = (hp.num_steps - training.steps) / max(rate, 1e-9)
            parts[0] += f"/{hp.num_steps:,}, {rate:,.0f} steps/s, about {left:.0f} s left"
        else:
            parts[0] += f", episode {training.episodes:,}/{hp.num_episodes:,}, {rate:,.0f} steps/s"
        found = scores(training.history)
        if "return" in found:
            parts.append(f"return {found['return']:.2f}")
        if "validation_return" in found:
            parts.append(f"validation return {found['validation_return']:.2f}")
        return ", ".join(parts)

    def _send(self, status: str, step: int, history: History, **more: str) -> None:
        training = self.training
        event = {
            "seed": training.seed,
            "status": status,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "step": step,
            "num_steps": training.hyperparameters.num_steps,
            "episode": len(history.episode_return),
            "steps_per_second": round(self.rate(time.monotonic()), 1),
            **scores(history),
            **more,
        }
        known = {name: value for name, value in event.items() if value is not None}
        events.info("progress", extra={"event": known})


def scores(history: History) -> dict[str, float]:
    """What is known of how well a seed does by now; only numbers that are finite."""
    found: dict[str, Any] = {}
    if recent := history.episode_return[-RECENT_EPISODES:]:
        found["return"] = sum(recent) / len(recent)
        found["exploration_epsilon"] = history.exploration_epsilon[-1]
    for name in _LAST:
        if values := getattr(history, name):
            found[name] = values[-1]
    return {n: v for n, v in found.items() if v is not None and math.isfinite(v)}


class _Keeping(logging.Handler):
    """Hands events on."""

    def __init__(self, keep: Keep) -> None:
        super().__init__()
        self._keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        self._keep(vars(record)["event"])


@contextmanager
def heard(*keepers: Keep) -> Iterator[None]:
    """Have each of these called with every event in the block."""
    handlers = [_Keeping(keep) for keep in keepers]
    for handler in handlers:
        events.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            events.removeHandler(handler)
