"""What this machine and its pool say: asked, never changed."""

import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mpn_rl.sweep.cluster.checks import Finding, size_findings
from mpn_rl.sweep.cluster.description import refusal
from mpn_rl.sweep.cluster.profile import Request

# each machine of a pool has its own of these
OWN_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run")


def folder_findings(
    folders: Mapping[str, Path], python: Path = Path(sys.executable)
) -> Iterator[Finding]:
    """Check that a job can get at what it needs; `folders`: what each is for -> where it is."""
    if not os.access(python, os.X_OK):
        yield Finding("error", "Python", f"{python} cannot be started")
    for purpose, folder in {**folders, "Python": python.resolve()}.items():
        if any(folder.is_relative_to(own) for own in OWN_FOLDERS):
            what = "is a folder that every machine has for itself; jobs on other machines do not"
            yield Finding("warning", purpose, f"{folder} {what} see it")
        closed = [part for part in [folder, *folder.parents] if not _open_to_others(part)]
        if closed:
            what = "is closed to other users; fine where jobs run as you, not where they run as"
            yield Finding("warning", purpose, f"{closed[-1]} {what} nobody")
    for purpose, folder in folders.items():
        if not os.access(folder, os.R_OK | os.X_OK):
            yield Finding("error", purpose, f"{folder} cannot be read")
        elif purpose == "working directory" and not os.access(folder, os.W_OK):
            yield Finding("error", purpose, f"{folder} cannot be written to")


def submission_findings(descriptions: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    """Try each rule's description on condor_submit."""
    if shutil.which("condor_submit") is None:
        yield Finding("warning", "condor_submit", "not here; descriptions were not tried on it")
        return
    for rule, description in descriptions.items():
        if (text := refusal(description)) is not None:
            yield Finding("error", rule, f"condor_submit: {text}")


def pool_findings(requests: list[Request]) -> Iterator[Finding]:
    """Ask the schedd whether it is there, and the pool whether a machine is large enough."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without a pool the bindings warn, and it is said below
        import htcondor2
    if os.geteuid() == 0:
        yield Finding("error", "user", "a schedd takes no jobs from root")
    try:
        htcondor2.Schedd().query(constraint="false", projection=["ClusterId"])
    except Exception as error:  # the bindings raise several kinds
        yield Finding("error", "schedd", f"none can be reached from here ({error})")
        return
    try:
        machines = htcondor2.Collector().query(htcondor2.AdType.Startd)
    except Exception as error:
        yield Finding("warning", "collector", f"cannot be asked for machines ({error})")
        return
    if not machines:
        yield Finding("error", "pool", "has no machines now")
        return
    for request in requests:
        yield from size_findings(request, machines)


def _open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o001) or not path.is_dir()
    except OSError:
        return False
