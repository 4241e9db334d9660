"""What makes two submissions the same piece of work."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Identity:
    """Digests that travel in a job's ad.

    `outputs` names the place that the job writes to, `key` all that decides what it writes.
    """

    outputs: str
    key: str


def identify(job: Any) -> Identity:
    """Return the identity of a Snakemake job that is ready to run.

    The key covers the rule, the outputs, the params and the inputs with their sizes and times
    of change: an input written again since then makes it other work. Times are compared with
    themselves only, so the clocks of two machines need not agree. A param that prints its
    memory address gives another key each time, which costs a repetition, never a wrong result.
    """
    outputs = _outputs(job)
    params = sorted(f"{name}={value!r}" for name, value in job.params._allitems())
    inputs = sorted((str(path), *_stamp(Path(path))) for path in job.input)
    return Identity(
        outputs=outputs_digest(job),
        key=_digest([job.rule.name, outputs, params, inputs]),
    )


def outputs_digest(job: Any) -> str:
    """Return what names the place that a job writes to, of a job that need not be ready."""
    return _digest([job.rule.name, _outputs(job)])


def describe(job: Any) -> str:
    """Return one readable line for the queue, such as `train run=… block=0-3`."""
    wildcards = " ".join(f"{name}={value}" for name, value in job.wildcards_dict.items())
    line = f"{job.rule.name} {wildcards}".strip()
    # it stands between double quotes in the submit description
    return "".join(character for character in line if character not in '"\\\n')


def _outputs(job: Any) -> list[str]:
    return sorted(str(path) for path in job.output)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (-1, -1)
    return (status.st_mtime_ns, status.st_size)


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
