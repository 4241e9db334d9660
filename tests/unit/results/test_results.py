"""Finished trainings as data frames, agents and figures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import mpn_rl
from mpn_rl import Experiment, Sweep, load
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.sweep.results.panels import PANELS

DRAWN = ("return", "correct", "eta", "lambda", "variance", "trajectory", "M", "M_norm", "q_values")


@pytest.fixture
def sweep(sweep_folder: Path) -> Sweep:
    return Sweep(sweep_folder)


@pytest.fixture
def recorded(sweep: Sweep) -> Experiment:
    return sweep.where(core="mpn").experiment(seed=0)


def test_runs_and_what_tells_them_apart(sweep: Sweep) -> None:
    assert len(sweep) == 2
    assert len(sweep.blocks) == 4
    assert sweep.axes["core"] == ["mpn", "mpn-frozen"]
    assert sweep.runs["seeds"].tolist() == [2, 2]
    assert sweep.runs["learning_rate"].notna().all()  # what the recipe filled in
    assert list(sweep.where(core="mpn").points) == [next(r for r in sweep.points if "_mpn_" in r)]


def test_scores_are_means_of_the_evaluated_episodes(sweep: Sweep) -> None:
    episodes, scores = sweep.evaluation, sweep.scores
    assert len(episodes) == 80
    means = episodes.groupby(["run", "seed"])["return"].mean()
    own = scores[scores["metric"] == "return"].set_index(["run", "seed"])["value"]
    assert own.sort_index().to_dict() == pytest.approx(means.sort_index().to_dict())
    row = sweep.summary.query("metric == 'return'").iloc[0]
    assert row["value"] == pytest.approx(means[row["run"]].mean())  # the IQM of two is their mean
    assert row["n"] == 2


def test_curves_have_the_steps_of_the_history(recorded: Experiment) -> None:
    curves, entry = recorded.curves, recorded.history[0]
    own = curves[curves["quantity"] == "validation_return"]
    assert own["step"].tolist() == entry["validation_step"]
    assert own["value"].tolist() == entry["validation_return"]
    losses = curves[curves["quantity"] == "loss"]
    assert losses["step"].tolist() == entry["loss_step"]


def test_agents_play_again_what_was_evaluated_and_recorded(recorded: Experiment) -> None:
    assert recorded.evaluate(20).equals(recorded.evaluation)
    played, kept = recorded.record(6), recorded.activity
    assert np.array_equal(played.h, kept.h, equal_nan=True)


def test_a_network_has_the_weights_of_its_checkpoint(recorded: Experiment) -> None:
    from mpn_rl.artifacts.checkpoint import read_checkpoint

    weights = read_checkpoint(recorded.file("final")).seeds[0]
    network = recorded.network()
    for name, weight in network.state_dict().items():
        assert np.array_equal(weight.numpy(), weights[name])
    with pytest.raises(ArtifactError, match="has no seed 5"):
        recorded.network(5)


def test_panels_are_drawn_into_given_axes(recorded: Experiment) -> None:
    for name in DRAWN:
        ax = Figure().add_subplot()
        assert recorded.draw(name, ax) is ax
        assert ax.has_data()
    assert recorded.draw("loss").has_data()
    with pytest.raises(ArtifactError, match="`mpn-rl analyze lesion` makes it"):
        recorded.draw("lesions")
    with pytest.raises(UserError, match="'varience' is no panel; did you mean variance"):
        recorded.draw("varience")
    assert {*DRAWN} <= {*PANELS}


def test_figures_are_the_sweeps_own(recorded: Experiment) -> None:
    for name in ("training_curves", "pca_variance", "trajectories_M", "m_matrix"):
        assert recorded.figure(name).get_axes()
    with pytest.raises(ArtifactError, match="is no figure; did you mean m_matrix"):
        recorded.figure("m_matrx")
    with pytest.raises(ArtifactError, match="has none of decoding"):
        recorded.figure("memory")


def test_curves_and_scores_of_runs_in_one_panel(sweep: Sweep) -> None:
    ax = Figure().add_subplot()
    assert sweep.draw_curves(ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [label.partition(",")[0] for label in labels] == ["mpn", "mpn-frozen"]
    scores = sweep.draw_scores(by="core")
    assert [text.get_text() for text in scores.get_xticklabels()] == ["mpn", "mpn-frozen"]
    with pytest.raises(UserError, match="is no curve"):
        sweep.draw_curves(quantity="los")


def test_a_path_says_what_it_is(sweep_folder: Path, recorded: Experiment) -> None:
    assert isinstance(load(sweep_folder), Sweep)
    assert isinstance(load(recorded.directory), Experiment)
    run = load(recorded.directory.parent)
    assert isinstance(run, Sweep)
    assert len(run.blocks) == 2
    assert recorded.name == f"{recorded.run}/seeds_0-0"
    assert repr(recorded) == f"<Experiment {recorded.name}: DelayedMatch-v0, mpn, seeds [0]>"


def test_what_is_not_there_is_said(sweep: Sweep, recorded: Experiment, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no trained blocks are here"):
        Sweep(tmp_path)
    with pytest.raises(ArtifactError, match="no experiment is here"):
        Experiment(tmp_path)
    with pytest.raises(ArtifactError, match="coree: unknown key; did you mean core"):
        sweep.where(coree="mpn")
    with pytest.raises(ArtifactError, match="no run has"):
        sweep.where(core="lstm")
    with pytest.raises(ArtifactError, match="which run is meant"):
        sweep.experiment()
    with pytest.raises(ArtifactError, match="'evalution' is no table; did you mean evaluation"):
        recorded.table("evalution")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda own, _: own.evaluate(num_episodes=0), "num_episodes: 0 is not a whole number"),
        (lambda own, _: own.evaluate(num_episodes="x"), "num_episodes: 'x' is not a whole number"),
        (lambda own, _: own.record(num_episodes=2.5), "num_episodes: 2.5 is not a whole number"),
        (lambda own, _: own.network(checkpoint="last"), "'last' is not one of final, best"),
        (lambda own, _: own.draw("eta", lair=2), "panel 'eta': lair: unknown key; did you mean l"),
        (lambda own, _: own.draw("loss", layer=1), "panel 'loss': layer: unknown key; allowed: no"),
        (lambda _, whole: whole.draw_curves(by="cor"), "cor: unknown key; did you mean core"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    sweep: Sweep, recorded: Experiment, asked: Callable[[Experiment, Sweep], Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        asked(recorded, sweep)


def test_a_config_chooses_its_runs(sweep_folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "one.yaml"
    config.write_text(
        "sweep: {base: {delay: 1, encoder_dim: 4, hidden_dim: 4, learner: pqn, num_steps: 512,"
        " num_envs: 4, validation_period: 128, validation_episodes: 4, core: mpn}}\n"
        "seeds: {first: 0, count: 1, per_job: 1}\n"
    )
    assert [block.seeds for block in Sweep(sweep_folder, config).blocks] == [[0]]


@pytest.mark.parametrize("name", [n for n in mpn_rl.__all__ if n != "__version__"])
def test_every_public_name_and_what_it_has_is_told_of(name: str) -> None:
    found = getattr(mpn_rl, name)
    assert found.__doc__
    public = [n for n in vars(found) if not n.startswith("_")] if isinstance(found, type) else []
    for member in public:
        told = getattr(vars(found)[member], "__doc__", "")
        assert told, f"{name}.{member}"
