"""Audit, repair and explanation of real results, against what the engine itself would run."""

import os
import re
from pathlib import Path

import pytest

from tests.artifact_bytes import artifacts
from tests.workflow.project import Project
from tests.workflow.test_staleness import (
    BELOW_COLLECT,
    CONFIG,
    EVERYTHING,
    GRU,
    NEW_FUNCTION,
    ONE_MPN_BLOCK,
    PLOTS,
    Edit,
    append,
    delete,
    edit,
)

pytestmark = [pytest.mark.workflow]

MPN_BLOCK, GRU_BLOCK = "runs/*_mpn_*/seeds_0-0", "runs/*_gru_*/seeds_0-0"

# What is damaged -> what runs again once it is set aside: as if it had been deleted.
DAMAGED = {
    f"{MPN_BLOCK}/analysis/activity.npz": ONE_MPN_BLOCK,
    f"{MPN_BLOCK}/checkpoints/final_model.pt": {
        "train": 1,
        "evaluate": 1,
        "render": 1,
        "lesion": 1,
        "generalise": 1,
        **ONE_MPN_BLOCK,
    },
    f"{GRU_BLOCK}/evaluation.csv": {"evaluate": 1, "summarise": 1},
    f"{GRU_BLOCK}/records/evaluate.json": {"evaluate": 1, "summarise": 1},
    f"{GRU_BLOCK}/videos/episode_0_0.gif": {"render": 1, "summarise": 1},
    f"{MPN_BLOCK}/analysis/m_matrix.png": {"plot_plasticity": 1, "summarise": 1},
    "summary.csv": {"summarise": 1},
}

CHANGES: dict[str, tuple[Edit, dict[str, int], str]] = {
    "a figure module": (
        append("mpn_rl/figures/trajectories.py", NEW_FUNCTION),
        PLOTS,
        "code: mpn_rl.figures.trajectories has changed: unused",
    ),
    "a core": (
        append("mpn_rl/networks/gru.py", NEW_FUNCTION),
        GRU,
        "code: mpn_rl.networks.gru has changed: unused",
    ),
    "the style file": (
        append("mpn_rl/figures/mpn_rl.mplstyle", "\nlines.linewidth: 3\n"),
        {**PLOTS, "plot_memory": 4},
        "code: mpn_rl.mplstyle has changed",
    ),
    "the loss": (
        edit(
            "mpn_rl/learning/targets.py",
            "mask.sum().clamp(min=1)",
            "mask.sum().clamp(min=2)",
        ),
        EVERYTHING,
        "code: mpn_rl.learning.targets has changed: masked_huber_loss",
    ),
    "analysis.num_episodes": (
        edit(CONFIG, "analysis: {num_episodes: 3}", "analysis: {num_episodes: 4}"),
        BELOW_COLLECT,
        "param num_episodes: 3 -> 4",
    ),
    "a deletion": (delete(f"{MPN_BLOCK}/analysis/activity.npz"), ONE_MPN_BLOCK, "does not exist"),
    "nothing": (lambda _: None, {}, "made it at"),
}


def audit(project: Project, *flags: str) -> tuple[int, str]:
    done = project.run("mpn-rl", "audit", "results", *flags)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_a_complete_sweep_has_nothing_false(built: Project) -> None:
    code, said = audit(built)
    assert code == 0
    assert re.search(r"^\d+ artifacts, 0 false$", said.strip())


@pytest.mark.slow
@pytest.mark.parametrize("pattern", DAMAGED)
def test_what_is_set_aside_is_as_deleted(pattern: str, project: Project) -> None:
    before = artifacts(project.folder / "results")
    path = project.files(pattern)[0]
    times = path.stat()
    path.write_bytes(path.read_bytes()[:-7])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert project.stale() == {}, "the engine looks at contents where times have changed"
    code, said = audit(project)
    assert code == 1
    assert f"{path.relative_to(project.folder)}: damaged" in said
    code, said = audit(project, "--fix")
    assert code == 0, said
    assert not path.exists()
    assert project.stale() == DAMAGED[pattern]
    if "activity" in pattern or "final_model" in pattern:
        project.build()
        assert artifacts(project.folder / "results") == before
        assert audit(project)[0] == 0


def test_all_that_is_set_aside_at_once_is_as_deleted(project: Project) -> None:
    """One damaged file of each of several rules."""
    paths = [project.files(name)[0] for name in DAMAGED if "records" not in name]
    for path in paths:
        path.write_bytes(path.read_bytes()[:-7])
    code, said = audit(project, "--fix")
    assert code == 0, said
    assert not any(path.exists() for path in paths)
    assert project.stale() == {
        **DAMAGED[f"{MPN_BLOCK}/checkpoints/final_model.pt"],
        "evaluate": 2,
        "render": 2,
    }


# The engine's start and that of the command take seconds: the slow set has the others.
SHOWN = ("a core", "analysis.num_episodes", "nothing")


@pytest.mark.parametrize(
    "change",
    [pytest.param(c, marks=[] if c in SHOWN else pytest.mark.slow) for c in CHANGES],
)
def test_an_explanation_agrees_with_the_engine(change: str, project: Project) -> None:
    apply, expected, reason = CHANGES[change]
    names = [f"results/{name}" for name in artifacts(project.folder / "results")]
    apply(project)
    assert project.stale() == expected
    done = project.run("mpn-rl", "explain", *names)
    assert done.returncode == 0, done.stderr
    said = re.split(r"\n(?=results/)", done.stdout.strip())
    stale = {text.split(" is ")[0] for text in said if " is stale:" in text.splitlines()[0]}
    assert len(said) == len(names)
    assert stale == set(outputs_of(expected, names, change))
    assert all(reason in text for text in said if text.split(" is ")[0] in stale or not stale)


def outputs_of(jobs: dict[str, int], names: list[str], change: str) -> list[str]:
    """The outputs of the rules that run; of the runs and blocks that the change concerns."""
    from mpn_rl.sweep.layout import rule_of

    concerned = {"a core": "_gru_", "a deletion": "_mpn_"}.get(change, "")
    block = "/seeds_0-0/" if change == "a deletion" else ""
    return [
        name
        for name in names
        if (rule := rule_of(str(Path(name).relative_to("results")))) in jobs
        and (rule == "summarise" or (concerned in name and block in name))
    ]
