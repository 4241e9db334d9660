"""Analysis of recordings, on an agent whose modulations can be written down."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.pca import read_projection, read_spectra
from mpn_rl.artifacts.plasticity import COURSE, read_plasticity
from mpn_rl.artifacts.tables import read_rows
from mpn_rl.networks.build import build_network
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.stages import analyse as stage
from mpn_rl.sweep.stages.analyse import analyse
from mpn_rl.sweep.stages.collect import collect
from mpn_rl.sweep.stages.runner import given_at

RUN = "DelayedMatch-v0_{core}_00000000"
ETA, DECAY, HIDDEN = 8.0, 0.5, 3
POINT = {
    "task": "DelayedMatch-v0",
    "delay": 2,
    "hidden_dim": HIDDEN,
    "encoder": "none",
    "hebbian_rule": "presynaptic",
    "eta": -ETA,
    "lambda_decay": DECAY,
    "learn_eta": False,
    "learn_lambda": False,
}


def analysed(home: Path, core: str = "mpn", seeds: tuple[int, ...] = (4, 5)) -> Any:
    """What collect and analyse write of agents with random weights, which their M do not need."""
    plastic = POINT if core == "mpn" else {n: POINT[n] for n in ("task", "delay", "hidden_dim")}
    point = Hyperparameters(core=core, **plastic)
    weights = {seed: build_network(point, 4, 2).state_dict() for seed in seeds}
    write_checkpoint(file_in(home, "final"), Checkpoint(resolved(point), 4, 2, weights))
    run, chosen = RUN.format(core=core), {"checkpoint": "final"}
    collect(given_at(home, "collect", run, {**chosen, "num_episodes": 18, "max_recorded_mb": 1.0}))
    given = given_at(home, "analyse", run, chosen)
    analyse(given)
    return given


def test_the_course_of_modulations_that_are_known(tmp_path: Path) -> None:
    given = analysed(tmp_path)
    activity = read_activity(given.inputs["activity"])
    table = read_rows(given.outputs["plasticity"], COURSE)
    assert table[["seed", "time", "phase"]].tolist() == [
        (seed, time, phase)
        for seed in (4, 5)
        for time, phase in enumerate(["sample", "delay", "delay", "test", "decision"])
    ]
    assert {*table["episodes"]} == {18}
    for index, seed in enumerate((4, 5)):
        # presynaptic: M ← λ M + η x / √hidden, whatever the units do
        M, own = np.zeros((18, 4)), table[table["seed"] == seed]
        for time, row in enumerate(own):
            M = DECAY * M - ETA * activity.x[index, :, time] / math.sqrt(HIDDEN)
            expected = np.quantile(np.repeat(M, HIDDEN), [0.05, 0.25, 0.5, 0.75, 0.95])
            found = [row[name] for name in ("q05", "q25", "q50", "q75", "q95")]
            assert found == pytest.approx(expected.tolist(), abs=1e-5)
            assert row["flipped"] == pytest.approx((M < -1).mean())
        assert 0 < own["flipped"].mean() < 1


def test_principal_components_of_modulations_that_are_known(tmp_path: Path) -> None:
    given = analysed(tmp_path)
    spectra = read_spectra(given.outputs["pca"])
    projection = read_projection(given.outputs["projection"])
    assert projection["M"].shape == projection["hidden"].shape == (2, 18, 5, 3)
    assert not np.isnan(projection["M"]).any()
    own = spectra[(spectra["seed"] == 4) & (spectra["variable"] == "M")]
    # 90 samples of 12 synapses, alike in all hidden units
    assert len(own) == 12
    x = read_activity(given.inputs["activity"]).x[0]
    M = np.zeros((5, 18, 4))
    for time in range(5):
        before = M[time - 1] if time else 0.0
        M[time] = DECAY * before - ETA * x[:, time] / math.sqrt(HIDDEN)
    expected = HIDDEN * np.linalg.eigvalsh(np.cov(M.reshape(-1, 4).T))[::-1]
    assert own["variance"][:4] == pytest.approx(expected, rel=1e-4)
    assert own["variance"][4:] == pytest.approx(np.zeros(8), abs=1e-6)


def test_of_a_large_layer_the_first_episodes_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stage, "LARGE_LAYER", 11)
    monkeypatch.setattr(stage, "MOST_NUMBERS", 7 * 5 * 12 + 1)
    with caplog.at_level("INFO"):
        given = analysed(tmp_path)
    assert read_projection(given.outputs["projection"])["M"].shape == (2, 7, 5, 3)
    assert "those of the first 7 episodes, as the layer has 12 synapses" in caplog.text
    assert {*read_plasticity(given.outputs["plasticity"])["episodes"]} == {18}


@pytest.mark.parametrize(("core", "seeds"), [("gru", (4,)), ("mpn", ())])
def test_without_modulations_the_table_has_no_rows(
    core: str, seeds: tuple[int, ...], tmp_path: Path
) -> None:
    given = analysed(tmp_path, core, seeds)
    assert len(read_plasticity(given.outputs["plasticity"])) == 0
    assert [*read_projection(given.outputs["projection"])] == ["hidden"]
