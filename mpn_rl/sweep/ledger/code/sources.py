"""Source files and what they reach: modules, single definitions of the config, data, formats.

Nothing is imported for it. `mpn_rl.sweep.config` is reached by definition, not by module: what runs
inside a stage counts, what only reads YAML does not. Its tables (cores, tasks, learners,
hyper-parameters) do not count, as their values reach a stage through its params. Rooms that only
keep, lock, name and report do not count either; what they write is held by the FORMAT number of
each file format, which a test of golden bytes guards.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import accumulate
from pathlib import Path

from mpn_rl.sweep.ledger.code.modules import TARGET, Module, find_module, hashed, imported
from mpn_rl.sweep.ledger.code.statements import logger_names, running
from mpn_rl.sweep.ledger.code.syntax import normalised

_GROUND = ("artifacts", "errors", "interruption", "logs", "tree", "workers")
_MACHINERY = ("accept", "cli", "cluster", "layout", "ledger", "plan", "status", "undeclared")
_TRAINING = ("announcements", "at_once", "board", "demands", "kept", "progress", "resuming")
_RUNNING = (*_TRAINING, "jobs", "memory", "recording", "runner")
SHELL_ROOMS = frozenset(
    [*_GROUND, *(f"sweep.{room}" for room in _MACHINERY), *(f"sweep.stages.{m}" for m in _RUNNING)]
)
PACKAGE = "mpn_rl"
FORMATS = "artifacts"
BY_DEFINITION = frozenset(["parameters", "sweep.config"])
_DECLARED = ("catalogue", "first_defaults", "hyperparameters", "learners", "networks", "tasks")
TABLES = frozenset([*_DECLARED, "errors", "fields", "settings"])


@dataclass(frozen=True)
class Reached:
    """What a closure reaches: modules, and digests of "module:definition" and "module FORMAT"."""

    modules: dict[str, Module] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


class Sources:
    """The modules of the package below `folder`; each is read once."""

    def __init__(self, folder: Path) -> None:
        self.find = cache(partial(find_module, folder))
        # looked for once: the closures of all stages and runs meet the same modules
        self._imported = cache(_imported)
        self._definition = cache(_definition)

    def closure(self, names: Iterable[str]) -> Reached:
        """These modules, and all that they reach in the package, directly or not."""
        reached = Reached()
        # modules, and names in them; "" for all of a module
        waiting = [(part, "") for name in names for part in with_parents(name)]
        while waiting:
            module_name, name = waiting.pop()
            module = self.find(module_name)
            if module is None:
                continue
            rooms = {*with_parents(module_name.removeprefix(f"{PACKAGE}."))}
            if rooms & BY_DEFINITION:
                waiting += self._define(reached, module, name)
            elif rooms & SHELL_ROOMS:
                if FORMATS in rooms and (lines := module.definitions.get("FORMAT")):
                    reached.parts[f"{module_name} FORMAT"] = "".join(map(ast.unparse, lines))
            elif module_name not in reached.modules:
                reached.modules[module_name] = module
                waiting += [(part, "") for part in with_parents(module_name)[:-1]]
                waiting += self._imported(module)
        return reached

    def _define(self, reached: Reached, module: Module, name: str) -> Iterable[tuple[str, str]]:
        """Add a definition of a config module; return what it needs in turn."""
        if module.name.rpartition(".")[2] in TABLES:
            return ()
        if not name:
            # a module used whole; a package's file is not what is meant
            return [(module.name, n) for n in module.definitions if not module.is_package]
        key = f"{module.name}:{name}"
        if key in reached.parts:
            return ()
        digest, needs = self._definition(module, name)
        if digest is not None:
            reached.parts[key] = digest
        return needs


def _definition(module: Module, name: str) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """The digest of a definition, None of one that is but imported, and what it needs."""
    statements = module.definitions.get(name, ())
    own = [s for s in statements if not isinstance(s, ast.Import | ast.ImportFrom)]
    needs = [target for s in statements for target in _targets(s, module, only=name)]
    for node in (node for statement in own for node in running(statement)):
        needs += _targets(node, module)
        if isinstance(node, ast.Name) and node.id in module.definitions:
            needs.append((module.name, node.id))
    loggers = logger_names(module.tree) if own else frozenset()
    digest = hashed("".join(normalised(s, loggers) for s in own)) if own else None
    return digest, tuple(dict.fromkeys(needs))


def _imported(module: Module) -> tuple[tuple[str, str], ...]:
    """What a module imports or names in a string "package.module:Name"."""
    found = [target for node in running(module.tree) for target in _targets(node, module)]
    for text in module.texts:
        if text.startswith(f"{PACKAGE}.") and TARGET.fullmatch(text):
            found.append((text.partition(":")[0], text.partition(":")[2]))
    return tuple(dict.fromkeys(found))


def _targets(node: ast.AST, module: Module, only: str = "") -> Iterator[tuple[str, str]]:
    """Modules of the package, and names in them, of an import line (that binds `only`)."""
    for bound, origin, name in imported(node, module):
        if with_parents(origin)[0] == PACKAGE and only in ("", bound):
            yield origin, name
            if name:
                yield f"{origin}.{name}", ""


def with_parents(name: str) -> list[str]:
    """`a`, `a.b`, `a.b.c` for `a.b.c`."""
    return list(accumulate(name.split("."), "{}.{}".format))
