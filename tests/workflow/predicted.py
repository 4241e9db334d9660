"""What an edit makes stale, found without the engine: by digests of code and by settings.

That the engine runs just this is what the tests beside hold, on some edits in `make test` and on
each in the slow set.
"""

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mpn_rl.sweep.config.sweep import Sweep, read_sweep
from mpn_rl.sweep.layout import RULES, Job
from mpn_rl.sweep.ledger.code.digests import Named, code_digest, named_by, parts_of
from mpn_rl.sweep.ledger.code.modules import Module
from mpn_rl.sweep.ledger.code.sources import Sources
from mpn_rl.sweep.ledger.listing import code_stage
from mpn_rl.sweep.plan import DRAWN, every_output, jobs, points, rule_settings, summarised
from tests.workflow.project import CONFIG, ROOT, Project

CONFIG_FILE = "config/config.yaml"
_SOURCES = Sources(ROOT)
# the record of a job -> the job, its settings and the digest of its code
_Told = dict[str, tuple[Job, dict[str, Any], str]]


@dataclass(frozen=True)
class Edited(Project):
    """The project with edited texts, which are on no disk."""

    folder: Path = ROOT
    texts: dict[str, str] = field(default_factory=lambda: {CONFIG_FILE: CONFIG})

    def read(self, path: str) -> str:
        """A file's text."""
        return self.texts[path] if path in self.texts else super().read(path)

    def write(self, path: str, text: str) -> None:
        """Keep a file's text."""
        self.texts[path] = text

    def stale(self) -> dict[str, int]:
        """Rule -> number of jobs that are stale, or that depend on some that are."""
        sweep, before = self._sweep(), _unedited()
        told = _told(sweep, self._sources())
        changed = {record for record in told if before.get(record) != told[record]}
        read = {record: _read_by(job, sweep) for record, (job, *_) in told.items()}
        made = {record: {*job.outputs} for record, (job, *_) in told.items()}
        for _ in RULES:  # no chain of jobs is longer
            new = set[str]().union(*(made[record] for record in changed))
            changed |= {record for record in told if new & read[record]}
        return dict(Counter(told[record][0].rule for record in changed))

    def _sweep(self) -> Sweep:
        return read_sweep(yaml.safe_load(self.read(CONFIG_FILE)))

    def _sources(self) -> Sources:
        """The sources, of which those that are not edited are parsed once for all tests."""
        edited = {}
        for path, text in self.texts.items():
            if path.endswith(".py"):
                name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                is_package = path.endswith("__init__.py")
                edited[name] = Module(name, ROOT / path, ast.parse(text), is_package)
        sources = Sources(ROOT)
        vars(sources).update(vars(_SOURCES))
        vars(sources)["find"] = lambda name: edited.get(name) or _SOURCES.find(name)
        return sources


@cache
def _unedited() -> _Told:
    return _told(read_sweep(yaml.safe_load(CONFIG)), _SOURCES)


def _told(sweep: Sweep, sources: Sources) -> _Told:
    """What each job of a sweep is told."""
    known = points(sweep)

    @cache
    def digest(stage: str, named: Named) -> str:
        used = Named(named.task) if stage == "baselines" else named
        return code_digest(parts_of(sources, [f"mpn_rl.sweep.stages.{stage}"], used))

    def told(job: Job) -> tuple[Job, dict[str, Any], str]:
        code = digest(code_stage(job.rule), named_by(known.get(job.of)))
        return job, rule_settings(sweep, job.rule, job.of), code

    return {job.record: told(job) for job in jobs(sweep)}


def _read_by(job: Job, sweep: Sweep) -> set[str]:
    """The files that a job reads, relative to results/."""
    if job.rule == "summarise":
        settings = rule_settings(sweep, job.rule, job.of)
        return {*summarised(settings), *every_output(sweep, DRAWN)}
    return {*job.paths(RULES[job.rule].inputs, checkpoint="final").values()}


def assert_nothing_is_stale(project: Project, edits: dict[str, Callable[[Project], None]]) -> None:
    """All these edits together make nothing stale; where they do, each is tried by itself."""
    before = project.copy(project.folder.with_name("before"))
    for edit in edits.values():
        edit(project)
    if not project.stale():
        return
    for number, (name, edit) in enumerate(edits.items()):
        alone = before.copy(project.folder.with_name(f"alone_{number}"))
        edit(alone)
        assert alone.stale() == {}, name
    raise AssertionError(f"all together make something stale, none alone: {', '.join(edits)}")
