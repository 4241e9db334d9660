"""The unit and contract tests of what has changed: `python -m tests.changed` prints their files.

Changed is what differs from the branch `main`, committed or not; on `main` what is not committed,
or else the last commit. A test file is of a changed file if it imports it, directly or not, or
names it in a text. Where nothing can be told every such test is printed.
"""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("tests/unit", "tests/contracts")
PACKAGES = ("mpn_rl", "snakemake_executor_plugin_htcondor_steady", "tests")
CATALOGUE = "mpn_rl.parameters.catalogue"
LOADED_LATE = (CATALOGUE, "mpn_rl")
# A change of these concerns every test.
COMMON = ("conftest.py", "pyproject.toml", "requirements.lock", "Makefile")
NAME = re.compile(rf"\b(?:{'|'.join(PACKAGES)})(?:\.\w+)*")


@dataclass(frozen=True)
class Tree:
    """The Python files below `root`, by the name of their module."""

    root: Path
    _used: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Name -> path of every module of the packages."""
        found = {}
        for package in PACKAGES:
            for path in (self.root / package).rglob("*.py"):
                parts = path.relative_to(self.root).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    def tests(self) -> list[str]:
        """The modules of the tests that can be chosen."""
        prefixes = tuple(f"{place.replace('/', '.')}." for place in PLACES)
        return sorted(
            name
            for name in self.modules
            if name.startswith(prefixes) and name.rpartition(".")[2].startswith("test_")
        )

    def of(self, changed: Iterable[str]) -> list[str]:
        """Paths of the test files that any of the changed files concerns."""
        changed = set(changed)
        if any(Path(path).name in COMMON for path in changed):
            return list(PLACES)
        names = {name for name, path in self.modules.items() if self._relative(path) in changed}
        others = {Path(path).name for path in changed if not path.endswith(".py")}
        return [
            self._relative(self.modules[test])
            for test in self.tests()
            if self._is_concerned(test, names, others)
        ]

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _is_concerned(self, test: str, names: set[str], others: set[str]) -> bool:
        found: set[str] = set()
        waiting = [test]
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.modules:
                found.add(name)
                waiting += self._uses(name)[0]
        texts = set().union(*(self._uses(name)[1] for name in found))
        return bool(found & names or texts & others)

    def _named_by(self, name: str) -> set[str]:
        """The modules that the text of a module names."""
        return set(NAME.findall(self.modules[name].read_text()))

    def _uses(self, name: str) -> tuple[set[str], set[str]]:
        """Modules that a module imports or names, and names of files in its texts."""
        if name not in self._used:
            path = self.modules[name]
            tree = _NotForTypes().visit(ast.parse(path.read_text()))
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            texts = [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
            used = {module for node in ast.walk(tree) for module in _imported(node, package)}
            named = {found for text in texts for found in NAME.findall(text)}
            # what the package itself names is loaded by whoever takes it from there,
            # and what the catalogue names by whoever asks for it, in the rooms of its kind
            if any(re.fullmatch(r"mpn_rl\.\w+", m) and m not in self.modules for m in used):
                used |= self._named_by("mpn_rl")
            if name not in LOADED_LATE:
                used |= named
                if "importlib.import_module" in used:
                    used |= {m for m in self.modules if m.startswith(f"{package}.")}
            if CATALOGUE in used:
                room = name.split(".")[1]
                used |= {m for m in self._named_by(CATALOGUE) if m.split(".")[1:2] == [room]}
            files = {word for text in texts for word in re.findall(r"[\w.-]+\.\w+", text)}
            self._used[name] = (used | set(_parents(used)), files)
        return self._used[name]


class _NotForTypes(ast.NodeTransformer):
    """Leaves out what only a type checker reads."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")
        above = parts[: len(parts) - node.level + 1] if node.level else []
        origin = ".".join([*above, *filter(None, [node.module])])
        yield origin
        yield from (f"{origin}.{alias.name}" for alias in node.names)


def _parents(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        while name := name.rpartition(".")[0]:
            yield name


def _git(*arguments: str) -> list[str]:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def changed_files() -> list[str]:
    """Paths that differ from the branch `main`, or from the commit before where nothing does."""
    base = "HEAD"
    for main in ("origin/main", "main"):
        try:
            base = _git("merge-base", main, "HEAD")[0]
        except subprocess.CalledProcessError:
            continue
    found = [*_git("diff", "--name-only", base), *_git("ls-files", "-o", "--exclude-standard")]
    return found or _git("diff", "--name-only", "HEAD~1")


def main() -> None:
    """Print the files, one a line, or the folders of all."""
    try:
        found = Tree(ROOT).of(changed_files())
    except (OSError, subprocess.CalledProcessError, SyntaxError):
        found = []
    print(*(found or PLACES), sep="\n")


if __name__ == "__main__":
    main()
