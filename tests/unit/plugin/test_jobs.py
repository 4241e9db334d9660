"""What makes jobs equal, and how a request to stop reaches one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from snakemake_executor_plugin_htcondor_steady import forward
from snakemake_executor_plugin_htcondor_steady.identity import describe, identify
from tests.fixtures.htcondor_fakes import make_job


def test_equal_work_has_equal_identity(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("a")
    first = identify(make_job(inputs=(str(source),), code="x", eta=0.1))
    assert identify(make_job(inputs=(str(source),), eta=0.1, code="x")) == first


@pytest.mark.parametrize("changed", ["param", "swapped", "input", "output"])
def test_other_work_has_another_key(changed: str, tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("a")
    first = identify(make_job(inputs=(str(source),), a=1, b=2))
    params = {"param": {"a": 1, "b": 3}, "swapped": {"a": 2, "b": 1}}.get(changed, {"a": 1, "b": 2})
    if changed == "input":
        os.utime(source, ns=(0, 0))
    output = "other.txt" if changed == "output" else "out.txt"
    second = identify(make_job(output, inputs=(str(source),), **params))
    assert second.key != first.key
    assert (second.outputs != first.outputs) == (changed == "output")


def test_description_holds_no_quotes() -> None:
    assert describe(make_job()) == "train run=a block=0-1"


TREE = """
import pathlib, signal, subprocess, sys, threading
leaf = '''
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(pathlib.Path("asked").touch()))
pathlib.Path("ready").touch()
time.sleep(60)
sys.exit(3)
'''
thread = threading.Thread(target=lambda: subprocess.run([sys.executable, "-c", leaf]))
thread.start()
thread.join()
sys.exit(5)
"""


def test_sigterm_reaches_the_ends_of_the_tree(tmp_path: Path) -> None:
    """Also those that a thread started, and leaves the processes between alone."""
    with subprocess.Popen([sys.executable, forward.__file__, "-c", TREE], cwd=tmp_path) as process:
        end = time.monotonic() + 30
        while not (tmp_path / "ready").exists() and time.monotonic() < end:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(timeout=30) == 5
    assert (tmp_path / "asked").exists()


def test_death_by_signal_is_an_exit_code() -> None:
    suicide = "import os; os.kill(os.getpid(), 9)"
    result = subprocess.run([sys.executable, forward.__file__, "-c", suicide], check=False)
    assert result.returncode == 137
