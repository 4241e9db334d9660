"""Whatever bytes lie where a result should, a reader gives it back or says in one error why not.

Every `read_…` of every module in `artifacts` is tried, on what its own writer wrote (the table of
`test_golden`), with bytes changed, cut out, put in and repeated, and on bytes of no format at all.
"""

import importlib
import inspect
import pkgutil
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpn_rl import artifacts
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.metrics import MetricsFile, read_metrics
from mpn_rl.artifacts.training_state import read_state, write_state
from tests.unit.artifacts.test_golden import WRITERS
from tests.unit.artifacts.test_training_state import CONTENT

MOST_MEMORY = 2**26
# What reads for all formats, tried through them.
SHARED = {"archives", "arrays", "files", "json_files", "streamed", "tables", "tensors"}
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def readers(module: str) -> list[Callable[[Path], Any]]:
    """The functions of a module in `artifacts` that read a file."""
    found = importlib.import_module(f"mpn_rl.artifacts.{module}")
    own = (f for name, f in vars(found).items() if name.startswith("read_") and callable(f))
    return [f for f in own if inspect.getmodule(f) is found]


READERS = {
    f"{name} {reader.__name__}": (write, reader)
    for name, (write, module) in WRITERS.items()
    for reader in readers(module)
}


@cache
def whole(name: str) -> bytes:
    """What a writer writes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        if name == "state":
            write_state(path, CONTENT, {"seed": 0})
        else:
            READERS[name][0](path)
        return path.read_bytes()


@contextmanager
def little_memory() -> Iterator[None]:
    """No more than `MOST_MEMORY` is taken in the block."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def edited(data: bytes) -> st.SearchStrategy[bytes]:
    """`data` with some stretches replaced."""
    places = st.integers(0, len(data))
    junk = st.binary(max_size=12) | st.sampled_from(
        [b"\xff" * 8, b"\0" * 8, b"[" * 5000, b"9" * 5000, b"1e999", b"nan", b",", b'"', b"\n"]
    )
    edit = st.tuples(places, st.integers(0, 16), junk)

    def change(edits: list[tuple[int, int, bytes]]) -> bytes:
        found = data
        for place, length, new in edits:
            found = found[:place] + new + found[place + length :]
        return found

    return st.lists(edit, min_size=1, max_size=4).map(change)


def refuses_or_reads(read: Callable[[Path], Any], path: Path) -> None:
    """Read, with little memory; an error is one printable line that begins with the file's name."""
    refused = None
    with little_memory():
        try:
            read(path)
        except ArtifactError as error:
            refused = str(error)
    if refused is not None:
        assert refused.startswith(f"{path}: ")
        assert len(refused) < 2100
        assert refused.isprintable()


@pytest.mark.parametrize("name", READERS)
@FEW
@given(data=st.data())
def test_changed_bytes_are_read_or_refused(name: str, tmp_path: Path, data: Any) -> None:
    path = tmp_path / "file"
    path.write_bytes(data.draw(edited(whole(name)) | st.binary(max_size=200)))
    refuses_or_reads(READERS[name][1], path)


@FEW
@given(data=st.data())
def test_a_changed_state_is_read_or_set_aside(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "seed_0.state"
    path.write_bytes(data.draw(edited(whole("state"))))
    with little_memory():
        found, messages = read_state(path, {"seed": 0})
    assert found is not None or messages
    for left in tmp_path.iterdir():
        left.unlink()


@FEW
@given(data=st.data())
def test_changed_metrics_are_read_and_go_on(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "metrics.jsonl"
    path.unlink(missing_ok=True)
    written = MetricsFile(path)
    for step in range(3):
        written.add({"seed": 0, "status": "begun", "step": step})
    path.write_bytes(data.draw(edited(path.read_bytes()) | st.binary(max_size=200)))
    with little_memory():
        read_metrics(path)
        MetricsFile(path).add({"seed": 0, "status": "begun", "step": 0})
        assert all(event["step"] >= 0 for event in read_metrics(path))


def test_every_module_that_reads_is_tried() -> None:
    modules = {module.name for module in pkgutil.iter_modules(artifacts.__path__)}
    reading = {module for module in modules if readers(module)} - {"training_state", "metrics"}
    assert reading - SHARED == {module for _, module in WRITERS.values()}
