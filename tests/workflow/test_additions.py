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
    assert project.stale() == GRU


NEW_STAGE = """
from pathlib import Path

from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.sweep.ledger import recording


def lengths(directory: Path, *, run: str, code: str) -> None:
    activity, output = Experiment(directory).activity, directory / "analysis" / "lengths.csv"
    with recording(directory, "lengths", run=run, code=code, params={},
                   inputs=[activity], outputs=[output]):
        output.write_text(str(activity.stat().st_size))
"""
NEW_SCRIPT = """
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.lengths import lengths

run = snakemake.wildcards.run
with stage_log(snakemake.log[0], "lengths"):
    home = Path(snakemake.output.record).parents[1]
    lengths(home, run=run, code=code_in_force("lengths", run=run))
"""
NEW_RULE = """
rule lengths:
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
    output:
        lengths="results/runs/{run}/seeds_{block}/analysis/lengths.csv",
        record="results/runs/{run}/seeds_{block}/records/lengths.json",
    log:
        "results/logs/lengths/{run}_seeds_{block}.log",
    params:
        code=code_of("lengths"),
    script:
        "../scripts/lengths.py"
"""


@pytest.mark.slow
def test_a_new_analysis_runs_alone(project: Project) -> None:
    project.write("mpn_rl/sweep/stages/lengths.py", NEW_STAGE)
    project.write("workflow/scripts/lengths.py", NEW_SCRIPT)
    project.write("workflow/rules/lengths.smk", NEW_RULE)
    include = 'include: "workflow/rules/plot.smk"\n'
    project.edit("Snakefile", include, include + include.replace("plot", "lengths"))
    listed = '            "analysis/pca_projection.npz",\n'
    added = listed.replace("pca_projection.npz", "lengths.csv")
    project.edit("workflow/rules/common.smk", listed, listed + added)
    assert project.stale() == {"lengths": 4}
    project.build()
    assert project.stale() == {}
    project.append("mpn_rl/sweep/stages/lengths.py", "\nX = 1\n")
    assert project.stale() == {"lengths": 4}
