"""Tasks of real packages from training to figures, and through a sweep."""

import re
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest
import yaml

from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.evaluation import read_evaluation
from mpn_rl.sweep.cli import main
from mpn_rl.sweep.ledger import verify_inputs
from tests.packages.cases import MODULES, PARAMS, SWEPT
from tests.workflow.project import Project

SMALL = {
    "hidden_dim": 8,
    "encoder_dim": 8,
    "num_envs": 2,
    "num_steps": 300,
    "batch_size": 4,
    "buffer_size": 4_000,
    "learning_starts": 100,
    "replay_start": "episode",
    "validation_period": 200,
    "validation_episodes": 2,
    "epsilon_decay": 200,
}


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert not ended.value.code


@pytest.mark.parametrize("case", PARAMS)
def test_from_training_to_figures(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mpn_rl.playing.baselines.MOST_STEPS", 200)
    words = ["train", "--experiment-name", "a", "--seed", "3"]
    flags = {"task": case.task, "core": "mpn", **SMALL, **case.further}
    for name, value in flags.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    run(*words)
    run(*["eval", "--experiment-name", "a", "--num-eval-episodes", "2"])
    assert re.fullmatch(r"mean_return -?[\d.e-]+", capsys.readouterr().out.splitlines()[-1])
    run(*["render", "--experiment-name", "a", "--fps", "10"])
    run(*["analyze", "collect", "--experiment-name", "a", "--num-episodes", "2"])
    run(*["analyze", "plot", "--experiment-name", "a"])
    directory = Path("experiments", "a")
    made = ["evaluation.csv", "videos/episode_3_0.gif", "analysis/activity.npz", "analysis/pca.csv"]
    made += ["analysis/training_curves.png", "analysis/m_matrix.png"]
    assert len(verify_inputs([directory / name for name in made])) == len(made)
    assert_sound(directory)


def assert_sound(directory):
    """Episodes were played, what was recorded is finite, and the animation is no blank."""
    evaluation = read_evaluation(directory / "evaluation.csv")
    assert (evaluation["length"] > 0).all()
    assert np.isfinite(evaluation["return"]).all()
    activity = read_activity(directory / "analysis" / "activity.npz")
    for episode, length in enumerate(activity.lengths[0]):
        assert np.isfinite(activity.h[0, episode, :length]).all()
        assert np.isfinite(activity.observations[0, episode, :length]).all()
    frames = imageio.imread(directory / "videos" / "episode_3_0.gif")
    assert frames.std() > 0


@pytest.mark.workflow
@pytest.mark.packages(*MODULES)
def test_one_sweep_over_all(tmp_path, monkeypatch):
    """The engine brings a task of every package to one summary."""
    monkeypatch.setattr("tests.workflow.project.SECONDS", 900)
    points = [{"task": case.task, **case.further} for case in SWEPT]
    config = {
        "sweep": {"name": "packages", "base": SMALL, "points": points},
        "seeds": {"first": 0, "count": 1, "per_job": 1},
        "evaluation": {"num_episodes": 2},
        "render": {"num_episodes": 1, "fps": 10},
        "analysis": {"num_episodes": 2},
    }
    project = Project.create(tmp_path / "project", yaml.safe_dump(config))
    project.build()
    runs = project.files("runs/*/seeds_0-0/evaluation.csv")
    assert len(runs) == len(SWEPT)
    assert (read_evaluation(runs[0])["length"] > 0).all()
    assert project.files("summary.pdf")[0].read_bytes()[:4] == b"%PDF"
    assert project.stale() == {}
