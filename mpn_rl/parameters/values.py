"""Single values: how numbers are read, and the messages on those that cannot be used."""

import difflib
import math
import re
import reprlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

# YAML 1.1 reads 2e-3, without a point before the e, as text
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+", re.ASCII)
# 08 and 0o17, without quotes, are text to YAML 1.1 as well
_LEADING_ZERO = re.compile(r"0(?:(o)(?=[0-7]+$))?(\d+)", re.ASCII)
LARGEST_INTEGER = 2**63 - 1
# Networks compute in 32 bits, where numbers end at 3e38; nothing is of any use near that.
_LARGEST_NUMBER = 1e30
_KINDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list of whole numbers",
}

Schema = Mapping[str, Any]

# So many allowed names fit into a message.
MOST_LISTED = 12
_SHORT = reprlib.Repr()
_SHORT.maxstring = 80


def as_number(value: Any) -> float | None:
    """The number that a value is, 2e-3 read as text too, -0.0 as 0.0; None where it is none."""
    if isinstance(value, str) and _EXPONENT.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) + 0.0 if abs(value) <= _LARGEST_NUMBER else None


def as_whole_number(value: Any) -> int | None:
    """The whole number that a value is; None where it is none."""
    return value if type(value) is int and abs(value) <= LARGEST_INTEGER else None


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
        "; config/README.md lists all keys"
        if len(names) > MOST_LISTED
        else f"; allowed: {', '.join(names) or 'none'}"
    )
    shown = key if isinstance(key, str) and key.isprintable() and len(key) < 80 else show(key)
    return f"{path}{shown}: unknown key{hint}"


def refusal(value: Any, schema: Schema) -> str:
    """`2 is not a number in [0, 1]`: why a field of this JSON schema does not take the value."""
    return f"{show(value)} is not {expected(schema)}{_hint(value, schema)}"


def expected(schema: Schema) -> str:
    """What a field of this JSON schema takes, in words."""
    null = "".join(f", or {word}" for word in _words_beside(schema))
    kind, limits = _kinds(schema)[0]["type"], allowed(schema)
    if "form" in schema or choices(schema):
        return limits + null
    if kind == "number" and not limits:
        return f"a finite number{null}"
    return f"{_KINDS[kind]} {limits}".strip() + null


def allowed(schema: Schema) -> str:
    """The range or the choices of a field in words; empty where every value of its type will do."""
    if words := choices(schema):
        return "one of " + ", ".join(words)
    one = _kinds(schema)[0]
    low, high, above = (one.get(k) for k in ("minimum", "maximum", "exclusiveMinimum"))
    if high is not None:
        return f"in ({above:g}, {high:g}]" if low is None else f"in [{low:g}, {high:g}]"
    if above is not None:
        return f"greater than {above:g}"
    return schema.get("form", "") if low is None else f"at least {low:g}"


def choices(schema: Schema) -> list[str]:
    """The words that a field takes; empty where it takes anything else."""
    found: list[str] = _kinds(schema)[0].get("enum", [])
    return found


def _kinds(schema: Schema) -> list[Schema]:
    return schema.get("anyOf", [schema])


def _words_beside(schema: Schema) -> list[str]:
    """The single words that a field takes beside its first kind of value."""
    words = ("null" if kind["type"] == "null" else kind.get("const") for kind in _kinds(schema)[1:])
    return [word for word in words if word]


def _hint(value: Any, schema: Schema) -> str:
    if words := choices(schema):
        return nearest(value, words)
    if isinstance(value, str) and value.lower() in ("none", "nil"):
        return " (YAML's word for nothing is null)"
    kind = _kinds(schema)[0]["type"]
    large = isinstance(value, int | float) and _LARGEST_NUMBER < abs(value) < math.inf
    if kind == "number" and large:
        return f" of at most {_LARGEST_NUMBER:g}, as networks compute in 32 bits"
    if kind == "integer" and type(value) is int and value > LARGEST_INTEGER:
        return f" (the largest is {LARGEST_INTEGER})"
    if kind not in ("integer", "number"):
        return ""
    if kind == "integer" and (whole := _whole(value)) is not None:
        return f" (write {whole})"
    if isinstance(value, str) and (plain := _LEADING_ZERO.fullmatch(value)):
        return f" (write {int(plain[2], 8 if plain[1] else 10)})"
    return " (write it without quotes)" if isinstance(value, str) and _is_finite(value) else ""


def _whole(value: Any) -> int | None:
    """The whole number that 8e4 or 80000.0 means; None where it means none."""
    if isinstance(value, str) and _EXPONENT.fullmatch(value):
        value = float(value)
    if not isinstance(value, float) or not value.is_integer() or abs(value) > LARGEST_INTEGER:
        return None
    return int(value)


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
