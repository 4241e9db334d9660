"""What a code digest stands for, kept once per digest so that a change can be named later.

A record gives one digest for all code of a stage. Beside the records, in
`records/code/{digest}.json` of the results or of an experiment of its own, lies what it is of:
{"format", "stage", "parts": {module: digest}, "functions": {module: {function: digest}}}, and
what `aliases` adds.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.artifacts.json_files import read_object
from mpn_rl.errors import UserError
from mpn_rl.parameters.foreign import sound_point
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import read_point
from mpn_rl.sweep.layout import BLOCK_PATH, RULES, file_in
from mpn_rl.sweep.ledger.code.digests import code_digest, digest_parts, functions_of_stage, named_by

FORMAT = 1


def code_stage(rule: str) -> str:
    """The stage whose code a rule runs."""
    return (RULES[rule].stage if rule in RULES else "") or rule


def analysis_of(params: Mapping[str, Any] | None) -> str:
    """The analysis of the user's own that a job with these params runs; "" for all others."""
    return str((params or {}).get("analysis", ""))


def keep_listing(directory: Path, rule: str, code: str, params: Mapping[str, Any]) -> None:
    """Write what `code` stands for, if that is not known yet and the code is still that."""
    path = _path(directory, code)
    if path.is_file():
        return
    point, stage = hyperparameters_in(directory) or of_task_setting(params), code_stage(rule)
    analysis = analysis_of(params)
    try:
        parts = digest_parts(stage, point, analysis)
        functions = functions_of_stage(stage, named_by(point, analysis))
    except (OSError, ValueError, SyntaxError, UserError):
        return  # edited or deleted meanwhile: no reason to lose results
    if code_digest(parts) != code:
        return
    listing = {"format": FORMAT, "stage": stage, "parts": parts, "functions": functions}
    write_listing(path, listing)


def read_listing(directory: Path, code: str) -> dict[str, Any] | None:
    """What `code` stood for when it ran, or None if that is not known (any more)."""
    listing = read_any(_path(directory, code))
    # one that was made to hold an alias alone says nothing of the code
    return listing if listing.get("format") == FORMAT and "parts" in listing else None


def read_any(path: Path) -> dict[str, Any]:
    """The content of a listing, empty where there is no sound one."""
    with suppress(ArtifactError):
        return read_object(path)
    return {}


def write_listing(path: Path, listing: Mapping[str, Any]) -> None:
    """Write a listing; ArtifactError where the system refuses."""
    atomic_write_text(path, json.dumps(listing, sort_keys=True) + "\n")


def hyperparameters_in(home: Path) -> Hyperparameters | None:
    """Those in config.json of an experiment directory; None where there are no sound ones.

    Names that this version does not know are left out.
    """
    try:
        content = read_object(file_in(home, "config"))["hyperparameters"]
        known = {name: value for name, value in content.items() if name in FIELDS}
        return sound_point(known)
    except (KeyError, TypeError, AttributeError, UserError):
        return None


def of_task_setting(params: Mapping[str, Any] | None) -> Hyperparameters | None:
    """The usual agent on the task setting that a record's params name, or None."""
    try:
        return read_point((params or {})["task_setting"])
    except (KeyError, TypeError, AttributeError, UserError):
        return None


def listings_of(directory: Path) -> Path:
    """The folder whose `records/code` lists digests: the results folder for a block of a sweep."""
    in_sweep = BLOCK_PATH.fullmatch("/".join([*directory.parts[-3:], "file"]))
    return directory.parents[2] if in_sweep else directory


def _path(directory: Path, code: str) -> Path:
    return listings_of(directory) / "records" / "code" / f"{code}.json"
