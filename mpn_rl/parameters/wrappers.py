"""Wrappers around an environment, written as calls in Python, read as data and never run."""

import ast
from typing import Any, NamedTuple

WRAPPERS_FORM = "wrappers in one text, as GrayscaleObservation, ResizeObservation(shape=(84, 84))"
USUAL_MODULE = "gymnasium.wrappers"


class WrapperCall(NamedTuple):
    """The dotted name of a wrapper, and the keywords that it is given."""

    name: str
    keywords: dict[str, Any]


def read_wrappers(text: str) -> tuple[WrapperCall, ...]:
    """The wrappers that a text names, the innermost first; those of Gymnasium without a module.

    Raises ValueError, which says what is wrong, for anything but names and calls with keywords of
    plain values.
    """
    return tuple(_call(node) for node in _nodes(text))


def normal_wrappers(text: str) -> str:
    """The same wrappers as Python writes them, so that equal ones are equal texts.

    Raises ValueError as `read_wrappers`.
    """
    read_wrappers(text)
    written = ", ".join(map(ast.unparse, _nodes(text)))
    return written.replace(f"{USUAL_MODULE}.", "")


def _nodes(text: str) -> list[ast.expr]:
    try:
        body = ast.parse(f"[{text}]", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        body = ast.Constant(None)
    if not isinstance(body, ast.List) or not body.elts:
        raise ValueError(f"{text!r} is not {WRAPPERS_FORM}")
    return body.elts


def _call(node: ast.expr) -> WrapperCall:
    called, keywords = (node.func, node.keywords) if isinstance(node, ast.Call) else (node, [])
    name = ast.unparse(called)
    if not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f"{name} is not the name of a wrapper, as GrayscaleObservation is")
    if isinstance(node, ast.Call) and node.args:
        raise ValueError(
            f"{ast.unparse(node)} gives a value without its keyword, as shape=(84, 84)"
        )
    return WrapperCall(
        name if "." in name else f"{USUAL_MODULE}.{name}",
        {str(one.arg): _value(name, one) for one in keywords},
    )


def _value(name: str, keyword: ast.keyword) -> Any:
    try:
        if keyword.arg is not None:
            return ast.literal_eval(keyword.value)
    except (ValueError, TypeError, RecursionError):
        pass
    raise ValueError(
        f"{ast.unparse(keyword)} of {name} is no keyword with a plain value, as shape=(84, 84)"
    )
