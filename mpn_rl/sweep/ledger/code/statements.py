"""What of a source can run, and what only names things for others or reports."""

import ast
from collections.abc import Iterable, Iterator

_NAMES_FOR_OTHERS = {"__all__", "__version__", "_LAZY"}
_LOG_ROOM = "mpn_rl.logs"


def runs(statement: ast.AST) -> bool:
    """Whether a statement can have an effect: not a bare string, nor a name for others."""
    if isinstance(statement, ast.Expr):
        value = statement.value
        return not (isinstance(value, ast.Constant) and isinstance(value.value, str))
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return not all(isinstance(t, ast.Name) and t.id in _NAMES_FOR_OTHERS for t in targets)
    test = dotted(statement.test) if isinstance(statement, ast.If) else ""
    return test.rpartition(".")[2] != "TYPE_CHECKING"


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


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names; "" for anything else. A call stands for what is called."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (origin := dotted(node.value)):
        return f"{origin}.{node.attr}"
    return ""


def logger_names(tree: ast.AST) -> frozenset[str]:
    """Names of a module that stand for loggers, or for functions that only report."""
    found = {"logging"}
    for statement in getattr(tree, "body", []):
        if _makes_logger(statement):
            found.update(target.id for target in statement.targets if isinstance(target, ast.Name))
        if isinstance(statement, ast.ImportFrom) and statement.module == _LOG_ROOM:
            found.update(alias.asname or alias.name for alias in statement.names)
    return frozenset(found)


def running_statements(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a body that can have an effect, but for those that make loggers."""
    for statement in statements:
        if runs(statement):
            if not _makes_logger(statement):
                yield statement
        elif isinstance(statement, ast.If):
            yield from running_statements(statement.orelse)


def _makes_logger(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Assign) and dotted(statement.value) == "logging.getLogger"
