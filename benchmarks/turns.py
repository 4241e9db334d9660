"""Candidates measured in turns, each in a process of its own: A B C A B C …

A busy machine slows all alike then, and what one leaves in memory does not meet another. Of each
candidate that fails the reason is kept, and the others go on.
"""

import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.marks import Mark, Missing
from mpn_rl.workers import ONE_THREAD

ROOT = Path(__file__).parents[1]
PREPARE_SECONDS, ASK_SECONDS = 300, 120
_JAX = {"JAX_PLATFORMS": "cpu", "JAX_TRACEBACK_FILTERING": "off"}


def one_thread(**others: str) -> dict[str, str]:
    """The environment of a process that keeps to one thread, and these variables."""
    return {**os.environ, **ONE_THREAD, **_JAX, **others}


class WorkerError(Exception):
    """A candidate could not be prepared or measured; the message says why."""


class Spread(NamedTuple):
    """The median, the smallest and the largest of some measurements."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{number(self.median)} [{number(self.low)}–{number(self.high)}]"


def number(value: float) -> str:
    """A number with as many places as are worth reading: three or all digits before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Worker:
    """A process that `worker` runs in."""

    def __init__(
        self,
        target: str,
        *arguments: str,
        python: str | Path = sys.executable,
    ) -> None:
        self.target = target
        self._command = [str(python), "-m", "benchmarks.worker", target, *arguments]
        self._environment = one_thread()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> float:
        """Start it and wait until it is prepared; the seconds of processor time that this took."""
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in `close`)
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=ROOT,
            env=self._environment,
        )
        return float(self._answer(PREPARE_SECONDS)["prepared"])

    def ask(self) -> dict[str, Any]:
        """One measurement."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerError(f"{self.target}: {self._said() or error}") from None
        return self._answer(ASK_SECONDS)

    def close(self) -> None:
        """End the process, if it was started."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._errors.close()

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process is not None
        stream = self._process.stdout
        assert stream is not None
        if not select.select([stream], [], [], seconds)[0]:
            raise WorkerError(f"{self.target}: no answer in {seconds} s")
        line = stream.readline()
        if not line:
            raise WorkerError(f"{self.target}: {self._said()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _said(self) -> str:
        assert self._process is not None
        self._process.wait()
        self._errors.seek(0)
        return (self._errors.read().strip() or "ended without a word").splitlines()[-1]


# (candidate, number) of ours and of another
Pair = tuple[tuple[str, str], tuple[str, str]]


class Measured(NamedTuple):
    """What came of some candidates, by name: measurements, seconds of preparing, why one failed."""

    found: dict[str, list[dict[str, Any]]]
    prepared: dict[str, float]
    failed: dict[str, str]

    def spread(self, name: str, key: str) -> Spread | None:
        """The spread of one number of a candidate; None where the candidate failed."""
        found = [float(one[key]) for one in self.found.get(name, [])]
        return Spread(statistics.median(found), min(found), max(found)) if found else None

    def text(self, name: str, key: str) -> str:
        """The spread as a text."""
        found = self.spread(name, key)
        return "not measured" if found is None else str(found)

    def ratio(self, name: str, key: str, other: str, other_key: str | None = None) -> float | None:
        """The median of a number over that of another candidate; None where one failed."""
        ours, theirs = self.spread(name, key), self.spread(other, other_key or key)
        return None if ours is None or theirs is None else ours.median / theirs.median

    def mark(self, what: str, pair: Pair, mark: float, at_most: bool = False) -> Mark | Missing:
        """A mark that the ratio of a pair has to reach."""
        (name, key), (other, other_key) = pair
        ratio = self.ratio(name, key, other, other_key)
        if ratio is None:
            return Missing(what, self.failed.get(other) or self.failed[name])
        texts = self.text(name, key), self.text(other, other_key)
        return Mark(what, *texts, ratio, mark, at_most=at_most)


def in_turns(workers: Mapping[str, Worker], rounds: int) -> Measured:
    """Start all, one after the other, measure each once in every round, end them."""
    measured = Measured({}, {}, {})
    try:
        for name, worker in workers.items():
            print(f"  {name} …", file=sys.stderr, flush=True)
            try:
                measured.prepared[name] = worker.start()
            except WorkerError as error:
                measured.failed[name] = str(error)
        for _ in range(rounds):
            for name, worker in workers.items():
                _ask(measured, name, worker)
    finally:
        for worker in workers.values():
            worker.close()
    return measured


def _ask(measured: Measured, name: str, worker: Worker) -> None:
    if name in measured.failed:
        return
    try:
        measured.found.setdefault(name, []).append(worker.ask())
    except WorkerError as error:
        measured.failed[name] = str(error)
        measured.found.pop(name, None)
