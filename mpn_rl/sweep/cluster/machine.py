"""What this machine and its pool say: asked, never changed."""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mpn_rl.sweep.cluster.checks import Finding

SIZES = ["TotalSlotCpus", "TotalSlotMemory", "TotalSlotGPUs"]
# each machine of a pool has its own of these
OWN_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run")


def folder_findings(folders: Mapping[str, Path], python: Path) -> Iterator[Finding]:
    """Check that a job can get at what it needs; `folders`: what each is for -> where it is."""
    if not python.is_file() or not os.access(python, os.X_OK):
        yield Finding("error", f"Python: {python} cannot be started")
    for purpose, folder in {**folders, "Python": python.resolve()}.items():
        if any(folder.is_relative_to(own) for own in OWN_FOLDERS):
            yield Finding(
                "warning",
                f"{purpose}: {folder} is a folder that every machine has for itself; jobs on "
                "other machines do not see it",
            )
        closed = [part for part in [folder, *folder.parents] if not _open_to_others(part)]
        if closed:
            yield Finding(
                "warning",
                f"{purpose}: {closed[-1]} is closed to other users; fine where jobs run as you, "
                "not where they run as nobody",
            )
    for purpose, folder in folders.items():
        if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
            yield Finding("error", f"{purpose}: {folder} cannot be read")
    work = folders.get("working directory")
    if work is not None and work.is_dir() and not os.access(work, os.W_OK):
        yield Finding("error", f"working directory: {work} cannot be written to")


def pool_findings(descriptions: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Ask the schedd whether it is there, and the pool whether a machine is large enough."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without a pool the bindings warn, and it is said below
        import htcondor2
    if os.geteuid() == 0:
        yield Finding("error", "user: a schedd takes no jobs from root")
    try:
        htcondor2.Schedd().query(constraint="false", projection=["ClusterId"])
    except Exception as error:  # the bindings raise several kinds
        yield Finding("error", f"schedd: none can be reached from here ({error})")
        return
    try:
        machines = htcondor2.Collector().query(
            htcondor2.AdType.Startd,
            projection=["TotalSlotCpus", "TotalSlotMemory", "TotalSlotGPUs"],
        )
    except Exception as error:
        yield Finding("warning", f"collector: cannot be asked for machines ({error})")
        return
    yield from size_findings(descriptions, [dict(machine) for machine in machines])


def size_findings(
    descriptions: Mapping[str, Mapping[str, Any]], machines: list[dict[str, Any]]
) -> Iterator[Finding]:
    """Check that some machine (TotalSlotCpus, TotalSlotMemory in MB, …) can hold each job."""
    if not machines:
        yield Finding("error", "pool: has no machines now")
        return
    for rule, description in descriptions.items():
        cpus, memory = int(description["request_cpus"]), megabytes(description)
        gpus = int(description.get("request_gpus", 0))
        if not any(
            int(machine.get("TotalSlotCpus", 0)) >= cpus
            and int(machine.get("TotalSlotMemory", 0)) >= memory
            and int(machine.get("TotalSlotGPUs", 0)) >= gpus
            for machine in machines
        ):
            wanted = f"{cpus} cpus, {memory} MB" + (f", {gpus} GPUs" if gpus else "")
            yield Finding("error", f"{rule}: no machine of the pool has {wanted}")


def megabytes(description: Mapping[str, Any]) -> int:
    """Return the memory that a description asks for, 0 where it is no plain number."""
    text = str(description.get("request_memory", "0")).upper().removesuffix("B")
    factor = {"M": 1, "G": 1024, "T": 1024**2}.get(text[-1:], 1)
    number = text.rstrip("MGT")
    return int(number) * factor if number.isdigit() else 0


def this_python() -> Path:
    """The interpreter that jobs would be started with."""
    return Path(sys.executable)


def _open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o001) or not path.is_dir()
    except OSError:
        return False
