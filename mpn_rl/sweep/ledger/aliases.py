"""Code that was found to give the same bytes as older code, for the combinations that were tried.

An alias lies in the listing of the older digest, `records/code/{old}.json`, as an entry of
"same_as": {"digest": new, "combination": {…}, "evidence": {…}}. No record is rewritten for it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.parameters.values import choices
from mpn_rl.sweep.ledger.listing import FORMAT, read_any, write_listing

KEY = "same_as"
Alias = dict[str, Any]


Aliases = dict[str, list[Alias]]  # by the older digest


def evidence_of(
    aliases: Aliases, old: str, new: str, point: Hyperparameters | None
) -> dict[str, Any] | None:
    """Why `old` may stand for `new` in a run, or None if it may not; links are followed."""
    wanted, seen, waiting = combination(point), {old}, [*aliases.get(old, ())]
    while waiting:
        alias = waiting.pop()
        digest = alias["digest"]
        if alias["combination"] != wanted or digest in seen:
            continue
        if digest == new:
            return dict(alias["evidence"])
        seen.add(digest)
        waiting += aliases.get(digest, ())
    return None


def combination(point: Hyperparameters | None) -> dict[str, Any]:
    """Which ways through the code a run takes: one sample stands for all runs that agree in it.

    Its task, core and learner, every choice and boolean, and which parameters are null.
    """
    if point is None:
        return {}
    found: dict[str, Any] = {"task": point.task}
    for name, value in resolved(point).items():
        if choices(FIELDS[name].schema) or isinstance(value, bool):
            found[name] = value
        elif value is None:
            found[name] = None
    return dict(sorted(found.items()))


def read_aliases(root: Path | None) -> Aliases:
    """The aliases of a results folder or experiment directory; none where `root` is None."""
    found = {path.stem: listing.get(KEY, ()) for path, listing in _listings(root)}
    sound = {old: [*filter(_is_alias, aliases)] for old, aliases in found.items()}
    return {old: aliases for old, aliases in sound.items() if aliases}


def write_alias(
    root: Path, stage: str, old: str, new: str, tried: dict[str, Any], evidence: dict[str, Any]
) -> None:
    """Note that `new` gives the bytes of `old` for the combination `tried`."""
    path = root / "records" / "code" / f"{old}.json"
    listing = read_any(path) or {"format": FORMAT, "stage": stage}
    same = {"digest": new, "combination": tried}
    kept = [alias for alias in listing.get(KEY, ()) if not alias.items() >= same.items()]
    entry = {**same, "evidence": evidence}
    write_listing(path, {**listing, KEY: [*kept, entry]})


def remove_aliases(root: Path) -> Iterator[tuple[str, Alias]]:
    """Take all aliases back; yield (older digest, alias) for each."""
    for path, listing in _listings(root):
        if KEY in listing:
            aliases = listing.pop(KEY)
            write_listing(path, listing)
            yield from ((path.stem, alias) for alias in aliases)


def aliased_stages(root: Path) -> set[str]:
    """The stages for whose code there are aliases."""
    return {str(listing.get("stage")) for _, listing in _listings(root) if KEY in listing}


def _listings(root: Path | None) -> Iterator[tuple[Path, dict[str, Any]]]:
    paths = root.glob("records/code/*.json") if root is not None else ()
    yield from ((path, read_any(path)) for path in sorted(paths))


def _is_alias(alias: Any) -> bool:
    kinds = {"digest": str, "combination": dict, "evidence": dict}
    return isinstance(alias, dict) and all(isinstance(alias.get(k), v) for k, v in kinds.items())
