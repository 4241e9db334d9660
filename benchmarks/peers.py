"""Peers in an environment of their own, so that what they need is no requirement of ours."""

import subprocess
import sys
import sysconfig
from pathlib import Path

from benchmarks.turns import ROOT, Worker

FOLDER, LOCK = ROOT / ".venv-peers", ROOT / "requirements-peers.lock"
PYTHON = FOLDER / "bin" / "python"
INSTALL_SECONDS = 600


def install() -> list[str]:
    """Install the peers on top of this environment, which stays as it is; what is missing, and why.

    They see it through a .pth file. Where all at once cannot be had, each is tried by itself.
    """
    done = FOLDER / ".installed"
    if done.is_file() and done.read_text() == LOCK.read_text():
        return []
    try:
        _run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(FOLDER))
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = Path(_run(str(PYTHON), "-c", where).strip())
        ours = sysconfig.get_path("purelib")
        (packages / "main.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    except RuntimeError as error:
        return [str(error)]
    refused = _refused(["-r", str(LOCK)])
    if refused:
        lines = [line for line in LOCK.read_text().splitlines() if not line.startswith("#")]
        refused = [why for line in lines for why in _refused([line])]
    if not refused:
        done.write_text(LOCK.read_text())
    return refused


def peer(target: str, *arguments: str) -> Worker:
    """A worker of the peers' Python."""
    return Worker(target, *arguments, python=PYTHON)


def _refused(what: list[str]) -> list[str]:
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--retries=1", "--no-deps"]
    try:
        _run(*pip, *what)
    except RuntimeError as error:
        return [f"{what[-1]}: {error}"]
    return []


def _run(*command: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(str(error)) from None
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "no message").splitlines()[-1])
    return done.stdout
