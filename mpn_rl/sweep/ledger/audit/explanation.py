"""Why an output is stale, or why it is not: params, code and inputs, against its record."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import sha256
from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.values import show
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import (
    BLOCK_PATH,
    asks_for,
    drawn,
    record_of,
    recorded_settings,
    rule_of,
    rule_settings,
)
from mpn_rl.sweep.ledger.aliases import read_aliases
from mpn_rl.sweep.ledger.audit.inventory import inside, relative
from mpn_rl.sweep.ledger.code.digests import digest_parts, functions_of_stage, stage_digest
from mpn_rl.sweep.ledger.listing import code_stage, hyperparameters_in, read_listing
from mpn_rl.sweep.ledger.records import read_record

_ABSENT = object()


@dataclass(frozen=True)
class Explanation:
    """`stale`: whether the next run makes the output anew; `reasons`: why, or why not."""

    path: Path
    stale: bool
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{self.path} is {'stale' if self.stale else 'up to date'}:"
        return "\n  ".join([head, *self.reasons])


def explain(path: Path, sweep: Sweep | None = None) -> Explanation:
    """Say why an output is stale or why it is not.

    In a sweep's results `sweep` says what is wanted; for an experiment directory of its own its
    config.json does, and `sweep` is not looked at. UserError where no stage makes such a file.
    """
    home = _home(path)
    root, name = _place(path, home)
    rule = rule_of(name)
    if rule is None:
        raise UserError(f"{path}: no stage makes such a file")
    in_sweep = BLOCK_PATH.fullmatch(name) is not None or rule == "summarise"
    if in_sweep and sweep is None:
        raise UserError(f"{path}: give the config of its sweep")
    if in_sweep and sweep is not None and not asks_for(sweep, name):
        return Explanation(path, False, ("this config does not ask for it",))
    comparison = _Comparison(root, sweep if in_sweep else None)
    causes = comparison.causes(name)
    if causes:
        return Explanation(path, True, tuple(_told(name, causes)))
    record = read_record(root / record_of(name)) or {}
    made = f"stage {record['stage']} made it at {record['finished']}"
    accepted = comparison.acceptance(rule, _run_of(name), root / record_of(name), record)
    if accepted is not None:
        return Explanation(path, False, (made, accepted, "its params and inputs are the same"))
    same = f"its params, its code ({record['code_digest']}) and its inputs are what they were"
    return Explanation(path, False, (made, same))


def _told(name: str, causes: list[tuple[str, str]]) -> Iterator[str]:
    """Each reason once, with the outputs upstream of `name` whose reason it is."""
    by_reason: dict[str, list[str]] = {}
    for owner, reason in causes:
        by_reason.setdefault(reason, []).append(owner)
    for reason, owners in by_reason.items():
        more = f" and {len(owners) - 1} more" if len(owners) > 1 else ""
        yield reason if name in owners else f"input {owners[0]}{more} is stale: {reason}"


class _Comparison:
    """Outputs below `root` against what is wanted now."""

    def __init__(self, root: Path, sweep: Sweep | None) -> None:
        self.root, self.sweep = root, sweep
        self._known: dict[str, list[tuple[str, str]]] = {}
        self._digests: dict[Path, str] = {}
        self._aliases = read_aliases(root)

    def causes(self, name: str) -> list[tuple[str, str]]:
        """Why `name`, relative to the root, would be made anew: (output, its own reason).

        The outputs are `name` itself and those that it was made from, directly or not.
        """
        if name not in self._known:
            own = [(name, reason) for reason in self._own_reasons(name)]
            above = [cause for source in self._sources(name) for cause in self.causes(source)]
            self._known[name] = list(dict.fromkeys(own + above))
        return self._known[name]

    def acceptance(
        self, rule: str, run: str | None, path: Path, record: dict[str, Any]
    ) -> str | None:
        """On what evidence an output of older code counts as present; None if it is no such."""
        point = self._point(run, path.parents[1])
        had, now = str(record.get("code_digest")), stage_digest(code_stage(rule), point)
        evidence = self._aliases.evidence(had, now, point)
        if had == now or evidence is None:
            return None
        sample, canary = evidence.get("sample") or [], evidence.get("canary")
        return (
            f"accepted at {evidence.get('when')}: made by code {had}, found to give the same bytes "
            f"as {now}; computed again and equal: {'; '.join(map(str, sample[:3]))}"
            f"{f' and {len(sample) - 3} more' if len(sample) > 3 else ''}; canary: {canary}"
        )

    def _point(self, run: str | None, home: Path) -> Hyperparameters | None:
        if self.sweep is not None and run:
            return self.sweep.runs[run]
        return hyperparameters_in(home)

    def _sources(self, name: str) -> Iterator[str]:
        """The inputs of an output that stages make and the sweep still asks for."""
        path = self.root / record_of(name)
        try:
            record = read_record(path)
        except ArtifactError:
            return
        for used in sorted(record["inputs"] if record else ()):
            source = relative(inside(path.parents[1], used), self.root)
            # What was taken out of the sweep is a change of params, which is told there.
            if rule_of(source) and (self.sweep is None or asks_for(self.sweep, source)):
                yield source
        if self.sweep is not None and rule_of(name) == "summarise":
            yield from drawn(self.sweep)

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = sha256(path)
        return self._digests[path]

    def _own_reasons(self, name: str) -> Iterator[str]:
        path, rule = self.root / name, rule_of(name)
        assert rule is not None
        if not path.is_file():
            yield "it does not exist"
            return
        try:
            record = read_record(self.root / record_of(name))
        except ArtifactError as error:
            yield str(error)
            return
        home = (self.root / record_of(name)).parents[1]
        recorded = None if record is None else record["outputs"].get(relative(path, home))
        if record is None or recorded is None:
            yield f"{record_of(name)}, its record, is not there or does not name it"
            return
        if self._digest(path) != recorded:
            yield (
                "it is not what was recorded: cut short or altered; the engine alone does not "
                "notice, `mpn-rl audit --fix` sets it aside"
            )
        run = _run_of(name)
        yield from self._of_params(rule, run, record.get("params") or {})
        yield from self._of_code(rule, run, home, str(record.get("code_digest")))
        yield from self._of_inputs(home, record["inputs"])

    def _of_params(self, rule: str, run: str | None, had: dict[str, Any]) -> Iterator[str]:
        if self.sweep is None:
            return
        wanted = rule_settings(self.sweep, rule, run)
        had = recorded_settings(had)
        for key in sorted({*wanted, *had}):
            old, new = had.get(key, _ABSENT), wanted.get(key, _ABSENT)
            if old != new:
                yield f"param {key}: {_show(old)} -> {_show(new)}"

    def _of_code(self, rule: str, run: str | None, home: Path, had: str) -> Iterator[str]:
        hyperparameters, stage = self._point(run, home), code_stage(rule)
        now = stage_digest(stage, hyperparameters)
        if had == now or self._aliases.evidence(had, now, hyperparameters) is not None:
            return
        listing = read_listing(home, had)
        if listing is None:
            yield f"code of {stage}: has changed; what it was then is not known"
            return
        yield from _changes(listing, stage, hyperparameters)

    def _of_inputs(self, home: Path, used: dict[str, str]) -> Iterator[str]:
        for name, digest in sorted(used.items()):
            source = inside(home, name)
            if source.is_file() and self._digest(source) != digest:
                yield f"input {name} has changed since"


def _changes(
    listing: dict[str, Any], stage: str, hyperparameters: Hyperparameters | None
) -> Iterator[str]:
    """Which module and which function in it have changed."""
    old, new = listing["parts"], digest_parts(stage, hyperparameters)
    old_functions, new_functions = listing["functions"], functions_of_stage(stage, hyperparameters)
    for part in sorted({*old, *new}):
        if old.get(part) == new.get(part):
            continue
        if part not in old or part not in new:
            yield f"code: {part} is {'used now' if part in new else 'no longer used'}"
            continue
        before, after = old_functions.get(part, {}), new_functions.get(part, {})
        changed = sorted(f for f in {*before, *after} if before.get(f) != after.get(f))
        where = f": {', '.join(changed)}" if changed else ""
        yield f"code: {part} has changed{where}"


def _home(path: Path) -> Path:
    """The nearest folder above a file that has records, or could."""
    for parent in path.parents:
        if (parent / "records").is_dir():
            return parent
    folder = path.parent
    return folder.parent if folder.name in ("analysis", "checkpoints", "videos") else folder


def _place(path: Path, home: Path) -> tuple[Path, str]:
    """The results folder (or the experiment directory) and the file's name relative to it."""
    home = home if len(home.parents) > 2 else home.absolute()
    path = path if home.is_absolute() == path.is_absolute() else path.absolute()
    if home.name.startswith("seeds_") and home.parents[1].name == "runs":
        root = home.parents[2]
        return root, relative(path, root)
    for parent in path.parents:
        name = relative(path, parent)
        if BLOCK_PATH.fullmatch(name):
            return parent, name
    return home, relative(path, home)


def _run_of(name: str) -> str | None:
    within = BLOCK_PATH.fullmatch(name)
    return within["run"] if within else None


def _show(value: Any) -> str:
    if value is _ABSENT:
        return "(absent)"
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return show(value)
