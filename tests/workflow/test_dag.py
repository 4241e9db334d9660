"""The whole DAG on config/test.yaml, and what the engine says of mistakes."""

import json
import shutil
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pandas as pd
import pypdf
import pytest

from mpn_rl.sweep.config.sweep import load_sweep
from tests.fixtures.once import made_once
from tests.workflow.project import ROOT, Project

pytestmark = [pytest.mark.workflow]

STAGES = (
    "train",
    "evaluate",
    "render",
    "collect",
    "analyse",
    "decode",
    "fixed_points",
    "lesion",
    "generalise",
    "plot",
    "plot_memory",
)


def run_test_sweep(folder: Path) -> None:
    """Run `snakemake --configfile config/test.yaml --directory FOLDER`."""
    done = Project(ROOT).snakemake("--configfile", "config/test.yaml", "--directory", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the test sweep leaves; not to be changed."""
    return made_once(tmp_path_factory, "test_sweep", run_test_sweep) / "results"


def test_every_run_leaves_a_whole_experiment_directory(results: Path) -> None:
    sweep = load_sweep(ROOT / "config" / "test.yaml")
    assert sorted(path.name for path in (results / "runs").iterdir()) == sorted(sweep.runs)
    for run in sweep.runs:
        block = results / "runs" / run / "seeds_0-1"
        files = {str(path.relative_to(block)) for path in block.rglob("*") if path.is_file()}
        expected = {
            "config.json",
            "training_history.json",
            "checkpoints/best_model.pt",
            "checkpoints/final_model.pt",
            "evaluation.csv",
            "videos/episode_0_0.gif",
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
            "records/render_0_0.json",
        }
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


def test_pictures_and_the_summary_can_be_opened(results: Path) -> None:
    for path in results.rglob("*.png"):
        picture = imageio.imread(path)
        assert min(picture.shape[:2]) > 200
        assert picture.std() > 0
    for path in results.rglob("*.gif"):
        frames = imageio.imread(path, index=None)
        assert len(frames) == 5  # an episode of DelayedMatch with a delay of 2
        assert np.abs(np.diff(frames.astype(float), axis=0)).sum() > 0
    text = "".join(page.extract_text() for page in pypdf.PdfReader(results / "summary.pdf").pages)
    for word in ("test", "mpn", "gru", "DelayedMatch-v0"):
        assert word in text


def test_tables_hold_what_was_asked_for(results: Path) -> None:
    sweep = load_sweep(ROOT / "config" / "test.yaml")
    runs = pd.read_csv(results / "runs.csv", index_col="run")
    assert list(runs.index) == list(sweep.runs)
    assert runs["hidden_dim"].tolist() == [8] * len(runs)
    summary = pd.read_csv(results / "summary.csv")
    assert set(sweep.runs) <= set(summary["run"].dropna())
    sizes = summary[(summary["section"] == "runs") & (summary["statistic"] == "parameters")]
    assert (sizes["value"] > 0).all()
    agents = set(summary.loc[summary["section"] == "baselines", "text"])
    assert agents == {"random", "memoryless", "oracle"}
    [path] = (results / "baselines").iterdir()
    assert list(pd.read_csv(path)["agent"]) == ["random", "memoryless", "oracle"]


def test_every_job_has_a_log_and_a_benchmark(results: Path) -> None:
    for stage in (*STAGES, "summarise"):
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


def test_two_summaries_of_equal_inputs_are_the_same_bytes(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(results.parent, copy)
    names = ("summary.pdf", "summary_figures.zip", "summary.csv", "runs.csv", "provenance.csv")
    for name in names:
        (copy / "results" / name).unlink()
    run_test_sweep(copy)
    for name in names:
        assert (copy / "results" / name).read_bytes() == (results / name).read_bytes(), name


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
