"""A real sample computed again with the present code, and compared with what is stored."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.sweep.accept.candidates import Group
from mpn_rl.sweep.accept.compare import difference, seed_difference
from mpn_rl.sweep.layout import job_of, recorded_settings
from mpn_rl.sweep.ledger.inventory import Made
from mpn_rl.sweep.stages.runner import Given, given_at, run_stage


def sample_of(groups: Iterable[Group], every: bool) -> list[tuple[Made, int | None]]:
    """What is computed again: a member of each group and, of a training, one of its seeds.

    Members of the same block are taken where there are some; `every` takes all of them.
    """
    chosen: list[tuple[Made, int | None]] = []
    preferred: set[Path] = set()
    for group in sorted(groups, key=lambda group: (group.rule != "train", group.rule)):
        members = sorted(group.members, key=lambda made: (made.home not in preferred, made.path))
        for made in members if every else members[:1]:
            preferred.add(made.home)
            seeds = made.record["seeds"] if made.rule == "train" else [None]
            if made.rule == "train" and not every:
                completed = read_checkpoint(made.home / "checkpoints" / "final_model.pt").completed
                seeds = (completed or seeds)[:1]
            chosen += [(made, seed) for seed in seeds]
    return chosen


def differs(made: Made, seed: int | None, folder: Path) -> str | None:
    """Compute a member again below `folder`, which is empty; the first difference, or None."""
    if seed is not None:
        return _training_differs(made, seed, folder)
    home = folder / "runs" / made.home.parent.name / made.home.name
    # outputs replace links; the stored files are only read
    shutil.copytree(made.home, home, copy_function=_link)
    for output in made.outputs:
        (home / output.relative_to(made.home)).unlink()
    run_stage(_given(made, home), code="")
    pairs = ((output, home / output.relative_to(made.home)) for output in made.outputs)
    found = (difference(old, new) for old, new in pairs)
    return next((each for each in found if each is not None), None)


def _training_differs(made: Made, seed: int, folder: Path) -> str | None:
    from mpn_rl.sweep.stages.resuming import train_block

    home = folder / "runs" / made.home.parent.name / f"seeds_{seed}-{seed}"
    train_block(replace(_given(made, home), seeds=[seed]), code="")
    return seed_difference(made.home, home, seed)


def _given(made: Made, home: Path) -> Given:
    settings = recorded_settings(made.record["params"])
    job = job_of(made.outputs[0].relative_to(made.home).as_posix())
    wildcards = job.wildcards if job is not None else {}
    return given_at(home, made.rule, made.home.parent.name, settings, wildcards)


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(Path(source).absolute())
