"""What results owe to where they were made: commit of the code, versions, type of processor."""

import json
import logging
import os
import platform
import re
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

COMMIT_FILE = "commit.json"
UNKNOWN = "unknown"  # the processor, in records of the first version
_PACKAGES = ("mpn-rl", "torch", "numpy", "gymnasium", "numba", "snakemake")
# What Linux calls the type on x86, on POWER and others, and on ARM, where it gives numbers alone.
_NAMES = ("model name", "cpu", "CPU part")


def here() -> dict[str, Any]:
    """What a record says of the place where its outputs are made."""
    found = {"versions": versions(), "commit": commit(), "processor": processor()}
    return {**found, "host": socket.gethostname()}


@cache
def commit() -> str | None:
    """The commit of the code, with `-dirty` if tracked files differ from it.

    None where the code is no checkout of its own, and where git cannot tell, which is logged. A
    copy that the driver of a sweep made is of the commit that its COMMIT_FILE names.
    """
    source = Path(__file__).resolve()
    root = source.parents[3]
    if (root / COMMIT_FILE).is_file():
        kept: str | None = json.loads((root / COMMIT_FILE).read_bytes())["commit"]
        return kept
    if not (root / ".git").exists():
        return None
    try:
        # Fails where this file is none of the repository's: installed into another one's folder.
        _git(root, "ls-files", "--error-unmatch", "--", str(source.relative_to(root)))
        commit = _git(root, "rev-parse", "--verify", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        log.info("the record names no commit: %s", said[0] if said else "git failed")
        return None
    return f"{commit}-dirty" if changed else commit


def _git(root: Path, *arguments: str) -> str:
    """What git says of the repository whose top is `root`, whoever owns it.

    Its place is named, so that git neither searches for another nor asks who owns this one (whose
    code runs here already); without the variables by which a git hook names its own repository.
    """
    place = [f"--git-dir={root / '.git'}", f"--work-tree={root}"]
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", *place, *arguments]
    variables = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        command, cwd=root, env=variables, capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()


def origins_of(record: Mapping[str, Any]) -> dict[str, str]:
    """Package, "python" or "processor" -> which of it made what the record is of."""
    found = {name: str(value) for name, value in (record.get("versions") or {}).items()}
    return {**found, "processor": str(record.get("processor") or UNKNOWN)}


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


@cache
def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The model and, in brackets, the instruction set: `AMD EPYC 7B13 (x86_64)`."""
    return f"{_model(cpuinfo) or platform.processor() or 'unknown'} ({platform.machine()})"


def _model(cpuinfo: Path) -> str:
    with suppress(OSError):  # another system
        text = cpuinfo.read_text("utf-8", errors="replace")
        for name in _NAMES:
            if found := re.search(rf"^{name}\s*:[ \t]*(\S.*)$", text, re.MULTILINE):
                return " ".join(found[1].split())
    return ""
