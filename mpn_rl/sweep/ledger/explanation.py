"""Why an output is stale, or why it is not: its state, and the states of what it was made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mpn_rl.errors import UserError, printable
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import BLOCK_PATH, RULES, rule_of
from mpn_rl.sweep.ledger.code.digests import digest_parts, functions_of_stage, named_by
from mpn_rl.sweep.ledger.inventory import Inventory, Made
from mpn_rl.sweep.ledger.listing import analysis_of, code_stage, read_listing
from mpn_rl.sweep.ledger.records import home_of, relative
from mpn_rl.sweep.ledger.states import ACCEPTED, DAMAGED, OLD_CODE, STALE, UNASKED, States
from mpn_rl.sweep.plan import DRAWN, asks_for, every_output


@dataclass(frozen=True)
class Explanation:
    """`stale`: whether the next run regenerates the output; `reasons`: why, or why not."""

    path: Path
    stale: bool
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{self.path} is {'stale' if self.stale else 'up to date'}:"
        return "\n  ".join(map(printable, [head, *self.reasons]))


def explain(path: Path, sweep: Sweep | None = None) -> Explanation:
    """Say why an output is stale or why it is not.

    In a sweep's results `sweep` says what is wanted; for an experiment directory of its own its
    config.json does, and `sweep` is not looked at. UserError where no stage makes such a file.
    """
    root, name = _place(path.absolute())
    rule = rule_of(name)
    if rule is None:
        raise UserError(f"{path}: no stage makes such a file")
    alone = RULES[rule].of_block and BLOCK_PATH.fullmatch(name) is None
    if not alone and sweep is None:
        raise UserError(f"{path}: give the config of its sweep")
    causes = _Causes(States(Inventory(root), None if alone else sweep))
    found = causes.of(root / name)
    if found:
        return Explanation(path, True, tuple(_told(name, found)))
    states = causes.states.of(root / name)
    told = [state.reason for state in states]
    if states[0].kind == ACCEPTED:
        told += ["its params and inputs are the same"]
    elif states[0].kind != UNASKED:
        told += ["its params, its code and its inputs are what they were"]
    return Explanation(path, False, tuple(told))


class _Causes:
    """What makes outputs stale: their own states, and those of all that they were made from."""

    def __init__(self, states: States) -> None:
        self.states, self.root = states, states.inventory.root
        self._known: dict[Path, list[tuple[str, str]]] = {}

    def of(self, path: Path) -> list[tuple[str, str]]:
        """Pairs of the output that is stale by itself, relative to the root, and the reason."""
        if path not in self._known:
            name = relative(path, self.root)
            own = [(name, reason) for reason in self._reasons(path)]
            above = [cause for source in self._sources(path) for cause in self.of(source)]
            self._known[path] = list(dict.fromkeys(own + above))
        return self._known[path]

    def _reasons(self, path: Path) -> Iterator[str]:
        made = self.states.inventory.maker(path)
        for state in self.states.of(path):
            if state.kind == OLD_CODE and made is not None:
                yield from self._changes(made)
            elif state.kind == DAMAGED:
                yield f"{state.reason}; `mpn-rl audit --fix` sets it aside"
            elif state.kind in STALE:
                yield state.reason

    def _sources(self, path: Path) -> Iterator[Path]:
        """The inputs of an output that stages make and the sweep still asks for."""
        sweep, made = self.states.sweep, self.states.inventory.maker(path)
        for source in made.inputs if made else ():
            name = relative(source, self.root)
            # What was taken out of the sweep is a change of params, which is told there.
            if rule_of(name) and (sweep is None or asks_for(sweep, name)):
                yield source
        if sweep is not None and made is not None and made.rule == "summarise":
            yield from (self.root / name for name in every_output(sweep, DRAWN))

    def _changes(self, made: Made) -> Iterator[str]:
        """Which module and which function in it have changed since."""
        stage, point = code_stage(made.rule), self.states.point(made)
        listing = read_listing(made.home, made.code)
        if listing is None:
            yield f"code of {stage}: has changed; what it was then is not known"
            return
        analysis = analysis_of(made.record.get("params"))
        old, new = listing["parts"], digest_parts(stage, point, analysis)
        named = named_by(point, analysis)
        before, after = listing["functions"], functions_of_stage(stage, named)
        for part in _different(old, new):
            if part not in old or part not in new:
                yield f"code: {part} is {'used now' if part in new else 'no longer used'}"
            else:
                changed = _different(before.get(part, {}), after.get(part, {}))
                yield f"code: {part} has changed{': ' * bool(changed)}{', '.join(changed)}"


def _different(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _told(name: str, causes: list[tuple[str, str]]) -> Iterator[str]:
    """Each reason once, with the outputs upstream of `name` whose reason it is."""
    by_reason: dict[str, list[str]] = {}
    for owner, reason in causes:
        by_reason.setdefault(reason, []).append(owner)
    for reason, owners in by_reason.items():
        more = f" and {len(owners) - 1} more" if len(owners) > 1 else ""
        yield reason if name in owners else f"input {owners[0]}{more} is stale: {reason}"


def _place(path: Path) -> tuple[Path, str]:
    """The results folder (or the experiment directory) and the file's name relative to it."""
    for parent in path.parents:
        if BLOCK_PATH.fullmatch(name := relative(path, parent)):
            return parent, name
    return (home := home_of(path)), relative(path, home)
