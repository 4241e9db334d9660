"""Results that the engine knows nothing of become stale by the project's own records."""

import shutil
from pathlib import Path

import pytest

from tests.workflow.project import Project, job_counts
from tests.workflow.test_code_edits import CONFIG_FILE, EVALUATION, NOTHING, RERUN, Edit
from tests.workflow.test_staleness import edit

pytestmark = [pytest.mark.workflow]


def files(project: Project) -> set[Path]:
    return {
        p.relative_to(project.folder)
        for p in project.folder.rglob("*")
        if "__pycache__" not in p.parts and ".snakemake" not in p.parts
    }


@pytest.fixture
def without_metadata(project: Project) -> Project:
    shutil.rmtree(project.folder / ".snakemake" / "metadata")
    return project


UNKNOWN: dict[str, tuple[Edit, dict[str, int]]] = {
    "nothing": (lambda _: None, {}),
    "a log text": (NOTHING["the text of a log line of training"], {}),
    "a core": RERUN["a formula of a core"],
    "the loss": RERUN["the loss"],
    "evaluation.num_episodes": (
        edit(CONFIG_FILE, "evaluation: {num_episodes: 3}", "evaluation: {num_episodes: 4}"),
        EVALUATION,
    ),
    "a value removed": (
        edit(CONFIG_FILE, "core: [mpn, gru]", "core: [mpn]"),
        {"summarise": 1},
    ),
}


SHOWN = ("nothing", "a core", "evaluation.num_episodes")


@pytest.mark.parametrize(
    "row", [pytest.param(r, marks=[] if r in SHOWN else pytest.mark.slow) for r in UNKNOWN]
)
def test_records_decide_where_the_engine_knows_nothing(row: str, without_metadata: Project) -> None:
    change, expected = UNKNOWN[row]
    change(without_metadata)
    before = files(without_metadata)
    assert without_metadata.stale() == expected
    assert files(without_metadata) == before


@pytest.mark.slow
def test_only_what_is_upstream_of_a_target_runs(without_metadata: Project) -> None:
    RERUN["the loss"][0](without_metadata)
    wanted = without_metadata.files("runs/*_gru_*/seeds_0-0/evaluation.csv")[0]
    done = without_metadata.snakemake("-n", str(wanted.relative_to(without_metadata.folder)))
    assert job_counts(done) == {"train": 1, "evaluate": 1}
