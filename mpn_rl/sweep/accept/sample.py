"""A real sample computed again with the present code, and compared with what is stored."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.sweep.accept.candidates import Group, way
from mpn_rl.sweep.accept.compare import difference, seed_difference
from mpn_rl.sweep.layout import job_of
from mpn_rl.sweep.ledger.inventory import Made
from mpn_rl.sweep.ledger.listing import code_stage
from mpn_rl.sweep.plan import recorded_settings
from mpn_rl.sweep.stages.resuming import train_block
from mpn_rl.sweep.stages.runner import Given, given_at, run_stage


@dataclass(frozen=True)
class Sample:
    """What is computed again: what a record is of or, of a training, one of its seeds."""

    made: Made
    seed: int | None = None

    def __str__(self) -> str:
        return f"{self.made}, seed {self.seed}" if self.seed is not None else str(self.made)

    @property
    def seconds(self) -> float:
        """Processor time that it took."""
        share = len(self.made.record["seeds"]) if self.seed is not None else 1
        return float(self.made.record.get("cpu_seconds") or 0) / share

    def speaks_for(self, group: Group) -> bool:
        """Whether it is of the outputs of a group, or of one that shares its code."""
        own = (code_stage(self.made.rule), self.made.code, way(self.made))
        return own == (code_stage(group.rule), group.old, group.combination)

    def differs(self, folder: Path) -> str | None:
        """Compute it again below `folder`, which is empty; the first difference, or None."""
        made = self.made
        if self.seed is not None:
            home = folder / "runs" / made.home.parent.name / f"seeds_{self.seed}-{self.seed}"
            train_block(replace(_given(made, home), seeds=[self.seed]), code="")
            return seed_difference(made.home, home, self.seed)
        home = folder / "runs" / made.home.parent.name / made.home.name
        # outputs replace links; the stored files are only read
        shutil.copytree(made.home.absolute(), home, copy_function=os.symlink)
        again = {output: home / output.relative_to(made.home) for output in made.outputs}
        for output in again.values():
            output.unlink()
        run_stage(_given(made, home), code="")
        found = (difference(old, new) for old, new in again.items())
        return next((each for each in found if each is not None), None)


def sample_of(groups: Iterable[Group], every: bool) -> list[Sample]:
    """A member of each group and, of a training, one of its seeds; with `every`, all of them.

    Members of the same block are taken where there are some.
    """
    chosen: list[Sample] = []
    preferred: set[Path] = set()
    for group in sorted(groups, key=lambda group: (group.rule != "train", group.rule)):
        members = sorted(group.members, key=lambda made: (made.home not in preferred, made.path))
        for made in members if every else members[:1]:
            preferred.add(made.home)
            seeds = made.record["seeds"] if made.rule == "train" else [None]
            if made.rule == "train" and not every:
                completed = read_checkpoint(made.home / "checkpoints" / "final_model.pt").completed
                seeds = (completed or seeds)[:1]
            chosen += [Sample(made, seed) for seed in seeds]
    return chosen


def _given(made: Made, home: Path) -> Given:
    settings = recorded_settings(made.record["params"])
    job = job_of(made.outputs[0].relative_to(made.home).as_posix())
    wildcards = job.wildcards if job is not None else {}
    return given_at(home, made.rule, made.home.parent.name, settings, wildcards)
