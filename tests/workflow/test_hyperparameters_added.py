"""A hyper-parameter is added, or a default changes: results that exist stay as they are."""

import pytest

from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow]

HYPERPARAMETERS = "mpn_rl/parameters/hyperparameters.py"
NETWORKS = "mpn_rl/parameters/networks.py"


def test_a_new_hyperparameter_makes_nothing_stale(project: Project) -> None:
    new = '    extra: Count = parameter(1, "a new option")\n    n_step: Count = parameter('
    project.edit(HYPERPARAMETERS, "    n_step: Count = parameter(", new)
    assert project.stale() == {}
    project.edit("config/config.yaml", "delay: 1", "delay: 1, extra: 2")
    assert project.stale()["train"] == 4


@pytest.mark.slow
def test_a_changed_default_trains_what_leaves_it_out_under_a_new_id(project: Project) -> None:
    bound = "    lambda_max: PositiveFraction = parameter(\n        {},"
    project.edit(NETWORKS, bound.format(0.99), bound.format(0.98))
    stale = project.stale()
    assert stale["train"] == 2
    assert stale["plot_plasticity"] == 2
    audit = project.run("mpn-rl", "audit", "results")
    assert audit.returncode == 0, audit.stdout
    assert " 0 false" in audit.stdout
    (old,) = project.files("runs/*_mpn_*/seeds_0-0/evaluation.csv")
    told = project.run("mpn-rl", "explain", str(old.relative_to(project.folder)))
    assert told.returncode == 0, told.stderr
    assert "is up to date:\n  this config does not ask for it" in told.stdout
    project.edit("config/config.yaml", "delay: 1", "delay: 1, lambda_max: 0.99")
    assert project.stale() == {}
