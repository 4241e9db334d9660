"""What is wrong with a profile, or with what it would submit. Pure: nothing is asked or touched."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mpn_rl.sweep.cluster.profile import Request

# Snakemake's own names, which the plugin does not pass on, and what it takes instead
DROPPED = {
    "mem_mb": "htcondor_request_mem_mb",
    "mem": "htcondor_request_mem_mb",
    "disk_mb": "htcondor_request_disk_mb",
    "disk": "htcondor_request_disk_mb",
    "runtime": "allowed_execute_duration (seconds)",
    "request_cpus": "set-threads",
}
# submit commands that take a bare word: the plugin quotes texts, and HTCondor refuses those
BARE_WORDS = {
    "should_transfer_files": "ShouldTransferFiles",
    "when_to_transfer_output": "WhenToTransferOutput",
    "kill_sig": "KillSig",
    "concurrency_limits": "ConcurrencyLimits",
    "accounting_group": "AccountingGroup",
}
EXECUTORS = ("htcondor", "htcondor-steady")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong ("error": jobs fail or wait for ever) or doubtful ("warning")."""

    level: str
    what: str


def profile_findings(profile: Mapping[str, Any], default: Mapping[str, Any]) -> Iterator[Finding]:
    """Check the keys of a profile; `default` are those of profiles/default, which beat it."""
    executor = profile.get("executor")
    if executor not in EXECUTORS:
        yield Finding("error", f"executor: {executor!r} sends nothing to HTCondor")
        return
    if executor == "htcondor":
        yield Finding(
            "warning",
            "executor: htcondor ends the sweep when the schedd is away for a moment, and submits "
            "a second time what a dead driver left running; htcondor-steady does not",
        )
    if f"{executor}-jobdir" not in profile:
        yield Finding(
            "error",
            f"{executor}-jobdir: missing; all invocations then share an event log, and a job may "
            "be taken for done that never ran",
        )
    if not profile.get("jobs"):
        yield Finding("error", "jobs: missing; snakemake refuses to start without it")
    if default.get("scheduler", profile.get("scheduler")) != "greedy":
        yield Finding("warning", "scheduler: not greedy; the default one starts a solver per job")
    if not profile.get("retries"):
        yield Finding("warning", "retries: none; a job that is held for memory is not tried again")
    for key in sorted(set(default) & {"default-resources", "set-resources", "executor"}):
        yield Finding("error", f"{key}: stands in profiles/default too, and that one wins")
    if profile.get("groups") and any(
        isinstance(value, bool) for value in profile.get("default-resources", {}).values()
    ):
        yield Finding("error", "groups: numbers are added up in a group, and booleans with them")


def request_findings(request: Request) -> Iterator[Finding]:
    """Check what a rule asks for: what is dropped on the way, and what arrives as another type."""
    rule, resources = request.rule, request.resources
    for name in sorted(set(resources) & set(DROPPED)):
        yield Finding("error", f"{rule}: {name} does not reach HTCondor; {DROPPED[name]} would")
    for name, value in sorted(resources.items()):
        custom = name.startswith(("classad_", "htcondor_submit_"))
        if custom and isinstance(value, str) and value.strip("'\" ").lower() in ("true", "false"):
            yield Finding(
                "error",
                f"{rule}: {name} is the text {value!r}, which matches nothing; write {name}: "
                f"{value.strip(chr(39) + chr(34) + ' ').lower()} without quotes",
            )
        word = name.removeprefix("htcondor_submit_")
        if name.startswith("htcondor_submit_") and word in BARE_WORDS and isinstance(value, str):
            yield Finding(
                "error", f"{rule}: {name} is refused by HTCondor; say classad_{BARE_WORDS[word]}"
            )


def description_findings(rule: str, description: Mapping[str, Any]) -> Iterator[Finding]:
    """Check a submit description: what HTCondor would have to guess."""
    if "request_memory" not in description:
        yield Finding("error", f"{rule}: no request_memory; HTCondor guesses, and kills by it")
    if "request_disk" not in description:
        yield Finding("warning", f"{rule}: no request_disk; HTCondor guesses")
    if not _passes(description, "PATH"):
        yield Finding("error", f"{rule}: no PATH in the job's environment (getenv: \"'PATH,…'\")")
    environment = str(description.get("environment", ""))
    if "OMP_NUM_THREADS" not in environment and not _passes(description, "OMP_NUM_THREADS"):
        yield Finding(
            "warning", f"{rule}: OMP_NUM_THREADS is left to the pool; libraries may take all cores"
        )


def growth_findings(first: Request, second: Request) -> Iterator[Finding]:
    """Check that a second attempt asks for more memory than the first."""
    name = "htcondor_request_mem_mb"
    before, after = first.resources.get(name), second.resources.get(name)
    if isinstance(before, int) and isinstance(after, int) and after <= before:
        yield Finding(
            "warning",
            f"{first.rule}: {name} does not grow with `attempt`; a job held for memory is held "
            "again",
        )


def merged(findings: Iterable[Finding], rules: int) -> list[Finding]:
    """Sort, errors first; say once what holds for every one of `rules` rules."""
    distinct = sorted(set(findings))
    by_text: dict[tuple[str, str], list[str]] = {}
    for finding in distinct:
        rule, colon, text = finding.what.partition(": ")
        by_text.setdefault((finding.level, text if colon else finding.what), []).append(rule)
    merged_findings = []
    for (level, text), names in by_text.items():
        everyone = rules > 1 and len(names) == rules
        merged_findings += (
            [Finding(level, f"every rule: {text}")]
            if everyone
            else [
                finding
                for finding in distinct
                if finding.level == level
                and finding.what in (text, *(f"{name}: {text}" for name in names))
            ]
        )
    return sorted(set(merged_findings))


def _passes(description: Mapping[str, Any], name: str) -> bool:
    if f"{name}=" in str(description.get("environment", "")):
        return True
    copied = description.get("getenv", False)
    if isinstance(copied, bool):
        return copied
    words = [word.strip() for word in str(copied).strip("'\"").split(",")]
    return any(word.lower() == "true" or word in (name, "*") for word in words)
