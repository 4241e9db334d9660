"""SIGTERM and Ctrl-C end a process whatever it is doing, and leave nothing half done."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = """
import os, signal, sys, time
from pathlib import Path
from mpn_rl import interruption
from mpn_rl.artifacts.files import atomic_path
from mpn_rl.interruption import asked, check, done, obeyed, put_off, unhurried

def ready(): print("ready", flush=True)
def wait(seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end: time.sleep(0.01)
"""
SAVES = """
with obeyed("go on"):
    try:
        with put_off():
            ready()
            while not asked(): time.sleep(0.01)
            Path("saved").touch()
            check()
    finally:
        Path("left").touch()
"""
WRITES = """
with obeyed("go on"), atomic_path("file.txt") as temporary:
    temporary.write_text("half of it")
    ready()
    wait()
"""
SWALLOWS = """
interruption.GRACE_SECONDS = 0.2
with obeyed("go on"):
    ready()
    while True:
        try: wait()
        except BaseException: pass
"""
RAISES_NOTHING = """
import ctypes
called = ctypes.CFUNCTYPE(None)
with obeyed("go on"):
    @called
    def callback():
        ready()
        wait()
    callback()
    check()
"""
FAILS_LATER = """
from mpn_rl.logs import stage_log
with obeyed("go on"), stage_log("log.txt", "stage"):
    ready()
    try: wait()
    except BaseException: pass
    raise AttributeError("half imported")
"""
NEVER_LOOKS = """
interruption.GRACE_SECONDS = 0.2
with obeyed("go on"), put_off():
    ready()
    wait()
"""
SAVES_SLOWLY = """
interruption.GRACE_SECONDS = 0.2
with obeyed("go on"), put_off():
    with unhurried():
        ready()
        wait(1.0)
        Path("saved").touch()
"""
FORKS = """
import multiprocessing
interruption.GRACE_SECONDS = 0.2
context = multiprocessing.get_context("fork")
begun = context.Event()
def work():
    begun.set()
    wait()
with obeyed("go on"):
    child = context.Process(target=work, daemon=True)
    child.start()
    begun.wait()
    os.kill(child.pid, signal.SIGTERM)
    child.join()
    assert child.exitcode == -signal.SIGTERM
    time.sleep(0.5)
    ready()
    wait()
"""

IMPORTS_TORCH = """
def wait_and_tell():
    try:
        ready()
        wait()
    finally:
        Path("raised").touch()
with obeyed("go on"):
    exec("wait_and_tell()", {"__name__": "torch.autograd", "wait_and_tell": wait_and_tell})
"""


def end(script: str, folder: Path, number: int, times: int = 1) -> tuple[int, str]:
    """Exit code and standard error of a script that is sent a signal when it is ready."""
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + script],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        if times == 2:
            process.stdout.readline()
            process.send_signal(number)
        _, said = process.communicate(timeout=120)
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("script", "files"),
    [
        (SAVES, ["left", "saved"]),
        (WRITES, []),
        (SWALLOWS, []),
        (NEVER_LOOKS, []),
        (SAVES_SLOWLY, ["saved"]),
        (FORKS, []),
        (RAISES_NOTHING, []),
        (IMPORTS_TORCH, []),
    ],
)
def test_a_request_is_obeyed(script: str, files: list[str], number: int, tmp_path: Path) -> None:
    code, said = end(script, tmp_path, number)
    name = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "Ctrl-C"}[signal.Signals(number)]
    assert (code, said) == (128 + number, f"mpn-rl: stopped by {name}; go on\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == files


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    script = """
with obeyed("go on"), put_off():
    ready()
    while not asked(): time.sleep(0.01)
    with unhurried():
        print("saving", flush=True)
        wait()
"""
    assert end(script, tmp_path, signal.SIGINT, times=2) == (
        130,
        "mpn-rl: stopped by Ctrl-C; go on\n",
    )


def test_other_ends_stay_as_they_are(tmp_path: Path) -> None:
    for error, code in (("SystemExit(3)", 3), ("ValueError", 1)):
        script = f"{BEGIN}\nwith obeyed(): raise {error}"
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True)
        assert done.returncode == code


def test_what_fails_after_a_request_was_stopped(tmp_path: Path) -> None:
    said = "stage: stopped\nmpn-rl: stopped by SIGTERM; go on\n"
    assert end(FAILS_LATER, tmp_path, signal.SIGTERM) == (143, said)
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


def test_what_is_done_is_not_undone_at_the_interpreters_end(tmp_path: Path) -> None:
    script = "with obeyed(): pass\ndone()\nready()\nwait(0.5)\nPath('ended').touch()"
    assert end(script, tmp_path, signal.SIGTERM) == (0, "")
    assert (tmp_path / "ended").exists()


def test_leaving_sees_to_what_waits(tmp_path: Path) -> None:
    script = (
        f"{BEGIN}\nimport atexit\nfrom mpn_rl.interruption import leave\n"
        "atexit.register(Path('called').touch)\n"
        "with obeyed(): print('said', end='')\nleave()\nPath('further').touch()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"said")
    assert (tmp_path / "called").exists()
    assert not (tmp_path / "further").exists()
