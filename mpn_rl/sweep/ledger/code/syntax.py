"""Python source as a text that changes only where what it computes changes.

No trace is left by comments, docstrings and formatting; by the order of imports and of
definitions; by annotations of arguments, returns and locals; by the names of locals; by what is
logged; by what never runs (`if TYPE_CHECKING:`) or only names things for others (`__all__`); nor
by the version of Python that parses.

Kept are names that others see (parameters, attributes, fields, functions), decorators, every
constant outside log texts, annotations in class bodies that something may read (dataclasses,
NamedTuples, models), and calls inside a log line, as they may draw a random number.
"""

import ast
from collections.abc import Iterable
from typing import TypeGuard

from mpn_rl.sweep.ledger.code.scopes import Comprehension, Scopes
from mpn_rl.sweep.ledger.code.statements import dotted, logger_names, running_statements

_WITHOUT_MEANING = {"ctx", "kind", "type_comment", "type_ignores", "lineno"}
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# Bases of classes, and decorators, that do not look at annotations.
_PLAIN_BASES = {"ABC", "object", "Exception", "nn.Module", "torch.nn.Module"}
_OF_METHODS = {"abstractmethod", "cached_property", "classmethod", "property", "staticmethod"}
_OF_FUNCTIONS = {"cache", "contextmanager", "jit", "lru_cache", "njit", "torch.no_grad", "wraps"}
_PLAIN_DECORATORS = {*_OF_METHODS, *_OF_FUNCTIONS, "override"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def normalised(node: ast.AST, loggers: frozenset[str] | None = None) -> str:
    """A text for a syntax tree, equal where what is computed is equal.

    `loggers` are the names of loggers in the module that `node` is a part of (None: found in
    `node` itself, a module).
    """
    writer = _Writer(logger_names(node) if loggers is None else loggers)
    writer.write(node)
    return "".join(writer.parts)


class _Writer:
    """Writes nodes: fields by name, empty ones not at all, as later Python versions add some."""

    def __init__(self, loggers: frozenset[str]) -> None:
        self.parts: list[str] = []
        self._loggers = loggers
        self._scopes = Scopes()

    def write(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            self.parts.append(f"(Name {self._scopes.name(node.id)})")
        elif isinstance(node, ast.AnnAssign):
            self._annotated(node)
        elif isinstance(node, ast.Expr) and self._is_report(node.value):
            self._report(node.value)
        elif self._is_report(node):
            self._report(node)
        elif isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            self._function(node)
        elif isinstance(node, Comprehension):
            self._comprehension(node)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif not isinstance(node, ast.Pass):
            self._plain(node)

    def _plain(self, node: ast.AST, without: Iterable[str] = ()) -> None:
        self.parts.append(f"({type(node).__name__}")
        for field in sorted({*node._fields} - _WITHOUT_MEANING - {*without}):
            self._field(node, field)
        self.parts.append(")")

    def _field(self, node: ast.AST, field: str) -> None:
        value = getattr(node, field, None)
        if field == "body" and isinstance(value, list):
            self._body(value, sort=isinstance(node, ast.Module | ast.ClassDef))
        elif isinstance(value, list) and value:
            self._list(field, value)
        elif isinstance(value, ast.AST):
            self.parts.append(f" {field}=")
            self.write(value)
        elif isinstance(node, ast.ExceptHandler) and isinstance(value, str):
            self.parts.append(f" {field}={self._scopes.name(value)!r}")
        elif not isinstance(value, list | None):
            self.parts.append(f" {field}={value!r}")

    def _list(self, field: str, items: list) -> None:
        self.parts.append(f" {field}=[")
        for item in items:
            if not isinstance(item, ast.AST):  # a name of `global`, the key of `**x`, no default
                self.parts.append(f"{self._scopes.name(item)!r},")
            for statement in running_statements([item] if isinstance(item, ast.AST) else []):
                self.write(statement)
        self.parts.append("]")

    def _body(self, statements: list[ast.stmt], sort: bool) -> None:
        """Statements in order; in modules and classes imports and definitions first, sorted."""
        flat = list(running_statements(statements))
        if not sort:
            self._list("body", flat)
            return
        named = [s for s in flat if isinstance(s, (*_FUNCTIONS, ast.ClassDef))]
        bound = {definition.name for definition in named}
        # a decorator of the same body may keep the order in which it was applied
        definitions = [s for s in named if bound.isdisjoint(map(_origin, s.decorator_list))]
        imports = [s for s in flat if isinstance(s, ast.Import | ast.ImportFrom)]
        moved = {id(s) for s in (*definitions, *imports)}
        first = sorted(definitions, key=lambda definition: definition.name)
        self.parts.append(_imports(imports))
        self._list("body", [*first, *(s for s in flat if id(s) not in moved)])

    def _annotated(self, node: ast.AnnAssign) -> None:
        """`x: T = v` as `x = v`, and `x: T` not at all, unless the annotation may be read."""
        if self._scopes.reads_annotations:
            self._plain(node)
        elif node.value is not None:
            self._plain(ast.Assign(targets=[node.target], value=node.value))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        decorators = getattr(node, "decorator_list", [])
        plain = all(map(_is_plain, decorators))
        # defaults and annotations are evaluated outside
        self._plain(node, without=("args", "body", "type_params", *["returns"] * plain))
        self._arguments(node.args, with_annotations=not plain)
        with self._scopes.inside(node):
            self._field(node, "body")

    def _arguments(self, arguments: ast.arguments, with_annotations: bool) -> None:
        for group in ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg"):
            members = getattr(arguments, group)
            for argument in members if isinstance(members, list) else filter(None, [members]):
                self.parts.append(f" {group}:{argument.arg}")
                if with_annotations:
                    self._field(argument, "annotation")
        for field in ("defaults", "kw_defaults"):
            self._field(arguments, field)

    def _comprehension(self, node: Comprehension) -> None:
        first = node.generators[0]
        self.parts.append(f"({type(node).__name__} over=")
        self.write(first.iter)  # in the scope outside
        with self._scopes.inside(node):
            for generator in node.generators:
                self._plain(generator, without=("iter",) if generator is first else ())
            for field in ("elt", "key", "value"):
                self._field(node, field)
        self.parts.append(")")

    def _class(self, node: ast.ClassDef) -> None:
        reads = bool(node.decorator_list or node.keywords) or any(
            dotted(base) not in _PLAIN_BASES for base in node.bases
        )
        self._plain(node, without=("body",))
        with self._scopes.inside(node, reads_annotations=reads):
            self._field(node, "body")

    # ---- what is logged

    def _is_report(self, node: ast.AST) -> TypeGuard[ast.Call]:
        called = dotted(node.func) if isinstance(node, ast.Call) else ""
        logger, _, level = called.rpartition(".")
        return called in self._loggers or (logger in self._loggers and level in _LEVELS)

    def _report(self, node: ast.Call) -> None:
        """Only the calls inside a log line: what they compute may matter, the text does not."""
        for call in _outermost_calls([*node.args, *(k.value for k in node.keywords)]):
            self.parts.append("(reported ")
            self.write(call)
            self.parts.append(")")


def _outermost_calls(nodes: Iterable[ast.AST]) -> list[ast.AST]:
    found: list[ast.AST] = []
    for node in nodes:
        if isinstance(node, ast.Call | ast.Await | ast.NamedExpr | ast.Yield | ast.YieldFrom):
            found.append(node)
        else:
            found += _outermost_calls(ast.iter_child_nodes(node))
    return found


def _is_plain(decorator: ast.expr) -> bool:
    """Whether a decorator does not look at annotations."""
    name = dotted(decorator)
    plain = {name, name.rpartition(".")[2]} & _PLAIN_DECORATORS
    return bool(plain) or name.endswith((".setter", ".deleter"))


def _origin(decorator: ast.expr) -> str:
    return dotted(decorator).partition(".")[0]


def _imports(statements: Iterable[ast.Import | ast.ImportFrom]) -> str:
    """Import lines as sorted single imports; in their order where two bind the same name."""
    ordered: list[tuple[str, str]] = []
    for statement in statements:
        origin = f"{'.' * getattr(statement, 'level', 0)}{getattr(statement, 'module', '') or ''}"
        bound = [(alias.asname or alias.name, alias.name) for alias in statement.names]
        if origin != "__future__":
            ordered += [(name, f"(import {origin} {of} as {name})") for name, of in bound]
    single = sorted(set(ordered))
    ambiguous = len({bound for bound, _ in single}) < len(single)
    return "".join(line for _, line in (ordered if ambiguous else single))
