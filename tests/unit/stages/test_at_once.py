"""Seeds that train at once leave what they leave one after the other, and so do their errors."""

import logging
import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from mpn_rl import workers
from mpn_rl.errors import TaskError, UserError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.stages.at_once import ONE_THREAD, train_at_once
from mpn_rl.sweep.stages.resuming import MachineSettings
from tests.artifact_bytes import artifacts
from tests.fixtures.stages import train
from tests.workflow.processes import wait_for

TINY: dict[str, object] = {
    "learner": "pqn",
    "core": "gru",
    "delay": 1,
    "encoder_dim": 4,
    "hidden_dim": 4,
    "num_steps": 80,
    "num_envs": 4,
    "rollout_length": 8,
    "validation_period": 40,
    "validation_episodes": 4,
}


def stand_in(folder: Path, fails: int, seed: int) -> None:
    """Leave a file for a seed; in place of one of them, come upon a task that breaks."""
    logging.getLogger("training").info("seed %d: %s", seed, os.environ["OMP_NUM_THREADS"])
    if seed == fails:
        try:
            _ = [][seed]
        except IndexError as error:
            raise TaskError("task 'mine': reset raised IndexError") from error
    (folder / str(seed)).touch()


def breaks(seed: int) -> None:
    raise ZeroDivisionError(seed)


def is_killed(seed: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL if seed else signal.SIGTERM)


def test_every_seed_is_trained_and_its_log_is_here(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    train_at_once(partial(stand_in, tmp_path, -1), range(3), 2)
    assert {path.name for path in tmp_path.iterdir()} == {"0", "1", "2"}
    assert sorted(caplog.messages) == ["seed 0: 1", "seed 1: 1", "seed 2: 1"]
    assert set(ONE_THREAD.values()) == {"1"}


def test_what_a_task_raised_is_raised_here_with_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="reset raised IndexError") as error:
        train_at_once(partial(stand_in, tmp_path, 0), [0], 1)
    assert "in stand_in" in str(error.value.__cause__)


def test_what_is_no_error_of_the_user_keeps_its_traceback() -> None:
    with pytest.raises(RuntimeError, match=r"in breaks(.|\n)*ZeroDivisionError: 7"):
        train_at_once(breaks, [7], 1)


@pytest.mark.parametrize(("seed", "how"), [(0, "exit code 143"), (1, "SIGKILL")])
def test_a_process_that_is_ended_is_told_of(
    seed: int, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match=re.escape(f"ended unexpectedly ({how})")):
        train_at_once(is_killed, [seed], 1)
    assert capfd.readouterr().err == ""  # its last line is its parent's to say


def test_a_process_does_not_train_with_other_code(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workers, "BEGUN_WITH", "another")
    with pytest.raises(UserError, match=re.escape("ended unexpectedly (exit code 1)")):
        train_at_once(is_killed, [0], 1)
    assert "the code was edited while this process was starting" in capfd.readouterr().err


def test_bytes_do_not_depend_on_how_many_train_at_once(tmp_path: Path) -> None:
    hyperparameters = resolved(Hyperparameters.read(TINY))
    for number in (1, 2):
        machine = MachineSettings(seeds_at_once=number)
        train(tmp_path / str(number), "r", hyperparameters, (0, 1, 2), machine=machine)
    assert artifacts(tmp_path / "2") == artifacts(tmp_path / "1")


@pytest.mark.slow
def test_seeds_that_were_stopped_go_on_in_another_number(tmp_path: Path) -> None:
    """SIGTERM reaches all, each saves; 1, 2 and 3 processes leave the same bytes."""
    command = [str(Path(sys.executable).with_name("mpn-rl"))]
    point = "--delay 1 --encoder-dim 4 --hidden-dim 4 --num-steps 20000 --update-period 36"
    begin = [*command, "train", *point.split(), "--seeds", "0", "1", "2", "--save-steps", "500"]
    whole = [*begin, "--experiment-name", "whole"]
    subprocess.run(whole, cwd=tmp_path, check=True, stderr=subprocess.DEVNULL)
    cut = [*begin, "--experiment-name", "cut", "--seeds-at-once", "3"]
    with subprocess.Popen(cut, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        work = tmp_path / "experiments/.work/cut"
        wait_for(lambda: len([*work.glob("seed_?.state")]) == 3, 120, "a state of each seed")
        process.terminate()
        _, said = process.communicate(timeout=240)
    assert process.returncode == 128 + signal.SIGTERM
    assert len(re.findall(r"seed \d: saved at step", said)) == 3
    assert said.count("mpn-rl: stopped by SIGTERM; `mpn-rl resume") == 1
    again = [*command, "resume", "--experiment-name", "cut", "--seeds-at-once", "2"]
    done = subprocess.run(again, cwd=tmp_path, check=True, stderr=subprocess.PIPE, text=True)
    assert len(re.findall(r"seed \d: continues from step", done.stderr)) == 3
    made = [artifacts(tmp_path / "experiments" / name) for name in ("whole", "cut")]
    assert made[0] == made[1]
