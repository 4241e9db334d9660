"""The state of every block of a sweep, and of the sweep as a whole."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path

from mpn_rl.sweep.config.sweep import Sweep, block_seeds
from mpn_rl.sweep.layout import BLOCK, Job
from mpn_rl.sweep.ledger.durations import Durations, measured
from mpn_rl.sweep.ledger.lease import holder
from mpn_rl.sweep.plan import block_jobs, blocks, rendered_seeds, run_labels, sections, whole_jobs
from mpn_rl.sweep.status.event_logs import EventLogs
from mpn_rl.sweep.status.remaining import planned, seconds_of
from mpn_rl.sweep.status.states import DONE, FAILED, HELD, RUNNING, WAITING, JobState, state_of
from mpn_rl.sweep.status.traces import WHOLE, Block, Traces, look
from mpn_rl.sweep.status.training import Training, read_training
from mpn_rl.sweep.undeclared import metrics_file, work_folder

STALE = "stale"
KINDS = (RUNNING, FAILED, HELD, STALE, WAITING, DONE)
# Of so many blocks each finished one is looked at: what it reached, and whether it is stale.
CLOSE_BLOCKS = 500


@dataclass(frozen=True)
class BlockStatus:
    """A block of seeds of a run, or with empty names what belongs to the sweep as a whole.

    labels: what tells the run from the others; jobs: those that are not done; `done` of `wanted`
    jobs are; host: of the process that trains.
    """

    run: str
    block: str
    labels: Mapping[str, str]
    kind: str
    done: int
    wanted: int
    jobs: Sequence[JobState] = ()
    training: Training | None = None
    host: str = ""
    stale: Sequence[str] = ()

    @property
    def at_work(self) -> list[JobState]:
        """The jobs that run."""
        return [state for state in self.jobs if state.kind == RUNNING]

    @property
    def failed(self) -> list[JobState]:
        """The jobs that have failed."""
        return [state for state in self.jobs if state.kind == FAILED]

    @property
    def why(self) -> str:
        """A line on why it is as it is; empty where that is plain."""
        if self.failed:
            return f"{self.failed[0].job.rule}: {self.failed[0].why}"
        if self.stale:
            return self.stale[0]
        # what a training did before its first step is past where it tells of steps
        of = {HELD, self.kind} - ({RUNNING} if self.training else set())
        told = next((state.why for state in self.jobs if state.why and state.kind in of), "")
        failures = self.training.failures if self.training else ()
        return told or "; ".join(f"seed {seed} failed: {why}" for seed, why in failures)


@dataclass(frozen=True)
class Overview:
    """All blocks of a sweep in its order, and how long the rest takes.

    at: when it was looked [s since 1970]; seconds: of one core for what is missing (None: nothing
    is); left: seconds until all is done as jobs run now (None: nothing runs, or it is not known).
    """

    name: str
    results: Path
    at: float
    blocks: Sequence[BlockStatus]
    driven: bool
    seconds: float | None
    left: float | None
    looked_close: bool

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many blocks are in each state."""
        found = Counter(block.kind for block in self.blocks if block.run)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    @property
    def jobs(self) -> tuple[int, int]:
        """How many jobs are done, of how many."""
        return sum(b.done for b in self.blocks), sum(b.wanted for b in self.blocks)


StaleReasons = Callable[[Sequence[Job]], list[str]]


class Watcher:
    """Looks at a sweep again and again; what cannot have changed is kept in between."""

    # why outputs of jobs are stale; None: that is not asked
    stale: StaleReasons | None = None

    def __init__(self, results: Path, sweep: Sweep) -> None:
        self.results, self.sweep = results, sweep
        self._labels = run_labels(sweep)
        self._seeds, self._sections = rendered_seeds(sweep), sections(sweep)
        self._names = [*product(sweep.runs, blocks(sweep))]
        self._whole = [*whole_jobs(sweep)]
        self.close = len(self._names) <= CLOSE_BLOCKS
        self._events = EventLogs(results.parent)
        self._finished: dict[Block, tuple[int | None, BlockStatus]] = {}

    def overview(self) -> Overview:
        """How far all is now."""
        now = time.time()
        traces = look(self.results, self._events)
        found = [self._block(run, block, traces, now) for run, block in self._names]
        found.append(self._status(WHOLE, self._whole, traces, now))
        seconds, left = self._times(found)
        name = self.sweep.name
        return Overview(name, self.results, now, found, traces.driven, seconds, left, self.close)

    def _block(self, run: str, block: str, traces: Traces, now: float) -> BlockStatus:
        key, stamp = (run, block), traces.stamps.get((run, block))
        if key in self._finished and self._finished[key][0] == stamp:
            return self._finished[key][1]
        wanted = [*block_jobs(run, block, self._seeds, self._sections)]
        status = self._status(key, wanted, traces, now)
        if status.kind in (DONE, STALE):
            self._finished[key] = (stamp, status)
        return status

    def _status(self, key: Block, wanted: Sequence[Job], traces: Traces, now: float) -> BlockStatus:
        run, block = key
        home = self.results / BLOCK.format(run=run, block=block)
        held = holder(work_folder(home)) if key in traces.begun else None
        states = [state_of(job, traces, held, now) for job in wanted if not traces.is_done(job)]
        kinds = {state.kind for state in states}
        kind = next((kind for kind in (RUNNING, FAILED, HELD, WAITING) if kind in kinds), DONE)
        labels, done = self._labels.get(run, {}), len(wanted) - len(states)
        status = BlockStatus(run, block, labels, kind, done, len(wanted), states)
        if run and (key in traces.begun or (self.close and done)):
            training = read_training(metrics_file(home), block_seeds(block))
            status = replace(status, training=training)
        if held is not None and held.alive:
            status = replace(status, host=f"{held.host}, process {held.pid}")
        if kind == DONE and self.stale is not None:
            reasons = self.stale(wanted)
            status = replace(status, stale=reasons, kind=STALE if reasons else DONE)
        return status

    def _times(self, found: Sequence[BlockStatus]) -> tuple[float | None, float | None]:
        missing = [state.job for status in found for state in status.jobs]
        if not missing:
            return None, None
        homes = (
            self.results / BLOCK.format(run=status.run, block=status.block)
            for status in found
            if status.run and status.done
        )
        took = _with_rates_of(found, self.sweep, measured(homes))
        seconds, uncounted = seconds_of(self.sweep, missing, took)
        at_work = [status for status in found if status.at_work]
        seconds -= sum(self._spent(status, took) for status in at_work)
        number = sum(len(status.at_work) for status in at_work)
        return max(0.0, seconds), None if uncounted or not number else max(0.0, seconds) / number

    def _spent(self, status: BlockStatus, took: Durations) -> float:
        """Seconds of what is missing that a training has done, or does faster than foretold."""
        training = status.training
        if training is None or training.left is None:
            return 0.0
        train = [state.job for state in status.at_work if state.job.rule == "train"]
        whole, _ = seconds_of(self.sweep, train, took)
        return whole - training.left if train else 0.0


def _with_rates_of(found: Sequence[BlockStatus], sweep: Sweep, took: Durations) -> Durations:
    """With what trainings at work do, which counts for more than what finished ones took."""
    rates = dict(took.step_seconds)
    for status in found:
        if status.run and status.at_work and status.training and status.training.rate > 0:
            point = planned(sweep.runs[status.run])
            rates[point.task, point.core, point.learner] = 1 / status.training.rate
    return replace(took, step_seconds=rates)
