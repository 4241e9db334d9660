"""What the engine hands over, as a stage is given it."""

from pathlib import Path

import pytest

from mpn_rl.errors import UserError
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.layout import RULES, job_of, rule_of
from mpn_rl.sweep.plan import jobs, rule_settings, settings_texts
from mpn_rl.sweep.stages import board
from mpn_rl.sweep.stages.jobs import device_of, label_of, machine_of, settings_of
from mpn_rl.sweep.stages.runner import function_of, given_at
from mpn_rl.sweep.undeclared import work_folder

SWEEP = read_sweep(
    {
        "sweep": {"base": {"num_steps": 100}},
        "seeds": {"count": 2, "per_job": 2},
        "analyses": {"own": "my_lab.own:Own(width=3)"},
    }
)


@pytest.mark.parametrize("rule", RULES)
def test_params_say_the_settings_again(rule):
    of = next(job.settled_by for job in jobs(SWEEP) if job.rule == rule)
    settings = rule_settings(SWEEP, rule, of)
    texts = settings_texts(rule, settings)
    assert settings_of({**texts, "code": "0" * 16}) == settings
    # each with its name, as the engine compares the texts alone
    assert rule == "train" or all(text.startswith(f"{name}=") for name, text in texts.items())


def test_settings_in_one_text_are_read_too():
    given = {"settings": '{"checkpoint":"final","num_episodes":3}', "code": "0" * 16}
    assert settings_of(given) == {"checkpoint": "final", "num_episodes": 3}


def test_labels_name_rule_run_and_seeds():
    block = {"run": "T_mpn_1", "block": "0-3"}
    assert label_of("train", block) == "train T_mpn_1 seeds 0-3"
    animation = {**block, "seed": "2", "episode": "1"}
    assert label_of("render", animation) == "render T_mpn_1 seed 2 episode 1"
    assert label_of("baselines", {"setting": "T_2"}) == "baselines T_2"
    assert label_of("summarise", {}) == "summarise"


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if name != "train"])
def test_every_rule_has_its_function(rule):
    assert function_of(rule).__name__ == (RULES[rule].stage or rule)


def test_a_stage_is_given_the_paths_of_its_job():
    """The same in a sweep's results and in an experiment directory."""
    for job in jobs(SWEEP):
        if job.rule == "summarise":
            continue
        settings = rule_settings(SWEEP, job.rule, job.settled_by)
        home = Path(job.record).parents[1]
        given = given_at(home, job.rule, job.run, settings, job.wildcards)
        assert tuple(path.as_posix() for path in given.outputs.values()) == job.outputs
        assert given.record.as_posix() == job.record
        for path in job.outputs:
            assert (rule_of(path), job_of(path).record) == (job.rule, job.record)
        alone = given_at(Path("experiments/a"), job.rule, job.run, settings, job.wildcards)
        local = [path.relative_to("experiments/a").as_posix() for path in alone.outputs.values()]
        assert {rule_of(path) for path in local} == {job.rule}


def test_work_folders_lie_beside_the_results():
    block = Path("results/runs/T_mpn_1/seeds_0-3")
    assert work_folder(block) == Path("results/.work/T_mpn_1/seeds_0-3")
    assert work_folder(Path("experiments/a")) == Path("experiments/.work/a")
    assert work_folder(Path("runs/mine/a")) == Path("runs/mine/.work/a")
    assert work_folder(Path("runs/a")) == Path("runs/.work/a")


def test_resources_of_a_training_are_checked_as_flags_are():
    machine = machine_of(
        {"save_seconds": 0, "env_processes": 3, "keep_state": 0, "mem_mb": 5}, threads=7
    )
    assert (machine.save_seconds, machine.env_processes, machine.seeds_at_once) == (0, 3, 2)
    assert not machine.keep_state
    fewer = machine_of({"save_seconds": 60, "env_processes": 3, "keep_state": 1}, threads=2)
    assert (fewer.seeds_at_once, fewer.keep_state) == (1, True)
    with pytest.raises(ConfigError, match=r"^--set-resources train:env_processes: 0 is not"):
        machine_of({"save_seconds": 60, "env_processes": 0, "keep_state": 0}, threads=1)


def test_a_job_without_its_gpu_says_so(monkeypatch):
    assert device_of({"request_gpus": 0}) == device_of({}) == "cpu"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert device_of({"request_gpus": 1}) == "cuda"
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UserError, match="asks for a GPU"):
        device_of({"request_gpus": 1})


def test_curves_for_tensorboard_are_asked_for_by_a_resource() -> None:
    asked = {"save_seconds": 60, "env_processes": 1, "keep_state": 0}
    assert not machine_of(asked, threads=1).tensorboard
    assert machine_of({**asked, "tensorboard": 1}, threads=1).tensorboard


def test_without_tensorboard_its_curves_are_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"^tensorboard: the package is not installed"):
        board.Board(tmp_path)
