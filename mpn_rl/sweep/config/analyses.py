"""The section `analyses` of a config: analyses of the user's own, by the names of their files."""

import re
from collections.abc import Mapping
from typing import Any

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.plugins import PLUGIN_FORM, by_entry_point, is_plugin, normal_plugin
from mpn_rl.parameters.values import show

NAME = r"[A-Za-z][A-Za-z0-9_-]{0,39}"
NAME_FORM = "up to 40 letters, digits, _ and -, a letter first"


def read_analyses(given: Any) -> dict[str, str]:
    """Name → "module:Class" with options; ConfigError, a line per problem, with key and value."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"analyses: {show(given)} is not a mapping of names to analyses")
    found, problems = {}, []
    for name, value in given.items():
        try:
            found[_name(name)] = known_analysis(value)
        except ValueError as error:
            problems.append(f"analyses.{name}: {error}")
    lowered = [name.lower() for name in found]
    problems += [
        f"analyses.{name}: is given twice, and files may not tell capital letters from small ones"
        for place, name in enumerate(found)
        if name.lower() in lowered[:place]
    ]
    if problems:
        raise ConfigError("\n".join(problems))
    return found


def known_analysis(value: Any) -> str:
    """The "module:Class" of an analysis, by itself or by an entry point's name.

    Raises ValueError where it is none.
    """
    if isinstance(value, str):
        named = value if is_plugin(value) else by_entry_point(value, "analysis")
        if named:
            return normal_plugin(named)
    raise ValueError(f"{show(value)} is not {PLUGIN_FORM}, nor a name that a package gives one")


def _name(name: Any) -> str:
    if not isinstance(name, str) or re.fullmatch(NAME, name, re.ASCII) is None:
        raise ValueError(f"the name is not {NAME_FORM}")
    return name
