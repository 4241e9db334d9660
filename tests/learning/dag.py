"""The whole pipeline through its stage functions, in one process, on tiny agents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mpn_rl.sweep.config.sweep import Sweep, block_seeds, read_sweep
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger import stage_digest
from mpn_rl.sweep.ledger.listing import code_stage
from mpn_rl.sweep.plan import jobs, points, rule_settings
from mpn_rl.sweep.stages.resuming import MachineSettings, train_block
from mpn_rl.sweep.stages.runner import given_at, run_stage
from tests.artifact_bytes import artifacts

TINY: dict[str, Any] = {
    "task": "DelayedMatch-v0",
    "delay": 1,
    "encoder_dim": 4,
    "hidden_dim": 4,
    "num_steps": 200,
    "num_envs": 4,
    "batch_size": 4,
    "buffer_size": 400,
    "learning_starts": 50,
    "replay_start": "episode",
    "epsilon_decay": 100,
    "validation_period": 100,
    "validation_episodes": 4,
}


def run_planned(results: Path, sweep: Sweep, job: Job, **machine: Any) -> None:
    """Run a job that a sweep asks for, in this process; `machine` is for a training."""
    settings = rule_settings(sweep, job.rule, job.settled_by)
    given = given_at(
        results / (f"runs/{job.run}/seeds_{job.block}" if job.run else "."),
        job.rule,
        job.run or None,
        settings,
        job.wildcards,
        **({"seeds": list(block_seeds(job.block))} if job.rule == "train" else {}),
    )
    point, analysis = points(sweep).get(job.of), settings.get("analysis", "")
    code = stage_digest(code_stage(job.rule), point, analysis)
    if job.rule == "train":
        train_block(given, code, MachineSettings(**machine))
    else:
        run_stage(given, code)


@dataclass(frozen=True)
class Pipeline:
    """A sweep and the folder of its results."""

    results: Path
    sweep: Sweep

    @classmethod
    def of(cls, results: Path, seeds: int = 1, **changes: Any) -> "Pipeline":
        """One run in one block; `changes` are hyper-parameters, None takes one of TINY out."""
        base = {name: value for name, value in {**TINY, **changes}.items() if value is not None}
        data = {
            "sweep": {"name": "tiny", "base": base},
            "seeds": {"first": 0, "count": seeds, "per_job": seeds},
            "evaluation": {"num_episodes": 3},
            "render": {"num_episodes": 1, "fps": 10},
            "analysis": {"num_episodes": 2},
            "analyses": {"course": "tests.fixtures.courses:Course"},
        }
        return cls(results, read_sweep(data))

    def steps(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        """(rule, call) in the order of the workflow."""
        for job in jobs(self.sweep):
            yield job.rule, partial(run_planned, self.results, self.sweep, job)

    def run(self) -> None:
        """Run every stage."""
        for _, step in self.steps():
            step()

    def artifacts(self) -> dict[str, bytes]:
        """Every artifact with its bytes."""
        return artifacts(self.results)

    def strays(self) -> list[Path]:
        """Files that a write left half done, or a lease that was not given back.

        Drafts of a code listing are left to `mpn-rl prune`, as several processes may write one.
        """
        drafts = [p for p in self.results.rglob(".*") if p.is_file() and p.parent.name != "code"]
        return [*drafts, *self.results.rglob("lease.json")]
