"""Digests of the code that a stage runs.

The digest of a stage covers its script and all that this imports from the package, directly or
not, also inside functions; the modules of the one task, core and learner that the run names, if it
uses such; and data files that any of these modules names. Nothing is imported for it.

Left out are `mpn_rl.config`, whose values reach a stage through its params (a new task adds fields
there and must make nothing stale), and what only records or reports: `mpn_rl.provenance`,
`mpn_rl.logs`.
"""

import ast
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mpn_rl.config.catalogue import CORES, LEARNERS, TASKS
from mpn_rl.config.hyperparameters import Hyperparameters
from mpn_rl.errors import UserError
from mpn_rl.provenance.syntax import LAZY_TABLE, normalised, running, runs

_LENGTH = 16
_LEFT_OUT = ("config", "provenance", "logs")


class Named(NamedTuple):
    """The task, core and learner of a run; empty where there is none."""

    task: str = ""
    core: str = ""
    learner: str = ""


NOTHING = Named()


@dataclass(frozen=True)
class Module:
    """What is known of a source file: its tree, digest, and the data files that it names."""

    name: str
    tree: ast.Module
    digest: str
    data: tuple[Path, ...]
    is_package: bool


@dataclass(frozen=True)
class Sources:
    """The modules of `package`, which lies in `folder`; each is read once."""

    folder: Path
    package: str = "mpn_rl"
    _modules: dict[str, Module | None] = field(default_factory=dict, repr=False, compare=False)
    _imports: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def find(self, name: str) -> Module | None:
        """The module of that name, or None if the package has none."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def closure(self, names: Iterable[str]) -> dict[str, Module]:
        """These modules and all that they import from the package, directly or not."""
        found: dict[str, Module] = {}
        waiting = [part for name in names for part in _with_parents(name)]
        while waiting:
            name = waiting.pop()
            module = None if name in found or self._is_left_out(name) else self.find(name)
            if module is not None:
                found[name] = module
                waiting.extend(self.imports(module))
        return found

    def imports(self, module: Module) -> frozenset[str]:
        """Names of the package's modules that one module imports, parents included."""
        if module.name not in self._imports:
            names = {part for name in self._imported(module) for part in _with_parents(name)}
            self._imports[module.name] = frozenset(names)
        return self._imports[module.name]

    def _imported(self, module: Module) -> Iterable[str]:
        for node in running(module.tree):
            if isinstance(node, ast.Import):
                yield from (a.name for a in node.names if self._is_inside(a.name))
            elif isinstance(node, ast.ImportFrom):
                origin = _origin(node, module)
                if self._is_inside(origin):
                    yield origin
                    yield from (self._target(origin, alias.name) for alias in node.names)

    def _target(self, origin: str, name: str) -> str:
        """The module that `from origin import name` may load beside `origin`."""
        package = self.find(origin)
        table = _lazy_table(package.tree) if package is not None else {}
        return table.get(name, f"{origin}.{name}")

    def _is_inside(self, name: str) -> bool:
        return name == self.package or name.startswith(f"{self.package}.")

    def _is_left_out(self, name: str) -> bool:
        parts = name.split(".")
        return len(parts) > 1 and parts[1] in _LEFT_OUT

    def _read(self, name: str) -> Module | None:
        path = self.folder.joinpath(*name.split("."))
        if (path / "__init__.py").is_file():
            return read_module(path / "__init__.py", name, is_package=True)
        path = path.with_name(f"{path.name}.py")
        return read_module(path, name) if path.is_file() else None


def read_module(path: Path, name: str, is_package: bool = False) -> Module:
    """Parse a source file; UserError with file and line where it is no Python."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UserError(f"{path}, line {line}: not valid Python: {error}") from None
    texts = {
        node.value
        for node in running(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    beside = {file.name: file for file in path.parent.iterdir() if file.suffix not in (".py", "")}
    data = tuple(beside[text] for text in sorted(texts & beside.keys()))
    return Module(name, tree, _hash(normalised(tree)), data, is_package)


def stage_digest(stage: str, hyperparameters: Hyperparameters | None = None) -> str:
    """Digest of the code that `stage` runs for a run with these hyper-parameters."""
    return _digest_of_stage(stage, _named(hyperparameters))


def digest_parts(stage: str, hyperparameters: Hyperparameters | None = None) -> dict[str, str]:
    """Module, script or data file -> digest, for all that the digest of a stage covers."""
    return _parts_of_stage(stage, _named(hyperparameters))


def code_digest(parts: dict[str, str]) -> str:
    """One digest for the digests of parts."""
    return _hash("\n".join(f"{name} {digest}" for name, digest in sorted(parts.items())))


def parts_of(
    sources: Sources, script: Path | None, names: Iterable[str], named: Named = NOTHING
) -> dict[str, str]:
    """Digests of a script, of the modules in `names` and of their closure, by name.

    What is `named` adds its module where the closure reaches tasks, networks or learners at all.
    """
    found = _modules_of(sources, script, names, named)
    parts = {name: module.digest for name, module in found.items()}
    for module in found.values():
        parts |= {path.name: _hash(path.read_bytes()) for path in module.data}
    return parts


def _modules_of(
    sources: Sources, script: Path | None, names: Iterable[str], named: Named
) -> dict[str, Module]:
    found = {}
    starts = list(names)
    if script is not None and script.is_file():
        module = read_module(script, script.name)
        found[script.name] = module
        starts += sources.imports(module)
    closure = sources.closure(starts)
    for user, entry in (
        ("tasks", TASKS.get(named.task)),
        ("networks", CORES.get(named.core)),
        ("learning.learner", LEARNERS.get(named.learner)),
    ):
        if entry is not None and f"{sources.package}.{user}" in closure:
            closure |= sources.closure([entry.target.partition(":")[0]])
    return found | closure


def functions_of_stage(
    stage: str, hyperparameters: Hyperparameters | None = None
) -> dict[str, dict[str, str]]:
    """Module or script -> its functions' digests, for all that the digest of a stage covers."""
    modules = _modules_of(_sources(), *_starts(stage), _named(hyperparameters))
    return {name: _functions(module.tree) for name, module in modules.items()}


def function_digests(path: Path) -> dict[str, str]:
    """Digest of each function and method of a source file, and of the rest as `<module>`."""
    return _functions(read_module(path, path.stem).tree)


def _functions(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    _split(tree, "", found)
    return found


def _split(node: ast.Module | ast.ClassDef, prefix: str, found: dict[str, str]) -> None:
    rest = []
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            found[f"{prefix}{statement.name}"] = _hash(normalised(statement))
        elif isinstance(statement, ast.ClassDef):
            _split(statement, f"{prefix}{statement.name}.", found)
        elif runs(statement):
            rest.append(normalised(statement))
    if isinstance(node, ast.ClassDef):
        rest += [normalised(part) for part in [*node.decorator_list, *node.bases, *node.keywords]]
    found[prefix.rstrip(".") or "<module>"] = _hash("\n".join(rest))


def _named(point: Hyperparameters | None) -> Named:
    return Named(point.task, point.core, point.learner) if point else NOTHING


@cache
def _sources() -> Sources:
    return Sources(Path(__file__).parents[2])


@cache
def _parts_of_stage(stage: str, named: Named) -> dict[str, str]:
    return parts_of(_sources(), *_starts(stage), named)


def _starts(stage: str) -> tuple[Path, list[str]]:
    """The script of a stage and the module of its entry function."""
    sources = _sources()
    script = sources.folder / "workflow" / "scripts" / f"{stage}.py"
    entry = f"{sources.package}.stages.{stage}"
    if sources.find(entry) is None and not script.is_file():
        raise ValueError(f"no stage is called {stage!r}")
    return script, [entry]


@cache
def _digest_of_stage(stage: str, named: Named) -> str:
    return code_digest(_parts_of_stage(stage, named))


def _origin(node: ast.ImportFrom, module: Module) -> str:
    """The absolute name of what `from … import` names."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _lazy_table(tree: ast.Module) -> dict[str, str]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict):
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id == LAZY_TABLE:
                return ast.literal_eval(statement.value)
    return {}


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _hash(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()[:_LENGTH]
