"""A real sample computed again with the present code, and compared with what is stored."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.sweep.ledger.accept.candidates import Group, Made
from mpn_rl.sweep.ledger.accept.compare import difference, seed_difference


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
    _AGAIN[made.rule](home, made)
    pairs = ((output, home / output.relative_to(made.home)) for output in made.outputs)
    found = (difference(old, new) for old, new in pairs)
    return next((each for each in found if each is not None), None)


def _training_differs(made: Made, seed: int, folder: Path) -> str | None:
    from mpn_rl.sweep.stages.train import train

    home = folder / "runs" / made.home.parent.name / f"seeds_{seed}-{seed}"
    train(
        home,
        folder / "work",
        run=made.home.parent.name,
        hyperparameters=made.record["params"],
        seeds=[seed],
        code="",
    )
    return seed_difference(made.home, home, seed)


def _evaluate(home: Path, made: Made) -> None:
    from mpn_rl.sweep.stages.evaluate import evaluate

    evaluate(home, **_given(made))


def _collect(home: Path, made: Made) -> None:
    from mpn_rl.sweep.stages.collect import collect

    collect(home, **_given(made))


def _analyse(home: Path, made: Made) -> None:
    from mpn_rl.sweep.stages.analyse import analyse

    analyse(home, **_given(made))


def _plot(home: Path, made: Made) -> None:
    from mpn_rl.sweep.stages.plot import plot

    figures = [output.stem for output in made.outputs]
    plot(home, stage=made.rule, figures=figures, **_given(made))


def _render(home: Path, made: Made) -> None:
    from mpn_rl.sweep.stages.render import render

    render(home, seed=made.record["seeds"][0], **_given(made))


_AGAIN: dict[str, Callable[[Path, Made], None]] = {
    "evaluate": _evaluate,
    "collect": _collect,
    "analyse": _analyse,
    "plot": _plot,
    "plot_plasticity": _plot,
    "render": _render,
}


def _given(made: Made) -> dict[str, Any]:
    return {"run": made.home.parent.name, "code": "", **made.record["params"]}


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(Path(source).absolute())
