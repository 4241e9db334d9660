"""Experiments from the command line, from training to figures, cut off and extended."""

import json
import re

import pytest

from mpn_rl.artifacts.files import sha256
from mpn_rl.sweep.cli import main
from mpn_rl.sweep.ledger import verify_inputs

SMALL = (
    "--task DelayedMatch-v0 --delay 1 --hidden-dim 4 --encoder-dim 4 --num-envs 2 --batch-size 4 "
    "--replay-start episode --learning-starts 40 --validation-period 200 --validation-episodes 2 "
    "--epsilon-decay 200"
)


def run(text):
    with pytest.raises(SystemExit) as ended:
        main(text.split())
    assert not ended.value.code


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "experiments"


def test_from_training_to_figures(folder, capsys):
    run(f"train --experiment-name a --seeds 5 6 --num-steps 300 {SMALL}")
    assert "experiment a: experiments/a" in capsys.readouterr().out
    run("eval --experiment-name a --num-eval-episodes 3 --checkpoint best_model.pt")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("seed 5: ")
    assert [line.split(" agent: ")[0] for line in lines[2:-2]] == ["random", "memoryless", "oracle"]
    assert "6 episodes" in lines[-2]
    assert re.fullmatch(r"mean_return -?[\d.]+", lines[-1])
    run("render --experiment-name a --fps 5 --seed 6 --episode 1")
    run("render --experiment-name a --output own.gif")
    run("analyze collect --experiment-name a --num-episodes 3")
    run("analyze plot --experiment-name a --color-by time")
    directory = folder / "a"
    files = [
        "checkpoints/best_model.pt",
        "evaluation.csv",
        "videos/episode_6_1.gif",
        "analysis/activity.npz",
        "analysis/pca.csv",
        "analysis/training_curves.png",
        "analysis/m_matrix.png",
    ]
    assert len(verify_inputs([directory / name for name in files])) == len(files)
    assert (folder.parent / "own.gif").read_bytes()[:3] == b"GIF"


def refused(text, capsys):
    with pytest.raises(SystemExit) as ended:
        main(text.split())
    assert ended.value.code == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_where_every_seed_failed_nothing_says_that_all_is_well(folder, capsys):
    train = f"train --experiment-name a --seeds 0 1 --num-steps 300 --learning-rate 1e30 {SMALL}"
    said = refused(train, capsys)
    reason = "experiments/a: every seed failed in training: seed 0: the loss became nan"
    assert reason in said
    assert (folder / "a" / "checkpoints" / "final_model.pt").exists()
    for command in ("eval", "render", "render --seed 1", "analyze collect", "analyze plot"):
        assert reason in refused(f"{command} --experiment-name a", capsys)
    assert [*folder.rglob("*.gif")] == [*folder.rglob("*.png")] == []
    assert reason in refused("resume --experiment-name a --num-steps 320", capsys)
    run(f"{train.replace('--num-steps 300', '--num-steps 320')} --skip-finished")  # in a pool


def test_a_seed_that_failed_is_named_and_not_shown(folder, capsys):
    run(f"train --experiment-name a --seeds 0 1 --num-steps 120 {SMALL}")
    history = folder / "a" / "training_history.json"
    content = json.loads(history.read_text())
    content["seeds"]["0"]["failure"] = "the loss became nan at update 4"
    history.write_text(json.dumps(content))
    said = refused("render --experiment-name a --seed 0", capsys)
    assert said.endswith(
        "--seed: 0 failed in training: the loss became nan at update 4; completed are [1]"
    )
    run("render --experiment-name a")
    assert [path.name for path in folder.rglob("*.gif")] == ["episode_1_0.gif"]
    capsys.readouterr()
    run("eval --experiment-name a --num-eval-episodes 2")
    assert "seed 0: failed in training: the loss became nan" in capsys.readouterr().out


@pytest.mark.parametrize("flags", ["--buffer-size 1000000000000", "--delay 50 --buffer-size 40"])
def test_what_cannot_be_held_is_refused_and_leaves_no_folder(flags, folder, capsys):
    with pytest.raises(SystemExit) as ended:
        main(f"train --experiment-name a {SMALL} {flags}".split())
    assert ended.value.code == 1
    assert re.match(r"mpn-rl: buffer_size: \d+ (needs|cannot hold)", capsys.readouterr().err)
    assert not folder.exists()


def test_names_are_made_up_and_seeds_count(folder):
    for seed in (1, 1, 2):
        run(f"train --seed {seed} --num-steps 120 {SMALL}")
    experiments = [path for path in folder.iterdir() if path.name != ".work"]
    assert len(experiments) == 3
    checkpoints = [sha256(path / "checkpoints" / "final_model.pt") for path in experiments]
    assert len(set(checkpoints)) == 2


def test_a_longer_training_equals_one_asked_for_at_once(folder):
    run(f"train --experiment-name long --num-steps 400 {SMALL}")
    run(f"train --experiment-name short --num-steps 200 {SMALL}")
    run("resume --experiment-name short --num-steps 400")
    for name in (
        "config.json",
        "training_history.json",
        "checkpoints/final_model.pt",
        "checkpoints/best_model.pt",
    ):
        assert (folder / "short" / name).read_bytes() == (folder / "long" / name).read_bytes()


def test_what_was_cut_off_goes_on_under_its_name(folder, monkeypatch, capsys):
    from mpn_rl.learning.training import SeedTraining

    run(f"train --experiment-name whole --num-steps 300 {SMALL}")
    advance = SeedTraining.advance

    def dying(training):
        if training.steps >= 200:
            raise KeyboardInterrupt
        advance(training)

    monkeypatch.setattr(SeedTraining, "advance", dying)
    with pytest.raises(SystemExit) as ended:
        main(f"train --experiment-name cut --num-steps 300 --save-steps 50 {SMALL}".split())
    assert ended.value.code == 130
    monkeypatch.undo()
    monkeypatch.chdir(folder.parent)
    capsys.readouterr()
    run("resume --experiment-name cut")
    assert re.search(r"continues from step (1[5-9]\d|200)", capsys.readouterr().err)
    for name in ("training_history.json", "checkpoints/final_model.pt"):
        assert (folder / "cut" / name).read_bytes() == (folder / "whole" / name).read_bytes()
