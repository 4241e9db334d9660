"""Records, configs and listings that anybody may have written: one sentence, never a traceback."""

import copy
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpn_rl.errors import UserError
from mpn_rl.sweep.cli.experiments import load
from mpn_rl.sweep.cli.main import main
from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.ledger.aliases import read_aliases
from mpn_rl.sweep.ledger.audit import audit
from mpn_rl.sweep.ledger.decisions import Decisions
from mpn_rl.sweep.ledger.durations import measured
from mpn_rl.sweep.ledger.engine import Metadata
from mpn_rl.sweep.ledger.explanation import explain
from mpn_rl.sweep.ledger.pruning import prunable
from mpn_rl.sweep.ledger.records import verify_inputs
from mpn_rl.sweep.results.beginning import is_finished
from tests.fixtures.results import DATA, Results

DOCUMENTS = ("records/train.json", "records/evaluate.json", "config.json", "listing")
JUNK: list[Any] = [
    None,
    True,
    5,
    -1,
    10**30,
    1e300,
    float("nan"),
    "",
    "x" * 5000,
    "\x1b[2J\x1b]0;owned\x07",
    "a\nb",
    "\ud800",
    "a\0b",
    "../../../etc/passwd",
    "/etc/passwd",
    "2026-11-29T00:00:00.000Z",
    [],
    ["x", 1],
    {},
    {"\x1b[2J": {"a": []}},
    [[[[[[[[1]]]]]]]],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = Results(tmp_path_factory.mktemp("hostile") / "results", read_sweep(DATA))
    for run in made.sweep.runs:
        made.make(run, "0-0")
    return made


def home_in(results: Results) -> Path:
    return results.root / "runs" / next(iter(results.sweep.runs)) / "seeds_0-0"


def document(results: Results, name: str) -> Path:
    if name == "listing":
        return min((results.root / "records" / "code").iterdir())
    return home_in(results) / name


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a document something may be put."""
    yield above
    listed = range(len(value)) if isinstance(value, list) else ()
    for key in value if isinstance(value, dict) else listed:
        yield from places(value[key], (*above, key))


def with_junk(content: Any, place: tuple[Any, ...], junk: Any, as_name: bool) -> Any:
    if not place:
        return junk
    changed = copy.deepcopy(content)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    if as_name and isinstance(junk, str) and isinstance(inner, dict):
        inner[junk] = inner.pop(place[-1])
    else:
        inner[place[-1]] = junk
    return changed


def look_at(results: Results) -> list[str]:
    """What every part says that reads the documents; only errors for users may be raised."""
    home, said = home_in(results), []

    def tried(look: Any, *given: Any) -> None:
        try:
            found = look(*given)
        except UserError as error:
            said.append(str(error))
        else:
            said.extend(found if isinstance(found, list) else [])

    def audited() -> list[str]:
        found = audit(results.root)
        return [*map(str, found.findings), *found.notes]

    def explained(name: str, sweep: Any) -> list[str]:
        found = explain(home / name, sweep)
        return str(found).split("\n  ")

    tried(audited)
    for name in ("evaluation.csv", "config.json", "checkpoints/final_model.pt"):
        tried(explained, name, results.sweep)
    tried(explained, "evaluation.csv", None)
    tried(prunable, results.root, [results.sweep])
    tried(measured, [home])
    tried(verify_inputs, [home / "evaluation.csv", home / "config.json"])
    tried(load, home)
    tried(is_finished, home)
    engine = Metadata(results.root)
    decisions = Decisions(results.root, results.sweep, engine, read_aliases(results.root))
    tried(lambda: list(decisions.stale_by_record()))
    return said


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_document_with_anything_anywhere(folder: Results, data: Any) -> None:
    path = document(folder, data.draw(st.sampled_from(DOCUMENTS)))
    before = path.read_bytes()
    content = json.loads(before)
    place = data.draw(st.sampled_from([*places(content)]))
    changed = with_junk(content, place, data.draw(st.sampled_from(JUNK)), data.draw(st.booleans()))
    try:
        path.write_text(json.dumps(changed))
        said = look_at(folder)
    finally:
        path.write_bytes(before)
    assert all(line.isprintable() for line in said)


@pytest.mark.parametrize("junk", [junk for junk in JUNK if isinstance(junk, str)], ids=ascii)
@pytest.mark.parametrize("part", ["inputs", "outputs"])
def test_a_record_with_any_name_of_a_file(folder: Results, part: str, junk: str) -> None:
    path = document(folder, "records/evaluate.json")
    before = path.read_bytes()
    content = json.loads(before)
    name = next(iter(content[part]))
    try:
        path.write_text(json.dumps(with_junk(content, (part, name), junk, as_name=True)))
        said = look_at(folder)
    finally:
        path.write_bytes(before)
    assert all(line.isprintable() for line in said)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("what", ["a pipe", "a folder", "deep", "much", "a link to itself"])
def test_a_document_that_is_none(folder: Results, name: str, what: str) -> None:
    path = document(folder, name)
    before = path.read_bytes()
    path.unlink()
    try:
        if what == "a pipe":
            os.mkfifo(path)
        elif what == "a folder":
            path.mkdir()
        elif what == "a link to itself":
            path.symlink_to(path)
        else:
            path.write_text("[" * 200_000 if what == "deep" else "9" * 5000)
        assert look_at(folder)
    finally:
        with suppress(IsADirectoryError, PermissionError):
            path.unlink()
        if path.is_dir():
            path.rmdir()
        path.write_bytes(before)


def test_what_commands_print_does_nothing_to_a_terminal(
    folder: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    path = document(folder, "records/evaluate.json")
    before = path.read_bytes()
    record = {**json.loads(before), "host": "\x1b[2J", "processor": "\x1b[2J\ud800"}
    try:
        for text in ("\x1b[2J\x1b]0;owned\x07", "2026\nresults/x is up to date:"):
            path.write_text(json.dumps({**record, "finished": text, "versions": {text: text}}))
            for command in (["audit", str(folder.root)], ["explain", str(path.parents[1])]):
                with pytest.raises(SystemExit):
                    main(command)
        path.write_text(json.dumps({**record, "params": {"num_episodes": "\x1b[2J"}}))
        with pytest.raises(SystemExit):
            main(["audit", str(folder.root)])
    finally:
        path.write_bytes(before)
    said = capsys.readouterr()
    assert all(line.isprintable() for line in (said.out + said.err).split("\n"))
