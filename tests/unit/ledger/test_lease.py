"""One writer at a time: waiting, finding, taking over."""

import errno
import logging
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.interruption import Stopped
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
    holder = {"pid": 7, "host": "elsewhere", "mode": "lease", "token": "t", "duration": 0.5}
    path = folder / NAME
    lines = [f"{name}={value}" for name, value in {**holder, **changes}.items()]
    path.write_text("\n".join(["filelock/2", *lines, ""]))
    return path


def aged(path: Path) -> None:
    """Let a lease that cannot be read be older than the two seconds that its maker is given."""
    os.utime(path, (time.time() - 10, time.time() - 10))


def hold_forever(folder: str, ready: "multiprocessing.Queue[int]") -> None:
    with lease(Path(folder)):
        ready.put(os.getpid())
        time.sleep(SECONDS)


def hold_shortly(folder: str, ready: "multiprocessing.Queue[object]") -> None:
    module.LAPSE_SECONDS, module.HEARTBEAT_SECONDS = 0.5, 0.05
    with lease(Path(folder)) as held:
        ready.put(os.getpid())
        try:
            while True:
                held.check()
                time.sleep(0.01)
        except ArtifactError as error:
            ready.put(str(error))


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
    assert f"waiting for process 7 on elsewhere, in {tmp_path}" in caplog.text


def test_a_beating_lease_never_lapses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAPSE_SECONDS", 1.5)  # a beat may come late on a busy machine
    path = foreign(tmp_path, duration=1.5)
    beating = threading.Event()

    def beat() -> None:
        for _ in range(25):
            path.touch()
            time.sleep(0.1)
        beating.set()
        path.unlink()

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


def test_a_silent_holder_is_followed_and_must_not_write(tmp_path: Path) -> None:
    ready = SPAWN.Queue()
    holder = SPAWN.Process(target=hold_shortly, args=(str(tmp_path), ready))
    holder.start()
    os.kill(pid := ready.get(timeout=SECONDS), signal.SIGSTOP)
    with lease(tmp_path) as held:
        os.kill(pid, signal.SIGCONT)
        assert "now held by process" in ready.get(timeout=SECONDS)
        holder.join(SECONDS)
        held.check()


def test_a_pid_of_another_host_says_nothing(tmp_path: Path) -> None:
    gone = SPAWN.Process(target=int)
    gone.start()
    gone.join(SECONDS)
    foreign(tmp_path, pid=gone.pid)
    began = time.monotonic()
    with lease(tmp_path):
        assert time.monotonic() - began >= 0.5


def test_who_lost_the_lease_must_not_write(tmp_path: Path) -> None:
    with lease(tmp_path) as held:
        held.check()
        (tmp_path / NAME).unlink()
        foreign(tmp_path)
        with pytest.raises(ArtifactError, match="held by process 7 on elsewhere"):
            held.check()
    assert "token=t\n" in (tmp_path / NAME).read_text(), "the other's lease stays"


@pytest.mark.parametrize("content", ["{", '{"token": "t", "host": "a", "pid": 7, "beats": 3}'])
def test_a_damaged_lease_and_one_of_the_first_version_are_followed(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / NAME).write_text(content)
    aged(tmp_path / NAME)
    with lease(tmp_path) as held:
        held.check()


@pytest.mark.parametrize("lost", [1, 3])
def test_an_answer_that_was_lost_is_not_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """The file was made, and "it exists" was said, as by NFS where the first reply was lost."""
    opened, left = os.open, [lost]

    def open_and_lose(path: str, flags: int, *rest: int) -> int:
        found = opened(path, flags, *rest)
        if flags & os.O_EXCL and left[0] and Path(path).name == NAME:
            left[0] -= 1
            os.close(found)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        return found

    monkeypatch.setattr(os, "open", open_and_lose)
    monkeypatch.setattr(module, "LAPSE_SECONDS", 1e9)
    with lease(tmp_path) as held:
        held.check()
    assert list(tmp_path.iterdir()) == []


def test_who_is_told_so_for_ever_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    opened = os.open

    def refuse(path: str, flags: int, *rest: int) -> int:
        if flags & os.O_EXCL:
            Path(path).touch()
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        return opened(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    with (
        pytest.raises(Stopped),
        lease(tmp_path, lambda: len(asked) > 3 or asked.append(1)),
    ):
        pytest.fail("got a lease that could not be made")


def test_no_hard_links_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "link", refuse)
    foreign(tmp_path)
    with lease(tmp_path) as held:
        held.check()


def test_a_waiter_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAPSE_SECONDS", 1e9)
    foreign(tmp_path, duration=1e9)
    with pytest.raises(Stopped), lease(tmp_path, stop=lambda: True):
        pytest.fail("got a lease that another holds")


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("a folder", "is no lease"),
        ("a link", "is no lease"),
        ("a pipe", "is no lease"),
        ("other times", "another version"),
    ],
)
def test_what_is_no_lease_is_named(tmp_path: Path, what: str, told: str) -> None:
    path = tmp_path / NAME
    if what == "a folder":
        path.mkdir()
    elif what == "a link":
        path.symlink_to(tmp_path / "elsewhere")
    elif what == "a pipe":
        os.mkfifo(path)
    else:
        foreign(tmp_path, duration=7.0)
    with pytest.raises(ArtifactError, match=told), lease(tmp_path):
        pytest.fail("got a lease that could not be had")


@pytest.mark.parametrize("pid", ["x", 2**70, -1, 0])
def test_a_lease_of_no_process_lapses(tmp_path: Path, pid: object) -> None:
    aged(foreign(tmp_path, pid=pid))
    with lease(tmp_path) as held:
        held.check()


def test_a_waiter_says_what_can_be_done_and_prints_nothing_that_harms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LAPSE_SECONDS", 1e9)
    monkeypatch.setattr(module, "TELL_SECONDS", 0.05)
    foreign(tmp_path, host="\x1b[2J", mode="exclusive")
    ends = iter([False] * 12)
    with (
        caplog.at_level(logging.INFO),
        pytest.raises(Stopped),
        lease(tmp_path, lambda: next(ends, True)),
    ):
        pytest.fail("got a lease that another holds")
    assert f"if it is dead, delete {tmp_path / NAME}" in caplog.text
    assert all(record.getMessage().isprintable() for record in caplog.records)


def test_a_lease_that_cannot_be_read_once_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lease(tmp_path) as held:
        opened, left = os.open, [2]

        def fail(path: str, flags: int, *rest: int) -> int:
            if Path(path).name == NAME and left[0]:
                left[0] -= 1
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            return opened(path, flags, *rest)

        monkeypatch.setattr(os, "open", fail)
        held.check()
