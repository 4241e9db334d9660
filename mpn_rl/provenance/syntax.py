"""Python source as a text that only a change of meaning changes.

Comments, docstrings and formatting leave no trace, nor does the Python version that parses; what
never runs (`if TYPE_CHECKING:`) and what only names things for others (`__all__`, `__version__`,
tables of lazily loaded names) is left out.
"""

import ast
from collections.abc import Iterator

LAZY_TABLE = "_LAZY"
_NAMES_FOR_OTHERS = {"__all__", "__version__", LAZY_TABLE}
_WITHOUT_MEANING = {"ctx", "kind", "type_comment", "type_ignores", "lineno"}
_FIELDS: dict[type, list[str]] = {}


def normalised(node: ast.AST) -> str:
    """A text for a syntax tree, equal for equal meaning alone."""
    parts: list[str] = []
    _write(node, parts)
    return "".join(parts)


def runs(statement: ast.AST) -> bool:
    """Whether a statement can have an effect: not a bare string, nor a name for others."""
    if isinstance(statement, ast.Expr):
        value = statement.value
        return not (isinstance(value, ast.Constant) and isinstance(value.value, str))
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return not all(isinstance(t, ast.Name) and t.id in _NAMES_FOR_OTHERS for t in targets)
    return not (isinstance(statement, ast.If) and _for_type_checkers(statement))


def running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below `node` that can run, itself included."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        for child in ast.iter_child_nodes(current):
            if runs(child):
                stack.append(child)
            elif isinstance(child, ast.If):
                stack.extend(child.orelse)


def _for_type_checkers(statement: ast.If) -> bool:
    test = statement.test
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _fields(kind: type[ast.AST]) -> list[str]:
    if kind not in _FIELDS:
        _FIELDS[kind] = sorted(field for field in kind._fields if field not in _WITHOUT_MEANING)
    return _FIELDS[kind]


def _write(node: ast.AST, parts: list[str]) -> None:
    """Fields by name, empty ones not at all, so that later Python versions may add some."""
    kind = type(node)
    parts.append(f"({kind.__name__}")
    for field in _fields(kind):
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            parts.append(f" {field}=")
            _write(value, parts)
        elif isinstance(value, list):
            if value:
                parts.append(f" {field}=[")
                _write_list(value, parts)
                parts.append("]")
        elif value is not None:
            parts.append(f" {field}={value!r}")
    parts.append(")")


def _write_list(items: list, parts: list[str]) -> None:
    for item in items:
        if not isinstance(item, ast.AST):
            parts.append(f"{item!r},")
        elif runs(item):
            _write(item, parts)
        elif isinstance(item, ast.If):
            _write_list(item.orelse, parts)
