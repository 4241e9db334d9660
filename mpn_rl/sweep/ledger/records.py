"""Records: the volatile facts of how outputs came to be, kept out of the outputs themselves.

A record lies in `records/` of the folder that its outputs belong to, and names files relative to
that folder: {"format", "stage", "run", "seeds", "code_digest", "params", "inputs", "outputs",
"versions", "commit", "host", "processor", "started", "finished", "wall_seconds", "cpu_seconds"},
the last of the process itself, without its children. Records of earlier versions name no processor.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text, remove_drafts, sha256
from mpn_rl.artifacts.json_files import read_object
from mpn_rl.sweep.layout import FILES
from mpn_rl.sweep.ledger.listing import keep_listing
from mpn_rl.sweep.ledger.origins import here
from mpn_rl.sweep.ledger.record_form import FORMAT, is_record

# Folders of an experiment directory, or of results/, that are no home of their own.
_INNER = {PurePosixPath(path).parent.name for path in FILES.values()} - {""}
_REMEDY = "delete it or run `mpn-rl audit --fix`, and then repeat the command"


@contextmanager
def recording(
    directory: Path,
    stage: str,
    *,
    run: str | None,
    code: str,
    params: Mapping[str, Any],
    inputs: Iterable[Path],
    outputs: Iterable[Path],
    seeds: Sequence[int] | None = None,
    name: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Check the inputs against their records, run the block, then write the record of `stage`.

    The record is `records/{name or stage}.json` in `directory`; none is written if the block
    fails. `seeds` None takes those of the inputs' records; `facts`, which the block may fill, is
    what the stage has to say beside its outputs. Raises ArtifactError as `verify_inputs` does.
    """
    began = _now(), time.perf_counter(), time.process_time()
    path, outputs = directory / "records" / f"{name or stage}.json", list(outputs)
    for output in (*outputs, path):
        remove_drafts(output)
    checked = verify_inputs(inputs)
    if seeds is None:
        seeds = sorted({seed for _, record in checked.values() for seed in record["seeds"]})
    yield
    record = {
        "format": FORMAT,
        "stage": stage,
        "run": run,
        "seeds": list(seeds),
        "code_digest": code,
        "params": dict(params),
        "inputs": {relative(path, directory): digest for path, (digest, _) in checked.items()},
        "outputs": {relative(path, directory): sha256(path) for path in outputs},
        **here(),
        **_taken(*began),
        **({"facts": dict(facts)} if facts else {}),
    }
    keep_listing(directory, stage, code, params)
    atomic_write_text(path, json.dumps(record, indent=2, sort_keys=True) + "\n")


def verify_inputs(paths: Iterable[Path]) -> dict[Path, tuple[str, dict[str, Any]]]:
    """Path -> (SHA-256, the record that lists it as an output), for each of `paths`.

    Raises ArtifactError where a file is missing, has no record, or is not what that says.
    """
    known: dict[Path, dict[str, dict[str, Any]]] = {}
    checked = {}
    for path in paths:
        name = relative(path, home := home_of(path))
        if home not in known:
            known[home] = {
                output: record for record in records_of(home) for output in record["outputs"]
            }
        if not path.is_file():
            raise ArtifactError(f"{path}: is missing")
        if (record := known[home].get(name)) is None:
            raise ArtifactError(f"{path}: no record says how it was made; {_REMEDY}")
        if (digest := sha256(path)) != record["outputs"][name]:
            raise ArtifactError(f"{path}: {altered(record, name, digest)}; {_REMEDY}")
        checked[path] = digest, record
    return checked


def holds(paths: Iterable[Path], **wanted: Any) -> bool:
    """Whether files are there, whole, and by their records of just what is wanted of these."""
    try:
        checked = verify_inputs(paths)
    except ArtifactError:
        return False
    return all(record.get(key) == wanted[key] for _, record in checked.values() for key in wanted)


def records_of(home: Path) -> list[dict[str, Any]]:
    """All records in a folder, the oldest first."""
    paths = sorted(path for path in (home / "records").glob("*.json") if path.name[0] != ".")
    found = [record for path in paths if (record := read_record(path)) is not None]
    return sorted(found, key=lambda record: record["finished"])


def read_record(path: Path) -> dict[str, Any] | None:
    """A record, or None if it has just been deleted; ArtifactError if it is damaged."""
    try:
        record = read_object(path)
    except ArtifactError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise ArtifactError(f"{error}; {_REMEDY}") from None
    if not is_record(record):
        raise ArtifactError(f"{path}: is not a record of format {FORMAT}; {_REMEDY}")
    return record


def altered(record: Mapping[str, Any], name: str, digest: str) -> str:
    """That an output, whose SHA-256 is `digest`, is not what its record says."""
    return (
        f"is not what stage {record['stage']} made at {record['finished']}: its SHA-256 begins "
        f"with {digest[:12]}, the record says {record['outputs'][name][:12]}; it was cut short or "
        "altered"
    )


def home_of(path: Path) -> Path:
    """The folder that a file belongs to: the nearest above it that has records, or could."""
    for folder in path.parents:
        if (folder / "records").is_dir():
            return folder
    parent = path.parent
    return parent.parent if parent.name in _INNER else parent


def relative(path: Path, home: Path) -> str:
    """A file's name as the records in `home` write it."""
    return Path(os.path.relpath(path, home)).as_posix()


def inside(home: Path, name: str) -> Path:
    """The file that a record in `home` calls `name`."""
    return Path(os.path.normpath(home / name))


def _taken(started: str, clock: float, busy: float) -> dict[str, str | float]:
    wall, cpu = time.perf_counter() - clock, time.process_time() - busy
    took = {"wall_seconds": round(wall, 3), "cpu_seconds": round(cpu, 3)}
    return {"started": started, "finished": _now(), **took}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
