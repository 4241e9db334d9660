"""Random configs through the engine itself: sound ones are planned, broken ones are one message."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from tests.fixtures.random_configs import OWN, broken_configs, points
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

TWENTY = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.create(tmp_path_factory.mktemp("random") / "project")


@TWENTY
@given(points(OWN))
def test_a_sound_config_is_planned(project: Project, point: dict) -> None:
    project.write("config/config.yaml", yaml.safe_dump({"sweep": {"base": point}}))
    stale = project.stale()
    assert stale["train"] == stale["evaluate"] == 2
    assert stale["summarise"] == 1


@TWENTY
@given(broken_configs())
def test_a_broken_config_is_one_message_that_names_the_key(
    project: Project, broken: tuple[dict, str]
) -> None:
    config, key = broken
    project.write("config/config.yaml", yaml.safe_dump(config, allow_unicode=True))
    done = project.snakemake("-n")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "config.yaml" in line]
    assert len(said) == 1, done.stderr
    assert key in said[0]
    assert "Traceback" not in done.stdout + done.stderr
    assert not Path(project.folder, "results").exists()
