"""YAML files read strictly: no key twice, and errors that name file and line."""

from pathlib import Path
from typing import Any

import yaml

from mpn_rl.config.errors import ConfigError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST_DEPTH = 50


class _MarkingLoader(_Loader):
    """Says where a value stands whose text does not fit its tag."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:
            raise yaml.MarkedYAMLError(None, None, str(error), node.start_mark) from None


def read_yaml(path: str | Path) -> dict[Any, Any]:
    """The mapping in a YAML file.

    Raises ConfigError, with file and line, where it is missing, does not parse or is no mapping.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        _check_depth(path, text)
        data = _load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}, {_place(error, text)}") from None
    if not isinstance(data, dict):
        found = "is empty" if data is None else "is not a mapping of keys to values"
        raise ConfigError(f"{path}: {found}; a config begins with `sweep:`")
    return data


def _load(text: str) -> Any:
    loader = _MarkingLoader(text)
    try:
        root = loader.get_single_node()
        _check_keys(root, set())
        return None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def _check_keys(node: yaml.Node | None, visited: set[int]) -> None:
    """Refuse a key that a mapping has twice, which YAML forbids and PyYAML overlooks."""
    if node is None or isinstance(node, yaml.ScalarNode) or id(node) in visited:
        return
    visited.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(item, visited)
        return
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(None, None, "a key must be text", key.start_mark)
        if key.value in seen:
            problem = f"the key {key.value[:80]!r} is given twice"
            raise yaml.MarkedYAMLError(None, None, problem, key.start_mark)
        seen.add(key.value)
        _check_keys(value, visited)


def _check_depth(path: str | Path, text: str) -> None:
    """Refuse deep nesting before libyaml's recursion would crash on it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _LARGEST_DEPTH:
            line = event.start_mark.line + 1  # type: ignore[union-attr]
            raise ConfigError(f"{path}, line {line}: nested deeper than {_LARGEST_DEPTH} levels")


def _place(error: yaml.YAMLError, text: str) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        problem = getattr(error, "problem", None) or "does not parse as YAML"
        return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"
    position = getattr(error, "position", None)
    if isinstance(position, int):
        line = text.encode()[:position].count(b"\n") + 1
        return f"line {line}: {getattr(error, 'reason', 'a character that YAML does not allow')}"
    return f"line unknown: {error}"
