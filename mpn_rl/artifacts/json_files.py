"""Reading of JSON that anybody may have written: bounded in size, depth and numbers."""

import json
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import read_whole

# Far more than any of the project's own files of this kind has.
MOST_BYTES = 2**26
MOST_DEPTH = 40
_MOST_DIGITS = 40


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; ArtifactError says what is wrong with the file."""
    try:
        content = parsed(read_whole(path, MOST_BYTES))
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: is damaged: it is not a JSON object")
    return content


def parsed(data: bytes) -> Any:
    """What a JSON text says; ValueError where it is none.

    Also where it is deeper than any of ours, on which a walk over it could fail, or has a number
    that no file of ours has: of many digits, or too large for a float.
    """
    try:
        content = json.loads(data, parse_int=_whole, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if data.count(b"[") + data.count(b"{") > MOST_DEPTH and _deeper(content, MOST_DEPTH):
        raise ValueError("it is nested too deeply")
    return content


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _deeper(content: Any, depth: int) -> bool:
    """Whether lists and objects are nested more than `depth` levels deep."""
    level = [content]
    while level and depth:
        inner = (v.values() if isinstance(v, dict) else v for v in level)
        level = [v for values in inner if not isinstance(values, str) for v in values]
        level = [v for v in level if isinstance(v, dict | list)]
        depth -= 1
    return bool(level)
