"""Submit files, against ones written by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from mpn_rl.errors import UserError
from mpn_rl.parameters.points import run_id
from mpn_rl.sweep.cli.commands import build_parser
from mpn_rl.sweep.cli.flags import given_hyperparameters, read_hyperparameters
from mpn_rl.sweep.cluster.submit_files import GPU_SLOT, Slot, argument_lines, write_submit
from mpn_rl.sweep.config.sweep import Sweep, read_sweep


def small_sweep() -> Sweep:
    base = {"task": "DelayedMatch-v0", "num_steps": None, "num_episodes": 5, "learn_eta": False}
    return read_sweep(
        {
            "sweep": {"name": "small", "base": base, "grid": {"core": ["mpn", "gru"]}},
            "seeds": {"first": 0, "count": 4, "per_job": 2},
        }
    )


def test_arguments_train_the_very_runs_of_the_sweep() -> None:
    sweep = small_sweep()
    lines = argument_lines(sweep)
    assert [line.split(", ")[0] for line in lines] == [
        f"{run}_seeds_{block}" for run in sweep.runs for block in ("0-1", "2-3")
    ]
    for line in lines:
        name, flags = line.split(", ")
        arguments = build_parser().parse_args(["train", *flags.split()])
        point, unused = read_hyperparameters(given_hyperparameters(arguments))
        assert unused == []
        assert f"results/runs/{run_id(point)}" == str(arguments.experiments)
        assert name == f"{run_id(point)}_{arguments.experiment_name}"
        assert arguments.experiment_name == "seeds_{}-{}".format(*arguments.seeds)


def test_finished_blocks_are_left_out(tmp_path: Path) -> None:
    sweep = small_sweep()
    run = next(iter(sweep.runs))
    assert len(argument_lines(sweep, [(run, "0-1")])) == 3
    everything = [(run, block) for run in sweep.runs for block in ("0-1", "2-3")]
    with pytest.raises(UserError, match="trained already"):
        write_submit(sweep, tmp_path, tmp_path, Slot(), Path("/bin/python"), everything)


def test_submit_file(tmp_path: Path) -> None:
    slot = replace(GPU_SLOT, csci_desktop=True)
    path = write_submit(small_sweep(), tmp_path / "a", tmp_path, slot, Path("/bin/python"))
    lines = path.read_text().splitlines()
    assert "request_cpus = 2" in lines
    assert "request_gpus = 1" in lines
    assert "+CSCI_GrpDesktop = true" in lines
    assert f"initialdir = {tmp_path}" in lines
    assert lines[-1] == f"queue job, flags from {tmp_path}/a/arguments.txt"
    assert len((tmp_path / "a" / "arguments.txt").read_text().splitlines()) == 4


def test_each_cpu_of_a_job_trains_a_seed(tmp_path: Path) -> None:
    write_submit(small_sweep(), tmp_path, tmp_path, Slot(cpus=2), Path("/bin/python"))
    lines = (tmp_path / "arguments.txt").read_text().splitlines()
    given = build_parser().parse_args(["train", *lines[0].split(", ")[1].split()])
    assert (given.seeds, given.seeds_at_once) == ([0, 1], 2)


def test_paths_that_a_submit_file_cannot_say(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="blanks"):
        write_submit(small_sweep(), tmp_path / "a b", tmp_path, Slot(), Path("/bin/python"))
