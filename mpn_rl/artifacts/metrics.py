"""metrics.jsonl: how far each seed of a training is, a line of JSON at a time while it runs.

A line is an event of `stages.progress`. Of each seed every line is a step further than the one
before, whatever was cut off and resumed in between. Nothing is computed from it.
"""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_bytes, opened

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0
# How much of a file's end tells enough of a training for whoever looks at many.
TAIL_BYTES = 2**16
_TEXTS = ("status", "time", "failure")


class MetricsFile:
    """Appends events to a file, for its only writer; one that cannot be written is done without."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines: list[bytes] = []
        with suppress(ArtifactError):
            lines = _lines(path)
        self._step: dict[int, int] = {}
        for event in _events(lines):
            self._step[event["seed"]] = event["step"]
        self._seen: dict[int, tuple[float, Any]] = {}
        # of a writer that was killed in the middle of a line
        self._torn = bool(lines and lines[-1])
        self._faulty = False

    def add(self, event: Mapping[str, Any]) -> None:
        """Append an event that is further than the last of its seed and worth a line.

        Worth one are each validation, the end, and where a seed is every five seconds. A seed that
        begins anew loses its lines.
        """
        seed, step, training = event["seed"], event["step"], event["status"] == "training"
        if event["status"] == "begun" and step == 0 and seed in self._step:
            self._forget(seed)
        now, validation = time.monotonic(), event.get("validation_step")
        at, validated = self._seen.get(seed, (-WRITE_SECONDS, None))
        if step <= self._step.get(seed, -1):
            return
        if training and validation == validated and now - at < WRITE_SECONDS:
            return
        self._step[seed], self._seen[seed] = step, (now, validation)
        self._append(orjson.dumps(dict(event)) + b"\n")

    def _append(self, line: bytes) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(b"\n" * self._torn + line)
            self._torn = False
        except OSError as error:
            self._tell(error.strerror or error)

    def _forget(self, seed: int) -> None:
        """Write the file without what it says of a seed."""
        self._step.pop(seed)
        try:
            kept = [line for line in _lines(self.path) if _seed_of(line) not in (seed, None)]
            atomic_write_bytes(self.path, b"".join(line + b"\n" for line in kept))
        except ArtifactError as error:
            self._tell(error)

    def _tell(self, problem: object) -> None:
        if not self._faulty:
            log.warning("%s: cannot be written: %s", self.path, problem)
        self._faulty = True


def read_metrics(path: Path, most: int = TAIL_BYTES) -> list[dict[str, Any]]:
    """The events in the last `most` bytes of a file; none where it is not there.

    What is no event of a seed (a line that is being written, say) is left out.
    """
    try:
        return [*_events(_lines(path, most))]
    except ArtifactError:
        return []


def _lines(path: Path, most: int | None = None) -> list[bytes]:
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        cut = most is not None and size > most
        if most is not None and cut:
            file.seek(size - most)
        lines = file.read().split(b"\n")
    return lines[1:] if cut else lines


def _events(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        event = _parsed(line)
        if event is not None:
            yield event


def _seed_of(line: bytes) -> int | None:
    event = _parsed(line)
    return None if event is None else event["seed"]


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = orjson.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or not all(_is_count(event.get(n)) for n in ("seed", "step")):
        return None
    plain = {n: v for n, v in event.items() if isinstance(v, str if n in _TEXTS else int | float)}
    return plain if plain.get("status") else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
