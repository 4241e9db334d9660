"""Digests of the code that a stage runs: of what can change its bytes, and of nothing else.

The digest of a stage covers its module, all that this reaches (`sources` says what is left out,
`syntax` what leaves no trace), and what a run names: the modules of its task, core and learner with
their catalogue entries, the recipe if it leaves anything to that, or the user's own modules of a
task `module:id` or a plug-in (an analysis too), with what these import of the project.
Packages that are installed are not covered: another version of torch makes nothing stale, but is
told by audit and summary, as records hold the versions.
"""

import ast
import json
import re
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text, user_cache
from mpn_rl.errors import UserError
from mpn_rl.parameters.catalogue import CORES, LEARNERS, PLAYED, RECIPE, TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.recipe import learner_of, needs_recipe
from mpn_rl.sweep.ledger.code.modules import Module, data_digest, hashed
from mpn_rl.sweep.ledger.code.own_modules import own_modules, package_imports
from mpn_rl.sweep.ledger.code.sources import Reached, Sources
from mpn_rl.sweep.ledger.code.statements import logger_names, runs
from mpn_rl.sweep.ledger.code.syntax import normalised
from mpn_rl.tree import BEGUN_WITH, ROOT, tree_hash


class Named(NamedTuple):
    """The task, core and learner of a run, and whether the recipe fills in some of it.

    `analysis` is that which a job runs, "module:Class". Empty where there is none.
    """

    task: str = ""
    core: str = ""
    learner: str = ""
    recipe: str = ""
    analysis: str = ""


NOTHING = Named()
_SOURCES = Sources(ROOT)
# A part that is a whole module, or a file beside one; no definition, FORMAT or catalogue entry.
_MODULE = re.compile(r"mpn_rl(\.\w+)*")
EDITED = "the code was edited while this process was starting; start it again"


def stage_digest(
    stage: str, hyperparameters: Hyperparameters | None = None, analysis: str = ""
) -> str:
    """Digest of the code that `stage` runs for a run with these hyper-parameters."""
    return named_digest(stage, named_by(hyperparameters, analysis))


@cache
def named_digest(stage: str, named: Named) -> str:
    """Digest of the code that `stage` runs for a run that names this task, core and learner."""
    parts = package_parts(stage, named)
    return code_digest({**parts, **own_parts(parts, named)})


def digest_parts(
    stage: str, hyperparameters: Hyperparameters | None = None, analysis: str = ""
) -> dict[str, str]:
    """Digest of each module, "module:definition", FORMAT, catalogue entry and data file."""
    named = named_by(hyperparameters, analysis)
    parts = package_parts(stage, named)
    return {**parts, **own_parts(parts, named)}


def code_digest(parts: Mapping[str, str]) -> str:
    """One digest for the digests of parts."""
    return hashed("\n".join(f"{name} {digest}" for name, digest in sorted(parts.items())))


def parts_of(sources: Sources, names: Iterable[str], named: Named = NOTHING) -> dict[str, str]:
    """Digests of the modules in `names` and of all that they reach, by part."""
    reached, entries = _reached(sources, names, named)
    return {**_of_modules(reached.modules), **reached.parts, **entries}


@cache
def functions_of_stage(stage: str, named: Named) -> dict[str, dict[str, str]]:
    """Module -> its functions' digests, for all that the digest of a stage covers.

    Those of the package are kept as `package_parts` keeps digests, of each module once.
    """
    parts, path = package_parts(stage, named), _cache("functions")
    known = _known(path)
    names = [name for name in parts if _MODULE.fullmatch(name)]
    found = {name: _SOURCES.find(name) for name in names if name not in known}
    if new := {name: function_digests(module.tree) for name, module in found.items() if module}:
        _keep(path, new)
    own = {name: function_digests(each.tree) for name, each in _own(parts, named).items()}
    return {name: known[name] for name in names if name in known} | own


def _reached(
    sources: Sources, names: Iterable[str], named: Named
) -> tuple[Reached, dict[str, str]]:
    """What is reached in the package, and the catalogue entries that are used.

    The modules of a run's task, core and learner are included if these reach that room.
    """
    starts, entries = list(names), {}
    reached = sources.closure(starts)
    for user, kind, table, name, which in (
        ("tasks", "task", TASKS, named.task, "target"),
        ("networks", "core", CORES, named.core, "target"),
        ("learning.learner", "learner", LEARNERS, named.learner, "target"),
        ("compiled.network", "core", CORES, named.core, "compiled"),
        ("tasks.bank", "task", PLAYED, named.task, "compiled"),
    ):
        entry = table.get(name)
        if entry is not None and getattr(entry, which) and f"mpn_rl.{user}" in reached.modules:
            starts.append(getattr(entry, which).partition(":")[0])
            reached = sources.closure(starts)
            plastic = getattr(entry, "plastic", "")
            told = f"{entry.target} {plastic}" if which == "target" else entry.compiled
            kept = kind if which == "target" else f"compiled {kind}"
            entries[f"catalogue: {kept} {name}"] = hashed(told)
    if of_own := package_imports(_own(reached.modules, named).values()):
        starts += of_own
        reached = sources.closure(starts)
    if named.recipe and "mpn_rl.learning.learner" in reached.modules:
        reached = sources.closure([*starts, RECIPE.target.partition(":")[0]])
    return reached, entries


def _own(modules: Container[str], named: Named) -> dict[str, Module]:
    """The user's own modules: of the analysis; of task and core, if the stage uses these."""
    task = own_modules(named.task) if "mpn_rl.tasks" in modules else {}
    core = own_modules(named.core) if "mpn_rl.networks" in modules else {}
    return own_modules(named.analysis) | task | core


def _of_modules(modules: Mapping[str, Module]) -> dict[str, str]:
    parts = {name: module.digest for name, module in modules.items()}
    return parts | {path.name: data_digest(path) for m in modules.values() for path in m.data}


def function_digests(tree: ast.Module) -> dict[str, str]:
    """Digest of each function and method of a module, and of the rest as `<module>`."""
    found: dict[str, str] = {}
    _split(tree, "", logger_names(tree), found)
    return found


def _split(
    node: ast.Module | ast.ClassDef, prefix: str, loggers: frozenset[str], found: dict[str, str]
) -> None:
    rest = []
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            found[f"{prefix}{statement.name}"] = hashed(normalised(statement, loggers))
        elif isinstance(statement, ast.ClassDef):
            _split(statement, f"{prefix}{statement.name}.", loggers, found)
        elif runs(statement):
            rest.append(normalised(statement, loggers))
    if isinstance(node, ast.ClassDef):
        around = [*node.decorator_list, *node.bases, *node.keywords]
        rest += [normalised(part, loggers) for part in around]
    found[prefix.rstrip(".") or "<module>"] = hashed("\n".join(rest))


def named_by(point: Hyperparameters | None, analysis: str = "") -> Named:
    """What a run names, and the analysis of a job with its options, which do not count."""
    target = analysis.partition("(")[0]
    if point is None:
        return Named(analysis=target)
    recipe = "recipe" if needs_recipe(point) else ""
    return Named(point.task, point.core, learner_of(point), recipe, target)


@cache
def package_parts(stage: str, named: Named) -> dict[str, str]:
    """Part -> digest, of the package; kept in the user's cache folder by the sources' content.

    Every cluster job asks for some: reading sources takes milliseconds, parsing most of a second.
    """
    own = own_modules(named.task) | own_modules(named.core) | own_modules(named.analysis)
    key = " ".join([stage, *named, *package_imports(own.values())])
    beginning, path = _beginning(stage, named), _cache("digests")
    if key not in _known(path):
        _keep(path, {key: parts_of(_SOURCES, *beginning)})
    return _known(path)[key]


@cache
def _known(path: Path) -> dict[str, dict[str, str]]:
    """What is kept of these sources by earlier processes and by this one, by key."""
    return _read(path)


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        kept = dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}
    return {key: digests for key, digests in kept.items() if isinstance(digests, dict)}


def _keep(path: Path, new: Mapping[str, dict[str, str]]) -> None:
    """Keep it for later processes too; UserError where the sources are others by now."""
    if tree_hash(ROOT) != BEGUN_WITH:
        raise UserError(EDITED)
    _known(path).update({**_read(path), **new})  # with what others have kept meanwhile
    with suppress(ArtifactError):  # a folder that cannot be used is done without
        atomic_write_text(path, json.dumps(_known(path), sort_keys=True))


def _cache(kind: str) -> Path:
    return user_cache() / "mpn_rl" / kind / f"{BEGUN_WITH}.json"


def own_parts(parts: Mapping[str, str], named: Named) -> dict[str, str]:
    """Part -> digest, of the user's own modules, where a stage of these parts uses the task."""
    return _of_modules(_own(parts, named))


def _beginning(stage: str, named: Named) -> tuple[list[str], Named]:
    """The module of a stage, and what it uses of what a run names; ValueError if it has none.

    Baselines use the task alone, although they play as agents do.
    """
    module = f"mpn_rl.sweep.stages.{stage}"
    if _SOURCES.find(module) is None:
        raise ValueError(f"no stage is called {stage!r}")
    return [module], Named(named.task) if stage == "baselines" else named
