"""The whole DAG, in the slow set also on config/test.yaml, and what the engine says of mistakes."""

import json
from itertools import product
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pandas as pd
import pypdf
import pytest

from mpn_rl.sweep.config.sweep import Sweep, load_sweep
from mpn_rl.sweep.plan import blocks, jobs
from tests.fixtures.once import made_once
from tests.workflow.project import ROOT, Project

pytestmark = [pytest.mark.workflow]


def run_test_sweep(folder: Path) -> None:
    """Run `snakemake --configfile config/test.yaml --directory FOLDER`, a copy of the project."""
    Project.create(folder, (ROOT / "config" / "test.yaml").read_text())
    done = Project(ROOT).snakemake("--configfile", "config/test.yaml", "--directory", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(params=["a small sweep", pytest.param("test.yaml", marks=pytest.mark.slow)])
def made(
    request: pytest.FixtureRequest, built: Project, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """A project whose sweep is complete; not to be changed."""
    if request.param == "test.yaml":
        return Project(made_once(tmp_path_factory, "test_sweep", run_test_sweep))
    return built


@pytest.fixture
def results(made: Project) -> Path:
    """What its sweep leaves."""
    return made.folder / "results"


@pytest.fixture
def sweep(made: Project) -> Sweep:
    """What was asked for."""
    return load_sweep(made.folder / "config" / "config.yaml")


def test_every_run_leaves_a_whole_experiment_directory(results: Path, sweep: Sweep) -> None:
    assert sorted(path.name for path in (results / "runs").iterdir()) == sorted(sweep.runs)
    for run, name in product(sweep.runs, blocks(sweep)):
        block = results / "runs" / run / f"seeds_{name}"
        files = {str(path.relative_to(block)) for path in block.rglob("*") if path.is_file()}
        expected = {
            "config.json",
            "training_history.json",
            "checkpoints/best_model.pt",
            "checkpoints/final_model.pt",
            "evaluation.csv",
            "analysis/activity.npz",
            "analysis/pca.csv",
            "analysis/pca_projection.npz",
            "analysis/paths.csv",
            "analysis/plasticity.csv",
            "analysis/decoding.csv",
            "analysis/fixed_points.csv",
            "analysis/timescales.csv",
            "analysis/lesions.csv",
            "analysis/generalisation.csv",
            "analysis/training_curves.png",
            "analysis/training_curves.svg",
            "analysis/pca_variance.png",
            "analysis/pca_variance.svg",
            "analysis/trajectories_hidden.png",
            "analysis/trajectories_hidden.svg",
            "records/train.json",
            "records/evaluate.json",
            "records/collect.json",
            "records/analyse.json",
            "records/decode.json",
            "records/fixed_points.json",
            "analysis/memory.png",
            "analysis/memory.svg",
            "records/lesion.json",
            "records/generalise.json",
            "records/plot.json",
            "records/plot_memory.json",
        }
        if block.name.startswith("seeds_0-"):
            expected |= {"videos/episode_0_0.gif", "records/render_0_0.json"}
        if "_mpn_" in run:
            expected |= {
                "analysis/trajectories_M.png",
                "analysis/trajectories_M.svg",
                "analysis/m_matrix.png",
                "analysis/m_matrix.svg",
                "analysis/plasticity_course.png",
                "analysis/plasticity_course.svg",
                "records/plot_plasticity.json",
            }
        assert files == expected


def test_pictures_and_the_summary_can_be_opened(results: Path, sweep: Sweep) -> None:
    for path in results.rglob("*.png"):
        picture = imageio.imread(path)
        assert min(picture.shape[:2]) > 200
        assert picture.std() > 0
    for path in results.rglob("*.gif"):
        frames = imageio.imread(path, index=None)
        assert len(frames) == 3 + next(iter(sweep.runs.values())).delay  # of DelayedMatch
        assert np.abs(np.diff(frames.astype(float), axis=0)).sum() > 0
    text = "".join(page.extract_text() for page in pypdf.PdfReader(results / "summary.pdf").pages)
    for word in (sweep.name, "mpn", "gru", "DelayedMatch-v0"):
        assert word in text


def test_tables_hold_what_was_asked_for(results: Path, sweep: Sweep) -> None:
    runs = pd.read_csv(results / "runs.csv", index_col="run")
    assert list(runs.index) == list(sweep.runs)
    assert runs["hidden_dim"].tolist() == [p.hidden_dim for p in sweep.runs.values()]
    summary = pd.read_csv(results / "summary.csv")
    assert set(sweep.runs) <= set(summary["run"].dropna())
    sizes = summary[(summary["section"] == "runs") & (summary["statistic"] == "parameters")]
    assert (sizes["value"] > 0).all()
    agents = set(summary.loc[summary["section"] == "baselines", "text"])
    assert agents == {"random", "memoryless", "oracle"}
    [path] = (results / "baselines").iterdir()
    assert list(pd.read_csv(path)["agent"]) == ["random", "memoryless", "oracle"]


def test_every_job_has_a_log_and_a_benchmark(results: Path, sweep: Sweep) -> None:
    for stage in {job.rule for job in jobs(sweep)}:
        logs = list((results / "logs" / stage).glob("*.log"))
        benchmarks = list((results / "benchmarks" / stage).glob("*.tsv"))
        assert logs
        assert sorted(log.stem for log in logs) == sorted(file.stem for file in benchmarks)


def test_records_say_how_everything_was_made(results: Path) -> None:
    for path in results.glob("runs/*/*/records/*.json"):
        record = json.loads(path.read_text())
        assert record["outputs"]
        assert record["versions"]["torch"]
        assert record["wall_seconds"] >= 0
        assert record["seeds"]


@pytest.mark.slow
def test_two_summaries_of_equal_inputs_are_the_same_bytes(made: Project, tmp_path: Path) -> None:
    again = made.copy(tmp_path / "again")
    names = ("summary.pdf", "summary_figures.zip", "summary.csv", "runs.csv", "provenance.csv")
    for name in names:
        (again.folder / "results" / name).unlink()
    again.build()
    for name in names:
        one, other = (project.folder / "results" / name for project in (made, again))
        assert one.read_bytes() == other.read_bytes(), name


def test_the_linter_asks_for_nothing_but_conda() -> None:
    """Rules run in the environment of the one who calls, so none names an environment."""
    done = Project(ROOT).snakemake("--lint")
    complaints = {line.strip() for line in done.stderr.splitlines() if line.startswith("    * ")}
    assert complaints == {"* Specify a conda environment or container for each rule.:"}


MISTAKES = {
    "a misspelt key": ("num_steps: 200", "num_step: 200", "sweep.base.num_step: unknown key; did"),
    "a wrong type": ("hidden_dim: 4", "hidden_dim: four", "sweep.base.hidden_dim: 'four'"),
    "out of range": ("delay: 1", "delay: -1", "sweep.base.delay: -1"),
    "an empty grid": ("core: [mpn, gru]", "core: []", "sweep.grid.core"),
    "an unknown core": ("core: [mpn, gru]", "core: [mpn, grv]", "grv"),
    "an unknown task": ("DelayedMatch-v0", "DelayedMatch-v9", "DelayedMatch-v9"),
    "no seeds": ("count: 2, per_job: 1", "count: 0, per_job: 1", "seeds.count: 0"),
    "a point given twice": (
        "grid: {core: [mpn, gru]}",
        "points: [{core: gru}, {core: gru}]",
        "sweep.points",
    ),
    "YAML that does not parse": (
        "grid: {core: [mpn, gru]}",
        "grid: {core: [mpn, gru}",
        "config.yaml, line 6",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_config_is_one_clear_message(mistake: str, tmp_path: Path) -> None:
    old, new, message = MISTAKES[mistake]
    project = Project.create(tmp_path / "project")
    project.edit("config/config.yaml", old, new)
    done = project.snakemake("-n")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert message in said
    assert "config.yaml" in said
    assert "Traceback" not in said
    assert "Error in file" not in said
    assert not (project.folder / "results").exists()
