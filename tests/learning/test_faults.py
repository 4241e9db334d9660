"""Disks that fill up, refuse or fail, at every write of every stage."""

import errno
import json
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mpn_rl.artifacts import files
from mpn_rl.logs import stage_log
from mpn_rl.sweep.layout import RULES
from mpn_rl.sweep.ledger import lease
from mpn_rl.sweep.ledger.audit import audit
from tests.fixtures.once import made_once
from tests.learning.dag import Pipeline

KINDS = {
    "disk_full": "No space left",
    "denied": "Permission denied",
    "rename_fails": "Input/output error",
    "sync_fails": "Input/output error",
    "read_only": "Read-only file system",
}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The undisturbed pipeline; not to be changed."""
    return Pipeline.of(made_once(tmp_path_factory, "whole", lambda to: Pipeline.of(to).run()))


@pytest.fixture(autouse=True)
def quiet_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that could not be given back lapses soon."""
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(lease, "LAPSE_SECONDS", 0.3)
    monkeypatch.setattr(lease, "POLL_SECONDS", 0.02)


def before(rule: str, whole: Pipeline, results: Path) -> tuple[Pipeline, Callable[[], Any], int]:
    """A copy from before `rule` ran, the call that runs it, and how many files this writes."""
    pipeline = Pipeline(results, whole.sweep)
    shutil.copytree(whole.results, results, dirs_exist_ok=True)
    name = {"render": "render_0_0", "measure": "measure_course"}.get(rule, rule)
    of = "." if rule == "summarise" else "runs/*/*"
    [path] = results.glob(f"{of}/records/{name}.json")
    outputs = list(json.loads(path.read_text())["outputs"])
    for name in outputs:
        (path.parents[1] / name).unlink()
    path.unlink()
    shutil.rmtree(results / "records" / "code")
    forget_work(rule, results)
    return pipeline, dict(pipeline.steps())[rule], len(outputs) + 2


def forget_work(rule: str, results: Path) -> None:
    """Let training begin anew."""
    if rule == "train":
        shutil.rmtree(results / ".work", ignore_errors=True)
        for path in results.glob("logs/train/*.metrics.jsonl"):  # training does without them
            path.unlink()


class Fault:
    """Fails the n-th time that results are written, in one of several ways, and counts."""

    def __init__(self, kind: str, at: int) -> None:
        self.kind, self.at, self.seen, self.struck = kind, at, 0, False

    def _strikes(self) -> bool:
        self.seen += 1
        self.struck |= self.seen == self.at + 1
        return self.seen == self.at + 1

    @contextmanager
    def injected(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            getattr(self, f"_{self.kind}")(patch)
            yield

    def _disk_full(self, patch: pytest.MonkeyPatch) -> None:
        real = Path.write_bytes

        def write_bytes(path: Path, data: bytes) -> int:
            if self._strikes():
                real(path, data[: len(data) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            return real(path, data)

        patch.setattr(Path, "write_bytes", write_bytes)

    def _denied(self, patch: pytest.MonkeyPatch) -> None:
        real = os.open

        def opened(path: Any, flags: int, *rest: Any, **more: Any) -> int:
            if flags & os.O_CREAT and self._strikes():
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, flags, *rest, **more)

        patch.setattr(files.os, "open", opened)

    def _rename_fails(self, patch: pytest.MonkeyPatch) -> None:
        real = Path.replace

        def replace(path: Path, target: Any) -> Path:
            if self._strikes():
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
            return real(path, target)

        patch.setattr(Path, "replace", replace)

    def _sync_fails(self, patch: pytest.MonkeyPatch) -> None:
        real = os.fsync

        def fsync(descriptor: int) -> None:
            if self._strikes():
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            real(descriptor)

        patch.setattr(files.os, "fsync", fsync)

    def _read_only(self, patch: pytest.MonkeyPatch) -> None:
        """From the n-th write on, everything is refused, folders and links too."""

        def refusing(real: Callable[..., Any], counts: bool) -> Callable[..., Any]:
            def call(*arguments: Any, **more: Any) -> Any:
                if self.struck or (counts and self._strikes()):
                    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(arguments[0]))
                return real(*arguments, **more)

            return call

        for name in ("write_bytes", "write_text", "replace"):
            patch.setattr(Path, name, refusing(getattr(Path, name), True))
        for name in ("hardlink_to", "unlink", "rename", "mkdir"):
            patch.setattr(Path, name, refusing(getattr(Path, name), False))


def attempt(
    call: Callable[[], Any], folder: Path, capsys: pytest.CaptureFixture[str]
) -> str | None:
    """None if the stage succeeds, else the one line that it says: no traceback, exit code 1."""
    log = folder / "stage.log"
    capsys.readouterr()
    code = None
    try:
        with stage_log(log, "stage"):
            call()
    except SystemExit as ended:
        code = ended.code
    if code is None:
        return None
    assert code == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said + log.read_text()
    [error] = [line for line in log.read_text().splitlines() if " ERROR " in line]
    assert error.partition(" ERROR ")[2] in said
    return error


# Every rule writes by the same functions: `make test` tries every kind of fault on one rule that is
# quick, and one kind on each that draws nothing.
DRAWINGS = ("plot", "plot_plasticity", "plot_memory", "render", "measure", "summarise")


def is_quick(kind: str, rule: str) -> bool:
    return rule == "evaluate" or (kind == "disk_full" and rule not in DRAWINGS)


TRIALS = [
    pytest.param(kind, rule, marks=[] if is_quick(kind, rule) else pytest.mark.slow)
    for rule in RULES
    if rule != "baselines"
    for kind in KINDS
]


@pytest.mark.parametrize(("kind", "rule"), TRIALS)
def test_a_write_that_fails_leaves_nothing_false(
    kind: str, rule: str, whole: Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One write after the other fails, each in a run of its own, until a run is not hit."""
    wanted = whole.artifacts()
    pipeline, call, writes = before(rule, whole, tmp_path / "results")
    for at in range(100):
        forget_work(rule, pipeline.results)
        fault = Fault(kind, at)
        with fault.injected():
            said = attempt(call, tmp_path, capsys)
        assert fault.struck == (said is not None)
        if said is None:
            break
        assert re.search(KINDS[kind], said)
        assert str(tmp_path) in said, "the message names the path"
        made = pipeline.artifacts()
        assert [name for name in made if made[name] != wanted.get(name) and not draft(name)] == []
        if kind != "read_only":
            assert pipeline.strays() == []
    assert at >= writes - 1, "every write was tried"
    assert pipeline.artifacts() == wanted
    assert pipeline.strays() == []
    assert audit(pipeline.results).findings == ()


def draft(name: str) -> bool:
    return Path(name).name.startswith(".")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize("rule", ["train", "collect"])
def test_a_disk_that_is_really_full_or_read_only(
    rule: str, whole: Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", results]).returncode:
        pytest.skip("this container may not mount")
    try:
        pipeline, call, _ = before(rule, whole, results)
        filler = results / "filler"
        fill(filler)
        assert "No space left" in (attempt(call, tmp_path, capsys) or "")
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,ro", results], check=True)
        assert "Read-only file system" in (attempt(call, tmp_path, capsys) or "")
        subprocess.run(["mount", "-o", "remount,rw", results], check=True)
        call()
        assert pipeline.artifacts() == whole.artifacts()
        assert pipeline.strays() == []
    finally:
        subprocess.run(["umount", results], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full to the last byte."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with stage_log(tmp_path / "nowhere" / "stage.log", "stage"):
        logging.info("the work goes on")
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert "the work goes on" in said
