"""The staleness contract, row by row: what runs again after an edit.

`make test` finds each row by digests and settings, and has real snakemake run some of the rows and
all together that make nothing stale; the slow set has it run every row.
"""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.predicted import Edited, assert_nothing_is_stale
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow]

Edit = Callable[[Project], None]

# The sweep has two runs (mpn, gru) of two blocks each; mpn alone has figures of M.
PLOTS = {"plot": 4, "plot_plasticity": 2, "summarise": 1}
HOW = {"decode": 4, "fixed_points": 4, "plot_memory": 4}
BELOW_COLLECT = {"collect": 4, "analyse": 4, **HOW, **PLOTS}
BELOW_TRAIN = {"evaluate": 4, "lesion": 4, "generalise": 4, "render": 2, **BELOW_COLLECT}
EVERYTHING = {"train": 4, **BELOW_TRAIN}
OF_THE_TASK = {**EVERYTHING, "baselines": 1}
GRU = {
    "train": 2,
    "evaluate": 2,
    "lesion": 2,
    "generalise": 2,
    "render": 1,
    "collect": 2,
    "analyse": 2,
    "decode": 2,
    "fixed_points": 2,
    "plot": 2,
    "plot_memory": 2,
    "summarise": 1,
}
MPN = {**GRU, "plot_plasticity": 2}
ONE_MPN_BLOCK = {
    "collect": 1,
    "analyse": 1,
    "decode": 1,
    "fixed_points": 1,
    "plot": 1,
    "plot_plasticity": 1,
    "plot_memory": 1,
    "summarise": 1,
}
CORE = "mpn_rl/networks/gru.py"
CONFIG = "config/config.yaml"


def append(path: str, text: str) -> Edit:
    return lambda project: project.append(path, text)


def edit(path: str, old: str, new: str) -> Edit:
    return lambda project: project.edit(path, old, new)


def new_file(path: str, text: str) -> Edit:
    return lambda project: project.write(path, text)


def touch_everything(project: Project) -> None:
    for folder in ("workflow", "mpn_rl", "config"):
        for path in (project.folder / folder).rglob("*"):
            path.touch()
    (project.folder / "Snakefile").touch()


def delete(pattern: str) -> Edit:
    def change(project: Project) -> None:
        project.files(pattern)[0].unlink()

    return change


def change_value_and_back(project: Project) -> None:
    before = project.read(CONFIG)
    project.edit(CONFIG, "delay: 1", "delay: 2")
    assert project.stale() == OF_THE_TASK
    project.write(CONFIG, before)


NEW_FUNCTION = "\n\ndef unused() -> int:\n    return 1\n"
COMMENT = "\n# A comment.\n"

ROWS: dict[str, tuple[Edit, dict[str, int]]] = {
    "nothing": (lambda _: None, {}),
    "touch of every source": (touch_everything, {}),
    "a comment": (append("mpn_rl/learning/dqn.py", COMMENT), {}),
    "a comment in a script": (append("workflow/scripts/stage.py", COMMENT), {}),
    "a comment in a rule file": (append("workflow/rules/train.smk", COMMENT), {}),
    "a docstring": (
        edit("mpn_rl/learning/replay.py", '"""Replay of sequences', '"""A replay of sequences'),
        {},
    ),
    "formatting": (
        edit("mpn_rl/learning/replay.py", "self.written += 1", "self.written  +=  (1)"),
        {},
    ),
    "a figure module": (append("mpn_rl/figures/trajectories.py", NEW_FUNCTION), PLOTS),
    "the style file": (
        append("mpn_rl/figures/mpn_rl.mplstyle", "\nlines.linewidth: 3\n"),
        {**PLOTS, "plot_memory": 4},
    ),
    "a core": (append(CORE, NEW_FUNCTION), GRU),
    "another core": (append("mpn_rl/networks/mpn.py", NEW_FUNCTION), MPN),
    "the replay": (append("mpn_rl/learning/replay.py", NEW_FUNCTION), EVERYTHING),
    "the loss": (append("mpn_rl/learning/targets.py", NEW_FUNCTION), EVERYTHING),
    "the task": (append("mpn_rl/tasks/delayed_match.py", NEW_FUNCTION), OF_THE_TASK),
    "another task": (append("mpn_rl/tasks/context_decision.py", NEW_FUNCTION), {}),
    "the script": (append("workflow/scripts/stage.py", "\nunused = 1\n"), {}),
    "a new task": (new_file("mpn_rl/tasks/novel.py", NEW_FUNCTION), {}),
    "a new task in the catalogue": (
        edit(
            "mpn_rl/parameters/catalogue.py",
            "TASKS: dict[str, Entry] = {",
            'TASKS: dict[str, Entry] = {\n    "New-v0": Entry("mpn_rl.tasks.new:New"),',
        ),
        {},
    ),
    "a new core": (new_file("mpn_rl/networks/novel.py", NEW_FUNCTION), {}),
    "a new core in the catalogue": (
        edit(
            "mpn_rl/parameters/catalogue.py",
            "CORES: dict[str, Entry] = {",
            "CORES: dict[str, Entry] = {\n"
            '    "new": Entry("mpn_rl.networks.new:New", plastic=True),',
        ),
        {},
    ),
    "a new analysis": (new_file("mpn_rl/analysis/novel.py", NEW_FUNCTION), {}),
    "a new artifact module": (new_file("mpn_rl/artifacts/novel.py", NEW_FUNCTION), {}),
    "evaluation.num_episodes": (
        edit(CONFIG, "evaluation: {num_episodes: 3}", "evaluation: {num_episodes: 4}"),
        {"evaluate": 4, "summarise": 1},
    ),
    "render.fps": (edit(CONFIG, "fps: 10", "fps: 20"), {"render": 2, "summarise": 1}),
    "render.num_episodes": (
        edit(CONFIG, "render: {num_episodes: 1", "render: {num_episodes: 2"),
        {"render": 2, "summarise": 1},
    ),
    "analysis.num_episodes": (
        edit(CONFIG, "analysis: {num_episodes: 3}", "analysis: {num_episodes: 4}"),
        BELOW_COLLECT,
    ),
    "analysis.color_by": (
        edit(CONFIG, "analysis: {num_episodes: 3}", "analysis: {num_episodes: 3, color_by: time}"),
        PLOTS,
    ),
    "decoding.folds": (
        append(CONFIG, "decoding: {folds: 3}\n"),
        {"decode": 4, "plot_memory": 4, "summarise": 1},
    ),
    "decoding.enabled": (
        append(CONFIG, "decoding: {enabled: false}\n"),
        {"plot_memory": 4, "summarise": 1},
    ),
    "the decoding": (
        append("mpn_rl/analysis/decoding.py", NEW_FUNCTION),
        {"decode": 4, "plot_memory": 4, "summarise": 1},
    ),
    "fixed_points.num_states": (
        append(CONFIG, "fixed_points: {num_states: 3}\n"),
        {"fixed_points": 4, "plot_memory": 4, "summarise": 1},
    ),
    "the search for slow points": (
        append("mpn_rl/analysis/slow_points.py", NEW_FUNCTION),
        {"fixed_points": 4, "plot_memory": 4, "summarise": 1},
    ),
    "lesion.num_episodes": (
        append(CONFIG, "lesion: {num_episodes: 4}\n"),
        {"lesion": 4, "plot_memory": 4, "summarise": 1},
    ),
    "generalisation.values": (
        append(CONFIG, "generalisation: {values: [0, 5]}\n"),
        {"generalise": 4, "plot_memory": 4, "summarise": 1},
    ),
    "a grid value added": (
        edit(CONFIG, "core: [mpn, gru]", "core: [mpn, gru, rnn]"),
        GRU,
    ),
    "more seeds": (
        edit(CONFIG, "count: 2", "count: 3"),
        {
            "train": 2,
            "evaluate": 2,
            "lesion": 2,
            "generalise": 2,
            "collect": 2,
            "analyse": 2,
            "decode": 2,
            "fixed_points": 2,
            "plot": 2,
            "plot_plasticity": 1,
            "plot_memory": 2,
            "summarise": 1,
        },
    ),
    "a value removed": (edit(CONFIG, "core: [mpn, gru]", "core: [mpn]"), {"summarise": 1}),
    "a value changed and changed back": (change_value_and_back, {}),
    "a recording deleted": (delete("runs/*_mpn_*/seeds_0-0/analysis/activity.npz"), ONE_MPN_BLOCK),
    "a checkpoint deleted": (
        delete("runs/*_mpn_*/seeds_0-0/checkpoints/final_model.pt"),
        {"train": 1, "evaluate": 1, "lesion": 1, "generalise": 1, "render": 1, **ONE_MPN_BLOCK},
    ),
    "an evaluation deleted": (
        delete("runs/*_gru_*/seeds_1-1/evaluation.csv"),
        {"evaluate": 1, "summarise": 1},
    ),
    "the baselines deleted": (delete("baselines/*.csv"), {"baselines": 1, "summarise": 1}),
    "an animation deleted": (delete("runs/*/*/videos/*.gif"), {"render": 1, "summarise": 1}),
    "the summary deleted": (delete("summary.pdf"), {"summarise": 1}),
}


NOTHING = {name: change for name, (change, jobs) in ROWS.items() if not jobs}
# What touches, deletes or asks the engine itself; a style file is read where it lies.
ON_DISK = {
    "touch of every source",
    "the style file",
    "a value changed and changed back",
    *(name for name in ROWS if name.endswith("deleted")),
}


@pytest.mark.parametrize("row", [name for name in ROWS if name not in ON_DISK])
def test_what_digests_and_settings_say(row: str) -> None:
    change, expected = ROWS[row]
    edited = Edited()
    change(edited)
    assert edited.stale() == expected


@pytest.mark.slow
@pytest.mark.parametrize("row", [name for name in ROWS if name not in NOTHING])
def test_what_runs_again(row: str, project: Project) -> None:
    change, expected = ROWS[row]
    change(project)
    assert project.stale() == expected


def test_what_makes_nothing_stale(project: Project) -> None:
    assert_nothing_is_stale(project, NOTHING)


def test_what_is_deleted_runs_again_with_what_reads_it(project: Project) -> None:
    for row in ("a recording", "an evaluation", "the baselines", "an animation", "the summary"):
        ROWS[f"{row} deleted"][0](project)
    assert project.stale() == {**ONE_MPN_BLOCK, "evaluate": 1, "baselines": 1, "render": 1}


@pytest.mark.parametrize(
    "rows", [("a core", "analysis.color_by"), ("a value removed", "the decoding")]
)
def test_the_engine_runs_what_digests_and_settings_say(
    rows: tuple[str, ...], project: Project
) -> None:
    edited = Edited()
    for row in rows:
        ROWS[row][0](edited)
        ROWS[row][0](project)
    assert project.stale() == edited.stale() != {}


def test_a_clone_with_results_and_metadata_and_scrambled_times_is_fresh(
    built: Project, tmp_path: Path
) -> None:
    clone = Project.create(tmp_path / "clone", origin=built.folder)
    shutil.copytree(built.folder / "results", clone.folder / "results")
    metadata = Path(".snakemake", "metadata")
    shutil.copytree(built.folder / metadata, clone.folder / metadata)
    generator = random.Random(0)
    for path in clone.folder.rglob("*"):
        moment = generator.uniform(1.6e9, 1.7e9)
        os.utime(path, (moment, moment))
    assert clone.stale() == {}


@pytest.mark.slow
def test_a_value_changed_and_changed_back_with_runs_between(project: Project) -> None:
    """A training value finds its old results; any other makes its own row anew."""
    before = project.read(CONFIG)
    project.edit(CONFIG, "core: [mpn, gru]", "core: [mpn, rnn]")
    project.build()
    project.write(CONFIG, before)
    assert project.stale() == {"summarise": 1}
    project.build()
    project.edit(CONFIG, "evaluation: {num_episodes: 3}", "evaluation: {num_episodes: 4}")
    project.build()
    project.write(CONFIG, before)
    assert project.stale() == {"evaluate": 4, "summarise": 1}


def test_what_is_stale_runs_once_and_is_fresh_then(project: Project) -> None:
    project.append("mpn_rl/playing/baselines.py", NEW_FUNCTION)
    assert project.stale() == {"baselines": 1, "summarise": 1}
    project.build()
    assert project.stale() == {}


@pytest.mark.parametrize("damage", ["altered", pytest.param("cut short", marks=pytest.mark.slow)])
def test_a_damaged_input_is_refused_and_never_computed_on(damage: str, project: Project) -> None:
    checkpoint = project.files("runs/*_gru_*/seeds_0-0/checkpoints/final_model.pt")[0]
    data = bytearray(checkpoint.read_bytes())
    data[len(data) // 2] ^= 1
    checkpoint.write_bytes(data[: len(data) // 2] if damage == "cut short" else data)
    evaluation = checkpoint.parents[1] / "evaluation.csv"
    evaluation.unlink()
    done = project.snakemake(str(evaluation.relative_to(project.folder)))
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "final_model.pt: is not what stage train made" in said
    assert "mpn-rl audit --fix" in said
    assert "Traceback" not in said
    assert not evaluation.exists()
