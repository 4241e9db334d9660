"""Which names of tasks and cores are sound, found out without importing any."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.plugins import by_entry_point, is_plugin, normal_plugin
from mpn_rl.parameters.values import nearest

# [module:][namespace/]name[-vN] of letters, digits and _ . -; nothing that could be a path
TASK_PATTERN = r"(?=.{1,100}$)(?!.*\.\.)([A-Za-z_][\w.]*:)?([A-Za-z0-9][\w-]*/)?[A-Za-z0-9][\w.-]*"

# what config/README.md tells how to install
PACKAGES = ("popgym", "neurogym", "minigrid", "ale_py", "memory_gym", "shimmy")


def known_task(task: str) -> str:
    """The plain name that a well-formed task name means.

    Raises ValueError where there is none. Names without a module or a namespace are Gymnasium's own
    and can be looked up; whether others exist is known only when their module is imported.
    """
    if is_plugin(task):
        return normal_plugin(task)
    if task in TASKS or ":" in task or "/" in task or package_of(task):
        return own_name(task)
    if plugin := by_entry_point(task, "task"):
        return normal_plugin(plugin)
    known = _gymnasium_ids()
    if not known or task in known or _has_plugins():
        return task
    hint = nearest(task, [*TASKS, *known]) or f"; this project has {', '.join(TASKS)}"
    if task.startswith(("MiniGrid-", "BabyAI-")):
        hint = f"; its package is named before it: minigrid:{task}"
    raise ValueError(f"unknown task {task!r}{hint}")


def known_core(core: str) -> str:
    """The "module:Class" of a core that is none of the project's, by itself or by its short name.

    Raises ValueError where there is none.
    """
    if not is_plugin(core) and not (core := by_entry_point(core, "core")):
        raise ValueError
    return normal_plugin(core)


def own_name(task: str) -> str:
    """The plain name of one of the project's tasks, with or without its Gymnasium namespace.

    Also the plain name of a task of POPGym, with or without its module.
    """
    plain = task.removeprefix("mpn_rl.tasks:").removeprefix("mpn_rl/")
    if package_of(plain.removeprefix("popgym:")):
        return plain.removeprefix("popgym:")
    return plain if plain in TASKS else task


def package_of(task: str) -> str:
    """The package whose import registers this id, where the id itself tells; "" elsewhere."""
    return "popgym" if task.startswith("popgym-") else ""


def path_name(task: str) -> str:
    """A task name as part of a file name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", task)


def _has_plugins() -> bool:
    """Whether packages are installed that add names to Gymnasium's own."""
    from importlib.metadata import entry_points  # 50 ms that sound configs need not pay

    return bool(entry_points(group="gymnasium.envs"))


@cache
def _gymnasium_ids() -> frozenset[str]:
    """Names that the installed Gymnasium registers, read from its source; empty if not found."""
    found = find_spec("gymnasium")
    if found is None or found.origin is None:
        return frozenset()
    try:
        source = (Path(found.origin).parent / "envs" / "__init__.py").read_text(encoding="utf-8")
    except OSError:
        return frozenset()
    return frozenset(re.findall(r'\bid="([^"/:]+)"', source))
