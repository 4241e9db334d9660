"""Count what a config asks for, say what is done, and estimate what the rest takes.

Nothing is trained or written. Tasks of other packages are checked, which runs their code. Errors in
the config are reported with file and line, even where it is not valid YAML, for which `snakemake
--configfile` names neither. So is what would stop the engine itself: a folder that cannot be
written to, the lock of a driver that died. Stale results count as done: `snakemake -n` finds them.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mpn_rl.errors import UserError
from mpn_rl.sweep.cli.flags import Parser, add_directory, add_path
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.plan import blocks, jobs
from mpn_rl.sweep.status.remaining import planned, seconds_of, span


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl check`."""
    add_path(parser, "config", "config/config.yaml", "the sweep", "FILE")
    add_directory(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line per question, then what of the config has no effect."""
    from mpn_rl.sweep.cli.needs import disk_and_memory
    from mpn_rl.sweep.config.sweep import load_sweep
    from mpn_rl.sweep.ledger.named import note_named
    from mpn_rl.sweep.ledger.obstacles import obstacles
    from mpn_rl.sweep.ledger.probe import look_at_tasks

    sweep = load_sweep(arguments.config)
    note_named(sweep.runs.values())
    for message in look_at_tasks(sweep.runs.values(), analyses=sweep.analyses):
        print(message)
    results = arguments.directory / "results"
    wanted = list(jobs(sweep))
    done: list[Job] = []
    missing: list[Job] = []
    for job in wanted:
        (done if is_there(results, job) else missing).append(job)
    print(f"{arguments.config}: {sweep.name}")
    lines = {
        "runs": _runs(sweep),
        "training": _training(sweep),
        "jobs": _counts(wanted),
        "there": _there(sweep, wanted, missing, results),
        "missing": _counts(missing) if missing else "nothing",
    }
    if missing:
        lines["time"] = _time(sweep, missing, results)
        lines["disk"], lines["memory"] = disk_and_memory(sweep, done, missing, results)
    for name, text in lines.items():
        print(f"{name:<9} {text}")
    for message in sweep.messages:
        print(message)
    if problems := [*obstacles(arguments.directory)]:
        raise UserError("\n".join(problems))
    return 0


def is_there(results: Path, job: Job) -> bool:
    """Whether the outputs of a job and its record are in the results folder."""
    return all((results / file).is_file() for file in (*job.outputs, job.record))


def _runs(sweep: Sweep) -> str:
    runs, each, seeds = len(sweep.runs), len(sweep.blocks), sweep.seeds
    return (
        f"{_number(runs, 'run')} of {_number(each, 'block')} each, "
        f"seeds {seeds.first} to {seeds.first + seeds.count - 1}: "
        f"{_number(runs * each, 'block')}, {_number(runs * seeds.count, 'agent')}"
    )


def _training(sweep: Sweep) -> str:
    points = [planned(point) for point in sweep.runs.values()]
    steps = sum(point.num_steps or 0 for point in points) * sweep.seeds.count
    most = "at most " if any(point.num_steps and point.num_episodes for point in points) else ""
    parts = [f"{most}{steps:,} environment steps"] if steps else []
    episodes = sum(not point.num_steps for point in points) * sweep.seeds.count
    if episodes:
        parts.append(f"{_number(episodes, 'agent')} for a number of episodes")
    return ", ".join(parts)


def _counts(found: Sequence[Job]) -> str:
    rules = Counter(job.rule for job in found)
    return f"{len(found):,}: " + ", ".join(f"{count:,} {rule}" for rule, count in rules.items())


def _there(sweep: Sweep, wanted: Sequence[Job], missing: Sequence[Job], results: Path) -> str:
    total = len(sweep.runs) * len(sweep.blocks)
    untrained = sum(job.rule == "train" for job in missing)
    incomplete = len({(job.run, job.block) for job in missing if job.run})
    if len(missing) == len(wanted):
        return f"nothing yet in {results}"
    return (
        f"{total - untrained:,} of {_number(total, 'block')} trained, {total - incomplete:,} "
        f"complete; outputs of {len(wanted) - len(missing):,} of {_number(len(wanted), 'job')} in "
        f"{results}"
    )


def _time(sweep: Sweep, missing: Sequence[Job], results: Path) -> str:
    from mpn_rl.sweep.ledger.durations import THUMB_STEPS_PER_SECOND, measured

    took = measured(_homes(sweep, results))
    seconds, uncounted = seconds_of(sweep, missing, took)
    basis = (
        f"by the records of {_number(took.blocks, 'block')} there"
        if took.blocks
        else f"by rule of thumb, {THUMB_STEPS_PER_SECOND:,.0f} steps a second"
    )
    without = f", without {_number(uncounted, 'agent')} that train for a number of episodes"
    return f"about {span(seconds)} on one core, {basis}" + without * bool(uncounted)


def _homes(sweep: Sweep, results: Path) -> Iterator[Path]:
    """The sweep's own blocks, then all others of these results."""
    own = [
        results / "runs" / run / f"seeds_{block}" for run in sweep.runs for block in blocks(sweep)
    ]
    yield from (home for home in own if home.is_dir())
    known = set(own)
    yield from (home for home in sorted(results.glob("runs/*/seeds_*")) if home not in known)


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
