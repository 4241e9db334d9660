"""One small sweep, made once; every test works on a copy."""

from pathlib import Path

import pytest

from tests.workflow.project import Project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose sweep is complete; not to be changed."""
    project = Project.create(tmp_path_factory.mktemp("built") / "project")
    project.build()
    return project


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A copy of the complete project, for a test to change."""
    return built.copy(tmp_path / "project")
