"""Modules of others that the user has named, in a config or on a command line.

A file of results names modules too: those of its task, its core and of wrappers. It may come
from anybody, so none is imported on its word alone. What the user names is kept, with the place
where it was found, in the user's cache folder.
"""

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text, read_whole, user_cache
from mpn_rl.errors import UserError
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.plugins import module_of
from mpn_rl.parameters.task_ids import PACKAGES, own_name
from mpn_rl.parameters.wrappers import USUAL_MODULE, read_wrappers


def modules_of(point: Hyperparameters) -> list[str]:
    """The modules that making the task and core of a run imports, but for well-known packages'.

    Also known is what an installed package names as a plugin of Gymnasium or of this project.
    """
    wrappers = read_wrappers(point.env_wrappers) if point.env_wrappers else ()
    # a longer name could reach through Gymnasium's modules to anything that they import
    names = [n for n in (call.name.rpartition(".")[0] for call in wrappers) if n != USUAL_MODULE]
    names += filter(None, map(module_of, (point.task, point.core)))
    if own_name(point.task) not in TASKS:
        module = point.task.rpartition(":")[0]
        names += [module] if _top(module) not in _KNOWN else []
    groups = ("gymnasium.envs", "mpn_rl.tasks", "mpn_rl.cores") if names else ()
    known = {_top(plugin.value) for group in groups for plugin in entry_points(group=group)}
    return [name for name in dict.fromkeys(names) if _top(name) not in known]


def note_named(points: Iterable[Hyperparameters]) -> None:
    """Keep which modules these runs name, for whoever has just named the runs."""
    before = _noted()
    now = before | {_with_place(name) for point in points for name in modules_of(point)}
    if now != before:
        with suppress(ArtifactError):  # where it cannot be kept, it is asked for
            atomic_write_text(_file(), "\n".join(sorted(now)) + "\n")


def refuse_unnamed(point: Hyperparameters, said_by: Path, trusted: Collection[str] = ()) -> None:
    """Raise UserError where a file of results alone names a module that would be imported."""
    unknown = [name for name in modules_of(point) if name not in trusted]
    noted = _noted() if unknown else frozenset()
    for name in unknown:
        if _with_place(name) not in noted:
            raise UserError(
                f"{said_by}: names the module {name}, which no config or command line has named "
                f"here: its code would be run; if you trust it, add --trust {name}"
            )


_KNOWN = {"", "mpn_rl", *PACKAGES}


def _top(name: str) -> str:
    return name.partition(":")[0].partition(".")[0]


def _with_place(name: str) -> str:
    """A module, and where it would be imported from; nothing is imported for it."""
    spec = None
    with suppress(ImportError, ValueError, AttributeError):
        spec = find_spec(_top(name))
    places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
    return " ".join([name, *(os.path.realpath(place) for place in places if place)])


def _noted() -> frozenset[str]:
    try:
        return frozenset(read_whole(_file()).decode("utf-8").splitlines())
    except (ArtifactError, ValueError):
        return frozenset()


def _file() -> Path:
    return user_cache() / "mpn_rl" / "named_modules"
