"""Settings that the blocks of one sweep must share, by their records."""

from collections.abc import Iterable, Mapping
from typing import Any

from mpn_rl.sweep.config.settings import LATER_SETTINGS
from mpn_rl.sweep.layout import RULES
from mpn_rl.sweep.plan import recorded_settings


def disagreement(records: Iterable[tuple[str, Mapping[str, Any]]]) -> str | None:
    """The first setting in which records of blocks differ, or None; `records`: (block, record)."""
    seen: dict[tuple[str, str], tuple[object, str]] = {}
    for name, record in records:
        rule = RULES.get(str(record["stage"]))
        if rule is None or rule.per not in ("block", "animation") or not rule.section:
            continue
        later = {name: LATER_SETTINGS[name] for name in rule.settings if name in LATER_SETTINGS}
        for key, value in {**later, **recorded_settings(record.get("params"))}.items():
            first, where = seen.setdefault((record["stage"], key), (value, name))
            if value != first:
                return (
                    f"{rule.section}.{key} was {first!r} for {where} and {value!r} for {name}, by "
                    f"their records of {record['stage']}: blocks of one sweep must share it"
                )
    return None
