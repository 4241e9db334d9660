"""Checks of single values and of the keys around them, with the messages that users read."""

import difflib
import math
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import Field, fields
from datetime import date
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.spec import Spec, spec_of

# YAML 1.1 reads 2e-3, without a point before the e, as text
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+", re.ASCII)
# 08 and 0o17, without quotes, are text to YAML 1.1 as well
_LEADING_ZERO = re.compile(r"0(?:(o)(?=[0-7]+$))?(\d+)", re.ASCII)
_LARGEST_INTEGER = 2**63 - 1
# Networks compute in 32 bits, where numbers end at 3e38; nothing is of any use near that.
_LARGEST_NUMBER = 1e30
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}

_SHORT = reprlib.Repr()
_SHORT.maxstring = 80

Section = TypeVar("Section")


def show(value: Any) -> str:
    """A value as a user would write it in YAML, shortened where it is long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, date):
        return value.isoformat()
    return _SHORT.repr(value)


def nearest(word: Any, allowed: Iterable[str]) -> str:
    """`; did you mean ...?` for the closest allowed word, else nothing."""
    lowered = {name.lower(): name for name in allowed}
    close = difflib.get_close_matches(str(word)[:200].lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean {lowered[close[0]]}?" if close else ""


def unknown_key(path: str, key: Any, allowed: Iterable[str]) -> str:
    """The message for a key that nothing reads."""
    names = list(allowed)
    hint = nearest(key, names) or (
        f"; allowed: {', '.join(names)}" if len(names) <= 8 else "; config/README.md lists all keys"
    )
    shown = key if isinstance(key, str) and key.isprintable() and len(key) < 80 else show(key)
    return f"{path}{shown}: unknown key{hint}"


def checked(key: str, value: Any, declared: Field) -> Any:
    """`value` in the type of its field, if the field allows it.

    Whole numbers pass for numbers; nothing else is converted. Raises ConfigError with the key,
    the value and what is allowed.
    """
    spec = spec_of(declared)
    if isinstance(declared.type, str):
        raise TypeError(f"{declared.name}: declare types in modules without string annotations")
    kinds, nullable = _kinds(declared.type)
    if value is None and nullable:
        return None
    if kinds is tuple:
        return _checked_list(key, value, spec.allowed(), nullable)
    converted = _converted(value, kinds)
    if converted is not None and spec.contains(converted):
        return converted
    expected = _expected(kinds, spec) + (", or null" if nullable else "")
    raise ConfigError(f"{key}: {show(value)} is not {expected}{_hint(value, kinds, spec.choices)}")


def read_section(
    section: type[Section], data: Any, path: str, problems: list[str]
) -> Section | None:
    """An instance of a settings dataclass from a mapping; each problem is added to `problems`."""
    if not isinstance(data, Mapping):
        problems.append(f"{path}: {show(data)} is not a mapping of keys to values")
        return None
    declared = {field.name: field for field in fields(section)}  # type: ignore[arg-type]
    values = {}
    before = len(problems)
    for key, value in data.items():
        if key not in declared:
            problems.append(unknown_key(f"{path}.", key, declared))
            continue
        try:
            values[key] = checked(f"{path}.{key}", value, declared[key])
        except ConfigError as error:
            problems.append(str(error))
    return section(**values) if len(problems) == before else None


def _expected(kind: type, spec: Spec) -> str:
    if spec.choices or spec.pattern:
        return spec.allowed()
    if not spec.allowed():
        return "a finite number" if kind is float else _WORDS[kind]
    return f"{_WORDS[kind]} {spec.allowed()}"


def _kinds(annotation: Any) -> tuple[Any, bool]:
    members = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    (kind,) = (member for member in members if member is not NoneType)
    return (tuple if get_origin(kind) is tuple else kind), NoneType in members


def _converted(value: Any, kind: Any) -> Any:
    if kind is float:
        if isinstance(value, str) and _EXPONENT.fullmatch(value):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            number = float(value) + 0.0  # -0.0 is 0.0
        except OverflowError:
            return None
        return number if abs(number) <= _LARGEST_NUMBER else None
    if type(value) is not kind or (kind is int and abs(value) > _LARGEST_INTEGER):
        return None
    return value


def _checked_list(key: str, value: Any, allowed: str, nullable: bool) -> tuple[int, ...]:
    items = value if isinstance(value, list | tuple) else None
    if items is None or not items or any(_converted(item, int) is None for item in items):
        null = ", or null" if nullable else ""
        raise ConfigError(f"{key}: {show(value)} is not a list of whole numbers{null}")
    if any(item < 0 for item in items) or len(set(items)) < len(items):
        raise ConfigError(f"{key}: {show(value)} is not {allowed}")
    return tuple(sorted(items))


def _hint(value: Any, kind: type, choices: tuple[str, ...]) -> str:
    if choices:
        return nearest(value, choices)
    if isinstance(value, str) and value.lower() in ("none", "nil"):
        return " (YAML's word for nothing is null)"
    if kind is float and isinstance(value, int | float) and _LARGEST_NUMBER < abs(value) < math.inf:
        return f" of at most {_LARGEST_NUMBER:g}, as networks compute in 32 bits"
    if kind is int and (isinstance(value, str) and _EXPONENT.fullmatch(value)):
        whole = float(value)
        if whole.is_integer() and abs(whole) <= _LARGEST_INTEGER:
            return f" (write {int(whole)})"
    if (
        kind in (int, float)
        and isinstance(value, str)
        and (plain := _LEADING_ZERO.fullmatch(value))
    ):
        return f" (write {int(plain[2], 8 if plain[1] else 10)})"
    if kind is int and isinstance(value, float) and value.is_integer():
        return f" (write {int(value)})"
    if kind in (int, float) and isinstance(value, str) and _converted_text(value):
        return " (write it without quotes)"
    return ""


def _converted_text(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
