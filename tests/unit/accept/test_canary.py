"""The canary's tiny runs take the ways of the real ones."""

import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import run_id
from mpn_rl.sweep.accept.canary import FIRST_STEPS, all_differences, canary, tiny
from mpn_rl.sweep.config.sweep import load_sweep
from mpn_rl.sweep.ledger.aliases import combination
from mpn_rl.tasks.build import filled_in
from tests.workflow.project import ROOT


@pytest.mark.parametrize("name", ["config", "report", "tuning"])
def test_every_run_has_a_canary_of_its_combination(name):
    for point in load_sweep(ROOT / "config" / f"{name}.yaml").runs.values():
        small = tiny(point)
        numbers = dict.fromkeys(("num_episodes", "validation_period", "validation_episodes"))
        same = {**combination(filled_in(point)), **numbers}
        assert {**combination(small), **numbers} == same
        assert FIRST_STEPS < (small.num_steps or 0) <= 1200


def test_code_that_is_not_at_hand_is_no_refutation(tmp_path):
    for commit, reason in (
        (None, "the records name no commit"),
        ("0" * 40, "is not at hand"),
        ("1234-dirty", "with changes"),
    ):
        with pytest.raises(ArtifactError, match=reason):
            canary([], {commit}, tmp_path)


def test_the_first_stage_that_differs_is_named_and_not_what_follows(tmp_path):
    point = Hyperparameters()
    for name, loss in (("old", 1), ("new", 2)):
        home = tmp_path / name / "experiments" / "canary-0"
        (home / "analysis").mkdir(parents=True)
        (home / "training_history.json").write_text(f'{{"loss": {loss}}}')
        (home / "analysis" / "pca.csv").write_text(f"x\n{loss}\n")
    (home / "analysis" / "m_matrix.png").write_text("")
    (home / "analysis" / "another.png").write_text("which no stage makes")
    folders = tmp_path / "old", tmp_path / "new"
    said = "train: training_history.json: content, loss: 1 and 2"
    assert all_differences([point], *folders) == {0: f"a run like {run_id(point)}: {said}"}
    (home / "training_history.json").write_text('{"loss": 1}')
    (home / "analysis" / "pca.csv").write_text("x\n1\n")
    said = "plot_plasticity: m_matrix.png: is made by the new code alone"
    assert all_differences([point], *folders) == {0: f"a run like {run_id(point)}: {said}"}
    (home / "analysis" / "m_matrix.png").unlink()
    (home / "baselines").mkdir()
    (home / "baselines" / "DelayedMatch-v0_00000000.csv").write_text("as no version did before")
    assert all_differences([point], *folders) == {}
