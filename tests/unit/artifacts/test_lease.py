"""One writer at a time: waiting, finding, taking over."""

import json
import logging
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.sweep.ledger import lease as module
from mpn_rl.sweep.ledger.lease import NAME, lease

SPAWN = multiprocessing.get_context("spawn")
SECONDS = 60


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(module, "LAPSE_SECONDS", 0.5)
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.05)


def foreign(folder: Path, **changes: object) -> Path:
    """A lease of another host, which nobody keeps beating."""
    folder.mkdir(parents=True, exist_ok=True)
    holder = {"token": "t", "host": "elsewhere", "pid": 7, "since": "noon", "beats": 3}
    path = folder / NAME
    path.write_text(json.dumps({**holder, **changes}))
    return path


def hold_forever(folder: str, ready: "multiprocessing.Queue[int]") -> None:
    with lease(Path(folder)):
        ready.put(os.getpid())
        time.sleep(SECONDS)


def add_one(folder: str, count: int) -> None:
    """Read, wait and write: without a lease, concurrent additions would be lost."""
    for _ in range(count):
        with lease(Path(folder)):
            path = Path(folder) / "sum"
            value = int(path.read_text()) if path.exists() else 0
            time.sleep(0.002)
            path.write_text(str(value + 1))


def test_a_lease_is_given_back(tmp_path: Path) -> None:
    with lease(tmp_path / "work"):
        assert (tmp_path / "work" / NAME).exists()
    assert list((tmp_path / "work").iterdir()) == []


def test_processes_take_turns(tmp_path: Path) -> None:
    workers = [SPAWN.Process(target=add_one, args=(str(tmp_path), 20)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(SECONDS)
        assert worker.exitcode == 0
    assert (tmp_path / "sum").read_text() == "80"


def test_a_waiter_says_for_whom(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    foreign(tmp_path)
    with caplog.at_level(logging.INFO), lease(tmp_path):
        pass
    assert "waiting for process 7 on elsewhere (since noon)" in caplog.text
    assert "taking over from process 7 on elsewhere" in caplog.text


def test_a_beating_lease_never_lapses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAPSE_SECONDS", 1.5)  # a beat may come late on a busy machine
    path = foreign(tmp_path)
    beating = threading.Event()

    def beat() -> None:
        for beats in range(25):
            foreign(tmp_path, beats=beats)
            time.sleep(0.1)
        path.unlink()
        beating.set()

    thread = threading.Thread(target=beat)
    thread.start()
    with lease(tmp_path):
        assert beating.is_set()
    thread.join()


def test_a_killed_holder_is_followed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAPSE_SECONDS", 1e9)
    ready = SPAWN.Queue()
    holder = SPAWN.Process(target=hold_forever, args=(str(tmp_path), ready))
    holder.start()
    pid = ready.get(timeout=SECONDS)
    os.kill(pid, signal.SIGKILL)
    holder.join(SECONDS)
    with lease(tmp_path):
        pass


def test_a_pid_of_another_namespace_says_nothing(tmp_path: Path) -> None:
    gone = SPAWN.Process(target=int)
    gone.start()
    gone.join(SECONDS)
    holder = json.loads(foreign(tmp_path, pid=gone.pid, namespace="another").read_text())
    assert not module._is_dead(holder)
    assert module._is_dead({**holder, "namespace": module._process_namespace()})


def test_who_lost_the_lease_must_not_write(tmp_path: Path) -> None:
    with lease(tmp_path) as held:
        held.check()
        foreign(tmp_path)
        with pytest.raises(ArtifactError, match="held by process 7 on elsewhere"):
            held.check()
    assert json.loads((tmp_path / NAME).read_text())["token"] == "t", "the other's lease stays"


def test_a_damaged_lease_lapses_too(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{")
    with lease(tmp_path) as held:
        held.check()


def test_a_waiter_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAPSE_SECONDS", 1e9)
    foreign(tmp_path)
    with pytest.raises(InterruptedError), lease(tmp_path, stop=lambda: True):
        pytest.fail("got a lease that another holds")
