"""The user's own modules behind a task `module:id` or a plug-in, and what they import beside them.

A module that is installed (below site-packages, or of Python itself) is a package with a version,
and is not looked at.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from mpn_rl.sweep.ledger.code.modules import TARGET, Module, find_module, imported
from mpn_rl.sweep.ledger.code.sources import PACKAGE
from mpn_rl.sweep.ledger.code.statements import running

_INSTALLED = {"site-packages", "dist-packages"}


def own_modules(named: str) -> dict[str, Module]:
    """Name -> module, for that of a task or core "module:…" and all it reaches in the same folder.

    Empty for one without a module, and where it is installed or cannot be found. The module is
    found without importing it, and without importing its parents.
    """
    name, colon, _ = named.partition(":")
    folder = _folder_of(_top(name)) if colon else None
    found: dict[str, Module] = {}
    waiting = [name]
    while waiting and folder is not None:
        current = waiting.pop()
        is_new = _top(current) not in ("", PACKAGE) and f"own {current}" not in found
        if is_new and (module := find_module(folder, current)) is not None:
            found[f"own {current}"] = module
            waiting += [current.rpartition(".")[0], *_named_by(module)]
    return found


def package_imports(modules: Iterable[Module]) -> list[str]:
    """The modules of the project that these import, and names in them that may be modules."""
    named = {name for module in modules for name in _named_by(module) if _top(name) == PACKAGE}
    return sorted(named)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _folder_of(top: str) -> Path | None:
    """The folder on sys.path that holds a module or package of the user's own."""
    spec = None
    with suppress(ImportError, ValueError, AttributeError):
        spec = find_spec(top)
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or ())
    origin = Path(places[0]) if places else Path(spec.origin or "")
    inside_python = origin.is_relative_to(Path(sys.base_prefix) / "lib")
    if _INSTALLED & {*origin.parts} or inside_python or not origin.exists():
        return None
    return origin.parent


def _named_by(module: Module) -> Iterator[str]:
    """Names of modules that one imports, or names in a text "module:Class"."""
    for node in running(module.tree):
        for _, origin, name in imported(node, module):
            yield origin
            yield f"{origin}.{name}".rstrip(".")
    targets = (text for text in module.texts if ":" in text and TARGET.fullmatch(text))
    yield from (text.partition(":")[0] for text in targets)
