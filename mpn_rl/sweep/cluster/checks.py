"""What is wrong with a profile, or with what it would submit. Pure: nothing is asked or touched."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mpn_rl.sweep.cluster.profile import Request

EXECUTOR = "htcondor-steady"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong ("error": jobs fail or wait for ever) or doubtful ("warning")."""

    level: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.level}: {self.where}: {self.what}"


def profile_findings(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Check the engine's settings as a profile for HTCondor makes them."""
    if settings.get("executor") != EXECUTOR:
        yield Finding("error", "executor", f"{settings.get('executor')!r} is not {EXECUTOR}")
    if not isinstance(settings.get("htcondor_steady_jobdir"), str):
        what = "missing; only the first invocation starts, as each needs a folder of its own"
        yield Finding("error", "htcondor-steady-jobdir", what)
    yield from engine_findings(settings)


def engine_findings(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Check what matters with every executor."""
    if settings.get("scheduler") != "greedy":
        yield Finding("warning", "scheduler", "not greedy; others may start a solver per job")
    if not settings.get("retries"):
        yield Finding(
            "warning",
            "retries",
            "none; a job that was cut off or ran out of memory ends there",
        )


def request_findings(first: Request, second: Request) -> Iterator[Finding]:
    """Check what a rule's first two attempts ask for: the second for more memory."""
    name = "htcondor_request_mem_mb" if "htcondor_request_mem_mb" in first.resources else "mem_mb"
    before, after = first.resources.get(name), second.resources.get(name)
    if isinstance(before, int) and isinstance(after, int) and after <= before:
        what = f"{name} does not grow with `attempt`; a job that ran out of memory fails again"
        yield Finding("warning", first.rule, what)


def description_findings(rule: str, description: Mapping[str, Any]) -> Iterator[Finding]:
    """Check a submit description: what is left to the pool."""
    said = f"{description.get('environment', '')} {description.get('getenv', '')}"
    passed = set(re.split(r"[\s,;='\"]+", said))
    if not passed & {"PATH", "True", "*"}:
        yield Finding("error", rule, "no PATH in the job's environment (getenv: \"'PATH,…'\")")
    if not passed & {"OMP_NUM_THREADS", "True", "*"}:
        what = "OMP_NUM_THREADS is left to the pool; libraries may take all cores"
        yield Finding("warning", rule, what)


def size_findings(request: Request, machines: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Check that some machine (TotalSlotCpus, TotalSlotMemory in MB, …) can hold a job."""
    memory = int(request.resources.get("htcondor_request_mem_mb", 0))
    gpus = int(request.resources.get("request_gpus", 0))
    sizes = ("TotalSlotCpus", "TotalSlotMemory", "TotalSlotGPUs")
    wanted = (request.threads, memory, gpus)
    if not any(
        all(int(machine.get(size, 0)) >= n for size, n in zip(sizes, wanted, strict=True))
        for machine in machines
    ):
        asked = f"{request.threads} cpus, {memory} MB" + (f", {gpus} GPUs" if gpus else "")
        yield Finding("error", request.rule, f"no machine of the pool has {asked}")


def merged(findings: Iterable[Finding], rules: Collection[str]) -> list[Finding]:
    """Sort, errors first; say once what holds for every one of several rules."""
    found = set(findings)
    for level, what in {(finding.level, finding.what) for finding in found}:
        each = {Finding(level, rule, what) for rule in rules}
        if len(each) > 1 and each <= found:
            found = (found - each) | {Finding(level, "every rule", what)}
    return sorted(found)
