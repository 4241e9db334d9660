"""A core and a task that are added as the docs describe make nothing stale that exists."""

import pytest

from tests.workflow.project import Project
from tests.workflow.test_staleness import GRU

pytestmark = [pytest.mark.workflow]


def test_a_new_core_and_task_run_and_nothing_else(project: Project) -> None:
    """Each is a module and an entry; then a run with both is added to the sweep."""
    catalogue = "mpn_rl/config/catalogue.py"
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
        catalogue, "CORES: dict[str, CoreEntry] = {",
        'CORES: dict[str, CoreEntry] = {\n    "novel": CoreEntry('
        '"mpn_rl.networks.novel:Novel", ("bias",), plastic=False),',
    )  # fmt: skip
    project.edit(
        catalogue, "TASKS: dict[str, TaskEntry] = {",
        'TASKS: dict[str, TaskEntry] = {\n    "Novel-v0": TaskEntry('
        '"mpn_rl.tasks.novel:Novel", ("delay", "observation_noise")),',
    )  # fmt: skip
    assert project.stale() == {}
    project.edit(
        "config/config.yaml", "grid: {core: [mpn, gru]}",
        "grid: {core: [mpn, gru]}\n  points: [{core: novel, task: Novel-v0}]",
    )  # fmt: skip
    assert project.stale() == GRU
