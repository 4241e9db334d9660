"""A core, a task and an analysis added as the docs describe make nothing stale that exists."""

import pytest

from tests.workflow.project import Project
from tests.workflow.test_staleness import GRU

pytestmark = [pytest.mark.workflow]


def test_a_new_core_and_task_run_and_nothing_else(project: Project) -> None:
    """Each is a module and an entry; then a run with both is added to the sweep."""
    catalogue = "mpn_rl/parameters/catalogue.py"
    project.write(
        "mpn_rl/networks/novel.py",
        '"""A core."""\n\nfrom mpn_rl.networks.gru import GRU\n\n\nclass Novel(GRU):\n'
        '    """A gated recurrent layer by another name."""\n',
    )
    project.write(
        "mpn_rl/tasks/novel.py",
        '"""A task."""\n\nfrom mpn_rl.tasks.delayed_match import DelayedMatch\n\n\n'
        'class Novel(DelayedMatch):\n    """Delayed match by another name."""\n',
    )
    project.edit(
        catalogue,
        "CORES: dict[str, Entry] = {",
        'CORES: dict[str, Entry] = {\n    "novel": Entry('
        '"mpn_rl.networks.novel:Novel", networks.GatedParameters),',
    )
    project.edit(
        catalogue,
        "TASKS: dict[str, Entry] = {",
        'TASKS: dict[str, Entry] = {\n    "Novel-v0": Entry('
        '"mpn_rl.tasks.novel:Novel", tasks.DelayParameters),',
    )
    assert project.stale() == {}
    project.edit(
        "config/config.yaml",
        "grid: {core: [mpn, gru]}",
        "grid: {core: [mpn, gru]}\n  points: [{core: novel, task: Novel-v0}]",
    )
    assert project.stale() == {**GRU, "baselines": 1}


NEW_STAGE = """
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.sweep.stages.runner import Given


def lengths(given: Given) -> None:
    atomic_write_text(given.outputs["lengths"], str(given.inputs["activity"].stat().st_size))
"""
NEW_ROW = '    "lengths": Rule(("lengths",), ("activity",)),\n'
NEW_FILE = '    "lengths": "analysis/lengths.csv",\n'
NEW_RULE = """
rule lengths:
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        record="results/runs/{run}/seeds_{block}/records/collect.json",
    output:
        lengths="results/runs/{run}/seeds_{block}/analysis/lengths.csv",
        record="results/runs/{run}/seeds_{block}/records/lengths.json",
    log:
        "results/logs/lengths/{run}_seeds_{block}.log",
    params:
        code=code_of("lengths"),
    script:
        "../scripts/stage.py"
"""


@pytest.mark.slow
def test_a_new_analysis_runs_alone(project: Project) -> None:
    project.write("mpn_rl/sweep/stages/lengths.py", NEW_STAGE)
    for before, added in (('    "plot": Rule(\n', NEW_ROW), ('    "pdf": "summary.pdf"', NEW_FILE)):
        project.edit("mpn_rl/sweep/layout.py", before, added + before)
    project.write("workflow/rules/lengths.smk", NEW_RULE)
    include = 'include: "workflow/rules/plot.smk"\n'
    project.edit("Snakefile", include, include + include.replace("plot", "lengths"))
    assert project.stale() == {"lengths": 4}
    project.build()
    assert project.stale() == {}
    project.append("mpn_rl/sweep/stages/lengths.py", "\nX = 1\n")
    assert project.stale() == {"lengths": 4}
