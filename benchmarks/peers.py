"""Peers in an environment of their own, so that what they need is no requirement of ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGES = ("torch==2.13.0", "stable-baselines3==2.9.2", "sb3-contrib==2.9.2")
FOLDER = Path(".cache/bench-peers")
INSTALL_SECONDS, RUN_SECONDS = 1200, 300


class PeerError(Exception):
    """A peer could not be installed or run; the message says why."""


def python() -> Path:
    """The peers' Python, installed if need be. Raises PeerError if that cannot be done."""
    interpreter, done = FOLDER / "bin" / "python", FOLDER / "installed"
    wanted = " ".join(PACKAGES)
    if not done.is_file() or done.read_text() != wanted:
        _run([sys.executable, "-m", "venv", str(FOLDER)], INSTALL_SECONDS)
        _run([str(interpreter), "-m", "pip", "install", "-q", *PACKAGES], INSTALL_SECONDS)
        done.write_text(wanted)
    return interpreter


def rates(name: str, steps: int) -> dict[str, Any]:
    """What `peer_rates` prints for a peer over so many environment steps."""
    script = Path(__file__).with_name("peer_rates.py")
    printed = _run([str(python()), str(script), name, str(steps)], RUN_SECONDS)
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def _run(command: list[str], seconds: int) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerError(f"{Path(command[0]).name}: {error}") from None
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise PeerError(f"{' '.join(command[:4])} …: {last}")
    return done.stdout
