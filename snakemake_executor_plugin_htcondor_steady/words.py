"""What Snakemake's words mean to HTCondor, HTCondor's to us, and what the plugin quotes wrongly."""

import shlex
from collections.abc import Mapping
from typing import Any

# without any a job's environment is empty, even of PATH
GETENV = "PATH,HOME,USER,LANG,LC_*"
# commands that take bare words; the quotes that the plugin adds are refused, or shown
BARE_WORDS = (
    "should_transfer_files",
    "when_to_transfer_output",
    "kill_sig",
    "concurrency_limits",
    "accounting_group",
    "submit_event_notes",
)


def implied(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resources to add to a job's, for those of Snakemake's that the plugin drops.

    Memory and disk (MB) and runtime (minutes) count unless HTCondor's own say otherwise.
    """
    added: dict[str, Any] = {}
    for own, snakemake in (("memory", "mem_mb"), ("disk", "disk_mb")):
        name = f"htcondor_request_{snakemake}"
        if resources.get(f"request_{own}") is None and resources.get(name) is None:
            added[name] = resources.get(snakemake)
    if resources.get("allowed_execute_duration") is None and (runtime := resources.get("runtime")):
        added["allowed_execute_duration"] = 60 * int(runtime)
    if resources.get("getenv") is None:
        added["getenv"] = GETENV
    return {name: value for name, value in added.items() if value is not None}


def unquote(description: dict[str, Any]) -> None:
    """Put right what a submit description says as a text: booleans and bare words.

    A text "true" matches no machine that asks for the boolean.
    """
    for name, value in description.items():
        plain = value.strip("'\" ") if isinstance(value, str) else ""
        if plain.lower() in ("true", "false"):
            description[name] = plain.lower() == "true"
        elif name in BARE_WORDS:
            description[name] = plain


def in_quotes(arguments: str) -> str:
    """Return a shell's arguments as HTCondor reads them: spaces and quotes stay inside of one.

    The plugin takes the quotes away, and a path with spaces became several arguments.
    """
    words = (word.replace('"', '""').replace("'", "''") for word in shlex.split(arguments))
    return '"' + " ".join(f"'{word}'" for word in words) + '"'


def out_of_memory(hold_reason: str | None) -> bool:
    """Whether a job was held because it used more memory than it asked for.

    Both of HTCondor's texts say so: "memory usage exceeded request_memory" (policy) and
    "Job has gone over cgroup memory limit of … megabytes".
    """
    text = (hold_reason or "").lower()
    return "memory" in text and ("exceeded" in text or "limit" in text)
