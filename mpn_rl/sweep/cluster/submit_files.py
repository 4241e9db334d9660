"""A sweep's trainings for condor_submit, where a pool lets no workflow driver run.

A job per block trains into the very folders that the workflow uses; `snakemake` afterwards, on
any machine that sees them, finds the trainings done and goes on from there.
"""

import json
import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import DEFAULTS, Hyperparameters
from mpn_rl.parameters.points import applicable
from mpn_rl.sweep.config.sweep import Sweep, block_name
from mpn_rl.sweep.ledger.named import modules_of
from mpn_rl.workers import THREAD_VARIABLES

ATTEMPTS = 4


@dataclass(frozen=True)
class Slot:
    """What a training job asks for: cpus, memory and disk in MB, GPUs, the CSCI lab's flag.

    Without GPUs each of the cpus trains a seed.
    """

    cpus: int = 1
    memory: int = 4096
    disk: int = 4096
    gpus: int = 0
    csci_desktop: bool = False


GPU_SLOT = Slot(cpus=2, memory=8192, gpus=1)

SUBMIT = """\
# Trains the sweep {sweep.name}: {count} blocks of seeds. condor_submit {folder}/train.sub
executable = {python}
arguments = "-P -m mpn_rl train $(flags)"
# results land below it
initialdir = {directory}
# the pool reads and writes this very file system
should_transfer_files = NO

# one line in condor_q; `condor_q -nobatch` names run and seeds
batch_name = mpn-rl {sweep.name}
description = train $(job)
log = {folder}/logs/events.log
output = {folder}/logs/$(job).out
error = {folder}/logs/$(job).err

request_cpus = {slot.cpus}
# after a hold for memory: half as much again as was used
request_memory = max({{{slot.memory}, int(1.5 * (MemoryUsage ?: 0))}})
request_disk = {slot.disk}MB
{more}getenv = PATH, HOME, USER, LANG, LC_*, VIRTUAL_ENV, XDG_CACHE_HOME
environment = "{environment}"

# a job that is vacated has this time to save, and goes on from there elsewhere
job_max_vacate_time = 60
# held for memory (34: by a control group; 21, 102: by the machine's policy): again, with more
periodic_release = (HoldReasonCode == 34 || (HoldReasonCode == 21 && HoldReasonSubCode == 102)) \\
    && NumJobStarts < {attempts}
# what dies otherwise starts again, {attempts} times in all
max_retries = {retries}

queue job, flags from {folder}/arguments.txt
"""


def argument_lines(
    sweep: Sweep,
    finished: Collection[tuple[str, str]] = (),
    device: str = "cpu",
    at_once: int = 1,
) -> list[str]:
    """Return a line `job, flags` per block of every run, without those `finished`.

    Raises UserError where a flag holds what an arguments file cannot.
    """
    lines = []
    for run, seeds in product(sweep.runs, sweep.blocks):
        block = block_name(seeds)
        if (run, block) in finished:
            continue
        place = f"--experiments results/runs/{run} --experiment-name seeds_{block}"
        words = f"{place} --skip-finished --device {device}".split()
        words += ["--seeds-at-once", str(at_once)] if at_once > 1 else []
        words += ["--seeds", *map(str, seeds), *flags_of(sweep.runs[run])]
        if odd := next((word for word in words if shlex.quote(word) != word), None):
            raise UserError(f"{odd!r} cannot stand in an arguments file")
        lines.append(f"{run}_seeds_{block}, {' '.join(words)}")
    return lines


def flags_of(hyperparameters: Hyperparameters, names: Iterable[str] = ()) -> list[str]:
    """Return the flags of `mpn-rl train` that say these hyper-parameters.

    Those of these names; where none are given, defaults are left out.
    """
    values = {name: getattr(hyperparameters, name) for name in applicable(vars(hyperparameters))}
    told = [*names] or [
        name for name, v in values.items() if v != DEFAULTS[name] or name in ("task", "core")
    ]
    return [
        f"--{n.replace('_', '-')}={v if isinstance(v := values[n], str) else json.dumps(v)}"
        for n in told
    ]


def write_submit(
    sweep: Sweep,
    folder: Path,
    directory: Path,
    slot: Slot,
    python: Path,
    finished: Collection[tuple[str, str]] = (),
) -> Path:
    """Write `arguments.txt` and `train.sub` into `folder` and return the latter's path.

    `directory` is where results land, `finished` the (run, block) pairs to leave out. Raises
    UserError where nothing is left to train, or where a path holds what a submit file cannot.
    """
    folder, directory = folder.resolve(), directory.resolve()
    for path in (folder, directory, python):
        if any(character.isspace() or character in "\"'$," for character in str(path)):
            raise UserError(f"{path}: HTCondor takes no blanks, quotes, commas or $ in this path")
    way = ("cuda", 1) if slot.gpus else ("cpu", slot.cpus)
    lines = argument_lines(sweep, finished, *way)
    if not lines:
        raise UserError(f"{sweep.name}: every block is trained already")
    more = f"request_gpus = {slot.gpus}\n" if slot.gpus else ""
    more += "+CSCI_GrpDesktop = true\n" if slot.csci_desktop else ""
    threads = [f"{name}={slot.cpus}" for name in THREAD_VARIABLES]
    text = SUBMIT.format(
        sweep=sweep,
        slot=slot,
        folder=folder,
        directory=directory,
        python=python,
        count=len(lines),
        more=more,
        environment=" ".join([*threads, *_search(sweep, directory)]),
        attempts=ATTEMPTS,
        retries=ATTEMPTS - 1,
    )
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    atomic_write_text(folder / "arguments.txt", "\n".join(lines) + "\n")
    atomic_write_text(folder / "train.sub", text)
    return folder / "train.sub"


def _search(sweep: Sweep, directory: Path) -> list[str]:
    """Where modules are imported from that the config names: `directory`, which -P leaves out."""
    named = any(modules_of(point) for point in sweep.runs.values())
    return [f"PYTHONPATH={directory}"] if named else []
