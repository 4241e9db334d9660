"""Where experiments lie below a folder, in the order in which results are shown."""

from pathlib import Path
from typing import Any

from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.points import core_of
from mpn_rl.sweep.layout import BLOCK_PATH


def homes_below(folder: Path) -> list[Path]:
    """The experiment directories below a results folder, a run's, or one of experiments."""
    for pattern in ("runs/*/seeds_*/config.json", "seeds_*/config.json", "[!.]*/config.json"):
        if found := sorted(path.parent for path in folder.glob(pattern)):
            return sorted(found, key=_order)
    return []


def _order(home: Path) -> tuple[Any, ...]:
    """By task, then by core in the order of the catalogue; blocks by their first seed."""
    found = BLOCK_PATH.fullmatch("/".join((*home.absolute().parts[-3:], "config.json")))
    if found is None:
        return (home.name,)
    run, known = found["run"], [*CORES]
    core = core_of(run)
    place = known.index(core) if core in known else len(known)
    first = int(found["block"].partition("-")[0])
    return (run.rsplit("_", 2)[0], place, run, first)
