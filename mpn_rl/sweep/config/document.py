"""YAML read strictly: no key twice, no number that looks like another; errors name the line."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mpn_rl.parameters.errors import ConfigError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST_DEPTH = 50
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_BOOLEAN, _DATE = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_QUOTES = "'\""  # the engine takes them off too
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class _StrictLoader(_Loader):
    """Refuses keys given twice, and says where a value stands whose text does not fit its tag."""

    def flatten_mapping(self, node: Any) -> None:
        seen: set[str] = set()
        for key, _ in [] if hasattr(node, "checked") else node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "a key must be text", key.start_mark)
            if key.value in seen:
                problem = f"the key {key.value[:80]!r} is given twice"
                raise yaml.MarkedYAMLError(None, None, problem, key.start_mark)
            seen.add(key.value)
        node.checked = True  # from now on it may hold what it merges, and what stands over it
        super().flatten_mapping(node)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:
            raise yaml.MarkedYAMLError(None, None, str(error), node.start_mark) from None
        if node.tag in _NUMBERS and isinstance(node, yaml.ScalarNode):
            _check_number(node, value)
        return value


@dataclass(frozen=True)
class Document:
    """The mapping `data` that was read from `name`; `root` is its text as nodes with marks."""

    name: str
    data: dict[Any, Any]
    root: yaml.Node

    def find(self, key: str) -> tuple[int, int, yaml.Node]:
        """How deep `sweep.points[1].eta` can be followed; the line it then stands in; its node."""
        depth, line, node = 0, 0, self.root
        for index, name in _STEP.findall(key):
            child = _child(node, index, name)
            if child is None:
                break
            depth, line, node = depth + 1, child[0].start_mark.line + 1, child[1]
        return depth, line, node


def read_document(path: str | Path) -> Document:
    """A YAML file whose content is a mapping.

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
        root, data = _load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}, {_place(error, text)}") from None
    if root is None or not isinstance(data, dict):
        found = "is empty" if data is None else "is not a mapping of keys to values"
        raise ConfigError(f"{path}: {found}; a config begins with `sweep:`")
    return Document(str(path), data, root)


def read_entry(entry: str) -> Document:
    """`evaluation={num_episodes: 5}`, as `--config` takes it: a mapping with this one key.

    Raises ConfigError where the value does not parse as YAML.
    """
    key, _, value = entry.partition("=")
    # In the form of a file, so that nodes and marks are those of a file too.
    text = f"{key}:\n  {value.strip(_QUOTES)}\n"
    try:
        root, data = _load(text)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "does not parse as YAML"
        raise ConfigError(f"--config: {entry}: {problem}") from None
    if root is None or not isinstance(data, dict):
        raise ConfigError(f"--config: {entry}: not of the form key=value")
    return Document("--config", data, root)


def as_written(node: yaml.Node, problem: str) -> str:
    """What to add to a message on a value in `node` that looks like text and is none to YAML."""
    if isinstance(node, yaml.SequenceNode):
        return next(filter(None, (as_written(item, problem) for item in node.value)), "")
    if not isinstance(node, yaml.ScalarNode):
        return ""
    if node.tag == _BOOLEAN and node.value.lower() not in ("true", "false"):
        meant = "true" if node.value.lower() in ("yes", "on") else "false"
        hint = f" ({node.value} is {meant} to YAML; a text goes in quotes)"
        return hint if f": {meant} is not" in problem else ""
    if node.tag == _DATE:
        return f" ({node.value} is a date to YAML; a text goes in quotes)"
    return ""


def _load(text: str) -> tuple[yaml.Node | None, Any]:
    _check_depth(text)
    loader = _StrictLoader(text)
    try:
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def _child(node: yaml.Node, index: str, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    """What marks the place of an item or key of `node`, and its value; None if it has none."""
    if isinstance(node, yaml.SequenceNode) and index:
        items = node.value[int(index) : int(index) + 1]
        return (items[0], items[0]) if items else None
    if isinstance(node, yaml.MappingNode) and name:
        return next((pair for pair in node.value if pair[0].value == name), None)
    return None


def _check_number(node: yaml.ScalarNode, value: float) -> None:
    """Refuse a number that YAML 1.1 reads otherwise than it looks: octal 064, sexagesimal 1:30.

    0x1F, 0b101 and 1_000 look like nothing but what they are; 007 is 7 either way.
    """
    text = node.value
    if ":" in text:
        meant = f"{value}, or {text!r} in quotes for a text"
    elif _OCTAL.fullmatch(text) and value != (decimal := int(text.replace("_", ""))):
        meant = str(decimal)
    else:
        return
    problem = f"{text} is {value} to YAML; write {meant}"
    raise yaml.MarkedYAMLError(None, None, problem, node.start_mark)


def _check_depth(text: str) -> None:
    """Refuse deep nesting before libyaml's recursion would crash on it."""
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _LARGEST_DEPTH:
            problem = f"nested deeper than {_LARGEST_DEPTH} levels"
            raise yaml.MarkedYAMLError(None, None, problem, event.start_mark)


def _place(error: yaml.YAMLError, text: str) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        problem = getattr(error, "problem", None) or "does not parse as YAML"
        began = getattr(error, "context_mark", None)
        if began is not None and began.line < mark.line:
            # An open bracket is noticed lines after it.
            problem += f" {getattr(error, 'context', '')} that begins in line {began.line + 1}"
        return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"
    position = getattr(error, "position", None)
    if isinstance(position, int):
        line = text.encode()[:position].count(b"\n") + 1
        return f"line {line}: {getattr(error, 'reason', 'a character that YAML does not allow')}"
    return f"line unknown: {error}"
