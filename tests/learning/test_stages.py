"""The stages on tiny agents: equal bytes, independent seeds, failures that do not spread."""

import hashlib
import json
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy as np
import pytest
import torch

from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.evaluation import read_evaluation
from mpn_rl.artifacts.history import read_history
from mpn_rl.learning.dqn import RecurrentDQN
from mpn_rl.learning.learner import DivergedError
from mpn_rl.networks.build import build_network
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.sweep.stages.recomputed import recomputed
from mpn_rl.tasks.build import build_task
from tests.fixtures.stages import Block, run_rule, train

SMALL: dict[str, Any] = {
    "delay": 1,
    "encoder_dim": 4,
    "hidden_dim": 4,
    "num_steps": 300,
    "num_envs": 4,
    "batch_size": 4,
    "learning_starts": 50,
    "replay_start": "episode",
    "validation_period": 100,
    "validation_episodes": 4,
}
RUN = "DelayedMatch-v0_mpn_00000000"


def make(folder: Path, seeds: tuple[int, ...] = (0, 1), **changes: Any) -> Block:
    hyperparameters = resolved(Hyperparameters(**{**SMALL, **changes}))
    block = folder / "experiment"
    train(block, RUN, hyperparameters, seeds)
    run_rule(block, "evaluate", RUN, num_episodes=7, checkpoint="final")
    run_rule(block, "collect", RUN, num_episodes=5, checkpoint="final", max_recorded_mb=1.0)
    run_rule(block, "analyse", RUN, checkpoint="final")
    run_rule(block, "render", RUN, seed=seeds[0], episode=1, fps=5, checkpoint="best")
    return Block(block)


def hashes(experiment: Block) -> dict[str, str]:
    files = [path for path in experiment.root.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(experiment.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.parent.name not in ("records", "logs")  # these have times
    }


CORES = ("mpn-recurrent", "mpn-frozen", "lstm", "rnn")


@pytest.mark.parametrize(
    "core", ["mpn", "gru", *(pytest.param(core, marks=pytest.mark.slow) for core in CORES)]
)
def test_same_config_and_seed_twice_give_the_same_bytes(core: str, tmp_path: Path) -> None:
    first, second = (hashes(make(tmp_path / name, core=core)) for name in ("a", "b"))
    assert len(first) == 11
    assert first == second


def test_a_seed_does_not_depend_on_its_block(tmp_path: Path) -> None:
    together, alone = make(tmp_path / "both", (0, 1)), make(tmp_path / "one", (1,))
    for name in ("best", "final"):
        both = read_checkpoint(getattr(together, name)).seeds[1]
        one = read_checkpoint(getattr(alone, name)).seeds[1]
        assert all(np.array_equal(both[key], one[key]) for key in one)
    assert read_history(together.history)[1] == read_history(alone.history)[1]
    both_table, one_table = read_evaluation(together.evaluation), read_evaluation(alone.evaluation)
    assert both_table[both_table["seed"] == 1].to_csv(index=False) == one_table.to_csv(index=False)
    both_h, one_h = read_activity(together.activity).h, read_activity(alone.activity).h
    assert np.array_equal(both_h[1], one_h[0], equal_nan=True)


def test_a_seed_that_diverges_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = make(tmp_path / "a")
    update = RecurrentDQN.update
    doomed: list[int] = []

    def fail_second(self: RecurrentDQN) -> Any:
        if self.updates == 0 and id(self) not in doomed:
            doomed.append(id(self))
        if len(doomed) == 2 and id(self) == doomed[1] and self.updates == 3:
            raise DivergedError("the loss became nan at update 4")
        return update(self)

    monkeypatch.setattr(RecurrentDQN, "update", fail_second)
    disturbed = make(tmp_path / "b")
    history = read_history(disturbed.history)
    assert history[1]["status"] == "failed"
    assert history[1]["failure"] == "the loss became nan at update 4"
    assert history[0] == read_history(undisturbed.history)[0]
    assert read_evaluation(disturbed.evaluation)["seed"].unique().tolist() == [0]
    assert read_activity(disturbed.activity).seeds.tolist() == [0]


def test_all_seeds_failed_is_still_a_result(tmp_path: Path, caplog: Any) -> None:
    experiment = make(tmp_path, num_steps=40)
    assert {entry["status"] for entry in read_history(experiment.history).values()} == {"failed"}
    assert len(read_evaluation(experiment.evaluation)) == 0
    assert read_activity(experiment.activity).seeds.tolist() == []
    [animation] = [*tmp_path.rglob("*.gif")]  # one frame that says so
    assert len(imageio.imread(animation, index=None)) == 1
    assert "seed 0 failed in training" in caplog.text


def test_what_is_complete_is_found_and_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = make(tmp_path)
    before = hashes(experiment)

    def refuse(*_: Any) -> Any:
        raise AssertionError("trained twice")

    monkeypatch.setattr(RecurrentDQN, "update", refuse)
    make(tmp_path)
    experiment.final.unlink()
    make(tmp_path)  # from the results of its seeds, which the work directory keeps
    assert hashes(experiment) == before
    with pytest.raises(AssertionError, match="trained twice"):
        make(tmp_path, learning_rate=0.1)


def test_recorded_M_follows_the_equations(tmp_path: Path) -> None:
    fixed = {"eta": 0.1, "learn_eta": False, "lambda_decay": 0.95, "learn_lambda": False}
    experiment = make(tmp_path, seeds=(0,), encoder="none", **fixed)
    activity = read_activity(experiment.activity)
    [(_, memory)] = recomputed(activity, experiment.final)
    h, x, M = activity.h[0, 0], activity.observations[0, 0], memory.whole()[0]
    np.testing.assert_array_equal(activity.x, activity.observations)
    expected = np.zeros_like(M[0])
    for t in range(activity.lengths[0, 0]):
        expected = 0.95 * expected + 0.1 * np.outer(h[t], x[t])
        assert M[t] == pytest.approx(expected, abs=1e-6)


def test_a_checkpoint_of_another_shape_is_refused(tmp_path: Path) -> None:
    experiment = make(tmp_path)
    path = experiment.final
    record = experiment.root / "records" / "train.json"
    checkpoint = read_checkpoint(path)
    wider = {**checkpoint.hyperparameters, "hidden_dim": 9}
    content = torch.load(path, weights_only=True)
    torch.save({**content, "hyperparameters": wider}, path)
    entry = json.loads(record.read_text())
    entry["outputs"]["checkpoints/final_model.pt"] = hashlib.sha256(path.read_bytes()).hexdigest()
    record.write_text(json.dumps(entry))
    with pytest.raises(
        ArtifactError, match=r"is of another run: config.json differs in hidden_dim"
    ):
        run_rule(experiment.root, "evaluate", RUN, num_episodes=1, checkpoint="final")


def test_scores_do_not_depend_on_how_many_play_at_once_beyond_the_draw() -> None:
    hyperparameters = Hyperparameters(task="CartPole-v1", core="gru", hidden_dim=4)
    network = build_network(hyperparameters, 4, 2, torch.Generator().manual_seed(0))
    scores = run_episodes(GreedyNetwork(network), build_task(hyperparameters, 3), 8, seed=1)
    again = run_episodes(GreedyNetwork(network), build_task(hyperparameters, 3), 8, seed=1)
    assert scores.lengths.tolist() == again.lengths.tolist()
    assert scores.lengths.tolist() == scores.returns.tolist()
    assert len(set(scores.lengths.tolist())) > 1
