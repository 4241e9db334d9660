"""Which names in a piece of source are locals, and what stands for them.

A local of a function or a comprehension becomes a number, counted from its first appearance, so
that another name for it is the same text. Never renamed are parameters, attributes, names of
functions, classes and imports, `global` names, and any local that something may look up by its
name (`locals()`, `eval`, a table's `query`, numba's `locals=`).
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LOOK_UP = {"locals", "vars", "eval", "exec", "dir", "query"}
_NEW_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class _Scope:
    """Names bound in one scope; those of `renamed` are written as numbers."""

    depth: int
    bound: frozenset[str]
    renamed: frozenset[str] = frozenset()
    is_class: bool = False
    reads_annotations: bool = False
    numbers: dict[str, int] = field(default_factory=dict)

    def name(self, name: str) -> str:
        if name not in self.renamed:
            return name
        return f"<{self.depth}:{self.numbers.setdefault(name, len(self.numbers))}>"


class Scopes:
    """The scopes around the node that is being written, the innermost last."""

    def __init__(self) -> None:
        self._stack: list[_Scope] = []

    def name(self, name: str) -> str:
        """What is written for `name` here."""
        for place, scope in enumerate(reversed(self._stack)):
            visible = place == 0 or not scope.is_class
            if visible and name in scope.bound:
                return scope.name(name)
        return name

    @property
    def reads_annotations(self) -> bool:
        """Whether annotations of variables here may be read by something."""
        return bool(self._stack) and self._stack[-1].reads_annotations

    @contextmanager
    def inside(self, node: ast.AST, reads_annotations: bool = False) -> Iterator[None]:
        """Inside the body of a function, lambda or class, or inside a comprehension.

        What is bound in a class are attributes, which keep their names.
        """
        is_class = isinstance(node, ast.ClassDef)
        if isinstance(node, Comprehension):
            body = [generator.target for generator in node.generators]
        else:
            body = node.body  # type: ignore[attr-defined]
        stored, fixed = bindings(body if isinstance(body, list) else [body])
        arguments = ast.iter_child_nodes(getattr(node, "args", ast.Pass()))
        fixed |= {part.arg for part in arguments if isinstance(part, ast.arg)}
        renamed = frozenset() if is_class or _looked_up(node) else stored - fixed
        depth = len(self._stack)
        self._stack.append(_Scope(depth, stored | fixed, renamed, is_class, reads_annotations))
        yield
        self._stack.pop()


def bindings(body: Iterable[ast.AST]) -> tuple[frozenset[str], frozenset[str]]:
    """Names bound directly in a body: those that may be renamed, and those that keep their name."""
    stored: set[str] = set()
    fixed: set[str] = set()
    outside: set[str] = set()  # found there: not bound here
    waiting = list(body)
    while waiting:
        current = waiting.pop()
        if isinstance(current, ast.Name) and not isinstance(current.ctx, ast.Load):
            stored.add(current.id)
        elif isinstance(current, ast.ExceptHandler) and current.name:
            stored.add(current.name)
        elif isinstance(current, ast.Import | ast.ImportFrom):
            fixed.update((a.asname or a.name).partition(".")[0] for a in current.names)
        elif isinstance(current, ast.Global | ast.Nonlocal):
            outside.update(current.names)
        elif isinstance(current, ast.MatchAs | ast.MatchStar | ast.MatchMapping):
            fixed.add(getattr(current, "name", None) or getattr(current, "rest", None) or "")
        if isinstance(current, _NEW_SCOPE):
            fixed.add(getattr(current, "name", ""))
            waiting += _evaluated_outside(current)
        elif isinstance(current, Comprehension):
            # its targets are its own; a := inside binds here, and keeps its name
            walrus = (part for part in ast.walk(current) if isinstance(part, ast.NamedExpr))
            fixed.update(part.target.id for part in walrus)
        else:
            waiting += ast.iter_child_nodes(current)
    return frozenset(stored - outside), frozenset(fixed - outside)


def _evaluated_outside(node: ast.AST) -> list[ast.AST]:
    """Parts of a nested definition that run where it stands: decorators, defaults, bases."""
    parts: list[ast.AST] = list(getattr(node, "decorator_list", []))
    parts += [*getattr(node, "bases", []), *getattr(node, "keywords", [])]
    if (arguments := getattr(node, "args", None)) is not None:
        parts += [d for d in (*arguments.defaults, *arguments.kw_defaults) if d is not None]
    return parts


def _looked_up(node: ast.AST) -> bool:
    """Whether something in `node` may look up locals by their names."""
    called = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    if any(getattr(part, "attr", getattr(part, "id", "")) in _LOOK_UP for part in called):
        return True
    decorators = getattr(node, "decorator_list", [])
    return any(k.arg == "locals" for d in decorators for k in getattr(d, "keywords", []))
