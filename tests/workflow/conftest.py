"""One small sweep, made once; every test works on a copy."""

from pathlib import Path

import pytest

from tests.fixtures.once import made_once
from tests.workflow.project import Project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose sweep is complete; not to be changed."""
    return Project(made_once(tmp_path_factory, "built", lambda to: Project.create(to).build()))


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A copy of the complete project, for a test to change."""
    return built.copy(tmp_path / "project")
