"""What a record must be to be believed in: anybody may have written it."""

from collections.abc import Callable, Mapping
from typing import Any

FORMAT = 1
_LONGEST_TEXT, _LONGEST_NAME, _LONGEST_PART = 500, 1000, 255
_MOST_SECONDS = 1e11


def is_record(content: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a record of this format, and whoever reads it comes to no harm.

    Its texts are short and printable, and its names can be those of files.
    """
    return content.get("format") == FORMAT and all(
        fits(content.get(key)) for key, fits in _FIELDS.items()
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable()


def _or_none(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


def _is_file_name(name: str) -> bool:
    # printable before its bytes are counted: half a surrogate pair has none
    printable = 0 < len(name) <= _LONGEST_NAME and name.isprintable()
    return printable and all(len(part.encode()) <= _LONGEST_PART for part in name.split("/"))


def _is_files(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _is_file_name(name) and _is_text(digest) for name, digest in value.items()
    )


def _is_versions(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(k) and _is_text(v) for k, v in value.items())


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value))


def _is_seconds(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= _MOST_SECONDS


def _is_seeds(value: Any) -> bool:
    return isinstance(value, list) and all(type(seed) is int for seed in value)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "stage": _is_text,
    "finished": _is_text,
    "seeds": _is_seeds,
    "inputs": _is_files,
    "outputs": _is_files,
    "params": _or_none(_is_named),
    "versions": _or_none(_is_versions),
    "facts": _or_none(_is_named),
    **dict.fromkeys(
        ("run", "code_digest", "commit", "host", "processor", "started"), _or_none(_is_text)
    ),
    **dict.fromkeys(("wall_seconds", "cpu_seconds"), _or_none(_is_seconds)),
}
