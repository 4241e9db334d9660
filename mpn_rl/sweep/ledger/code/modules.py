"""A source file, parsed: what it computes, binds and names."""

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mpn_rl.errors import UserError
from mpn_rl.sweep.ledger.code.scopes import bindings
from mpn_rl.sweep.ledger.code.statements import running, runs
from mpn_rl.sweep.ledger.code.syntax import normalised

LENGTH = 16
# What a text is that names a module, or something in it.
TARGET = re.compile(r"[A-Za-z_]\w*(\.\w+)*(:[A-Za-z_][\w.]*)?")


@dataclass(frozen=True)
class Module:
    """A source file, parsed."""

    name: str
    path: Path
    tree: ast.Module
    is_package: bool

    @cached_property
    def digest(self) -> str:
        """Digest of what the module computes."""
        return hashed(normalised(self.tree))

    @cached_property
    def texts(self) -> frozenset[str]:
        """The string constants of the module, apart from docstrings."""
        return frozenset(
            node.value
            for node in running(self.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )

    @cached_property
    def data(self) -> tuple[Path, ...]:
        """Files beside the module that it names."""
        beside = {f.name: f for f in self.path.parent.iterdir() if f.suffix not in (".py", "")}
        return tuple(beside[text] for text in sorted(self.texts & beside.keys()))

    @cached_property
    def definitions(self) -> dict[str, list[ast.stmt]]:
        """Name -> the top-level statements that bind it."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in filter(runs, self.tree.body):
            for name in frozenset().union(*bindings([statement])):
                found.setdefault(name, []).append(statement)
        return found


def find_module(folder: Path, name: str) -> Module | None:
    """The module or package of that name below `folder`, parsed; None if there is none.

    Raises UserError with file and line where it is no Python.
    """
    path = folder.joinpath(*name.split("."))
    package = path / "__init__.py"
    path = package if package.is_file() else path.with_name(f"{path.name}.py")
    if not path.is_file():
        return None
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UserError(f"{path}, line {line}: not valid Python: {error}") from None
    return Module(name, path, tree, is_package=path == package)


def data_digest(path: Path) -> str:
    """Digest of a data file; comments of a style file are none of its content."""
    content = path.read_bytes()
    if path.suffix == ".mplstyle":
        lines = (line if b'"' in line else line.split(b"#")[0] for line in content.splitlines())
        content = b"\n".join(filter(None, map(bytes.strip, lines)))
    return hashed(content)


def imported(node: ast.AST, module: Module) -> Iterator[tuple[str, str, str]]:
    """(bound name, module, name in it or "") of an import line; nothing for another node."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name, alias.name, ""
    elif isinstance(node, ast.ImportFrom):
        parts = module.name.split(".")
        above = parts[: len(parts) - node.level + module.is_package] if node.level else []
        origin = ".".join([*above, *filter(None, [node.module])])
        for alias in node.names:
            yield alias.asname or alias.name, origin, alias.name


def hashed(content: str | bytes) -> str:
    """The first digits of the SHA-256 of a text."""
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()[:LENGTH]
