"""`mpn-rl check`: what a config asks for, what is there, how long the rest may take."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.cli import main
from mpn_rl.sweep.config.settings import SECTIONS
from mpn_rl.sweep.config.sweep import load_sweep, read_sweep
from mpn_rl.sweep.layout import RULES, job_of, rule_of
from mpn_rl.sweep.ledger.sizes import expected_bytes, left_by
from mpn_rl.sweep.plan import asks_for, every_output, jobs, rule_settings, summarised
from mpn_rl.sweep.stages.foretold import largest_need
from mpn_rl.sweep.stages.memory import PROCESS_BYTES

ROOT = Path(__file__).parents[3]
OPTIONAL = [name for name, model in SECTIONS.items() if "enabled" in model.model_fields]
LEFT_OUT = "".join(f"{name}: {{enabled: false}}\n" for name in OPTIONAL)
CONFIG = f"""\
sweep:
  name: small
  base: {{num_steps: 1000}}
  grid: {{core: [mpn, gru], eta: [0.2]}}
seeds: {{first: 1, count: 4, per_job: 2}}
render: {{num_episodes: 3}}
{LEFT_OUT}"""
JOBS = {
    "30: 4 train",
    "4 evaluate",
    "4 collect",
    "4 analyse",
    "4 plot",
    "2 plot_plasticity",
    "6 render",
    "1 baselines",
    "1 summarise",
}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(CONFIG)
    return path


def said(capsys, *arguments):
    """The lines of the command, by their first word."""
    with pytest.raises(SystemExit) as ended:
        main(["check", *map(str, arguments)])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    return {line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in lines}


def finish(results, job, wall=1.0, **record):
    """Leave the outputs of a job and its record."""
    for name in job.outputs:
        path = results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    path = results / job.record
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "format": 1,
        "stage": job.rule,
        "finished": "2026",
        "seeds": [1, 2],
        "inputs": {},
        "outputs": {},
        "params": {},
        "wall_seconds": wall,
    }
    path.write_text(json.dumps({**content, **record}))


def test_the_jobs_are_those_of_the_default_workflow():
    """As `snakemake -n --configfile config/test.yaml` counted them."""
    found = list(jobs(load_sweep(ROOT / "config" / "test.yaml")))
    rules = [job.rule for job in found]
    expected = {
        "train": 3,
        "evaluate": 3,
        "lesion": 3,
        "generalise": 3,
        "collect": 3,
        "analyse": 3,
        "decode": 3,
        "fixed_points": 3,
        "plot": 3,
        "plot_plasticity": 2,
        "plot_memory": 3,
        "render": 3,
        "baselines": 1,
        "summarise": 1,
    }
    assert {rule: rules.count(rule) for rule in rules} == expected


def test_every_job_makes_what_the_sweep_asks_for(config):
    sweep = load_sweep(config)
    outputs = [output for job in jobs(sweep) for output in job.outputs]
    assert len(outputs) == len(set(outputs))
    for job in jobs(sweep):
        assert all(asks_for(sweep, output) for output in job.outputs)
        assert {rule_of(output) for output in job.outputs} == {job.rule}
        assert len({job_of(output).record for output in job.outputs}) == 1


@pytest.mark.parametrize("section", OPTIONAL)
def test_what_a_section_leaves_out_is_asked_for_by_nobody(section):
    whole = read_sweep({"sweep": {}})
    without = read_sweep({"sweep": {}, section: {"enabled": False}})
    left_out = {*every_output(whole)} - {*every_output(without)}
    rules = {rule_of(file) for file in left_out}
    assert rules == {name for name, rule in RULES.items() if rule.section == section}
    assert not any(asks_for(without, file) for file in left_out)
    assert left_out <= {*summarised(rule_settings(whole, "summarise"))}
    assert not left_out & {*summarised(rule_settings(without, "summarise"))}


def test_what_a_config_asks_for(config, tmp_path, capsys):
    lines = said(capsys, config, "--directory", tmp_path)
    assert lines["runs"] == "2 runs of 2 blocks each, seeds 1 to 4: 4 blocks, 8 agents"
    assert lines["training"] == "8,000 environment steps"
    assert set(lines["jobs"].split(", ")) == JOBS
    assert lines["there"] == f"nothing yet in {tmp_path / 'results'}"
    assert lines["missing"] == lines["jobs"]
    assert lines["sweep.grid:"] == "core gru does not use eta; ignored"
    assert not (tmp_path / "results").exists()


def test_time_by_rule_of_thumb(tmp_path, capsys):
    """One agent of 750,000 steps at 7,500 steps/s, 9 jobs: 100 s, 8 * 2 s, 9 * 4 s."""
    path = tmp_path / "one.yaml"
    sweep = "sweep: {base: {num_steps: 750000}}\nseeds: {count: 1, per_job: 1}\n"
    path.write_text(sweep + LEFT_OUT)
    lines = said(capsys, path, "--directory", tmp_path)
    assert lines["time"] == "about 3 min on one core, by rule of thumb, 7,500 steps a second"


def test_what_is_there_and_the_time_that_it_took(config, tmp_path, capsys):
    """A block of mpn took 40 s for 2 * 1,000 steps; the other one does too, and gru for want of
    any better. Of the 30 jobs 9 are done: train, evaluate, collect, analyse, 2 plots, 3 videos.
    Of the 21 others 3 train, 3 evaluate for 10 s, 15 take 2 s, and all start for 4 s:
    3 * 40 + 3 * 10 + 15 * 2 + 21 * 4 = 264 s.
    """
    results, sweep = tmp_path / "results", load_sweep(config)
    made = [job for job in jobs(sweep) if "_mpn_" in job.run and job.block == "1-2"]
    for job in made:
        times = {"train": 40.0, "evaluate": 10.0}
        params = {"task": "DelayedMatch-v0", "core": "mpn", "num_steps": 1000}
        finish(results, job, times.get(job.rule, 2.0), params=params)
    lines = said(capsys, config, "--directory", tmp_path)
    there = f"1 of 4 blocks trained, 1 complete; outputs of 9 of 30 jobs in {results}"
    assert lines["there"] == there
    assert lines["missing"].startswith("21: 3 train, 3 evaluate, ")
    assert lines["time"] == "about 4 min on one core, by the records of 1 block there"


def test_disk_by_what_is_there_and_memory_by_the_largest_training(tmp_path, capsys):
    """Jobs of the first block left 1 byte a file and a record; those of the second will too."""
    path = tmp_path / "two.yaml"
    path.write_text(
        f"sweep: {{base: {{num_steps: 10}}}}\nseeds: {{count: 2, per_job: 1}}\n{LEFT_OUT}"
    )
    results, wanted = tmp_path / "results", [*jobs(load_sweep(path))]
    for job in wanted:
        if job.block != "1-1":
            finish(results, job)
    train = next(job for job in wanted if job.rule == "train")
    left = len(train.outputs) + (results / train.record).stat().st_size
    assert left_by(results, train) == left
    assert expected_bytes(results, [train], [train, train]) == 2 * left
    lines = said(capsys, path, "--directory", tmp_path)
    assert re.match(r"about [\d.]+ kB more; [\d.]+ [GM]B free", lines["disk"])
    assert lines["memory"].startswith("about 420.0 MB for each training that runs at once; ")


def test_rates_make_no_other_need():
    points = {f"r{k}": Hyperparameters(eta=0.1 * k, num_steps=10) for k in range(1, 4)}
    large = Hyperparameters(learner="dqn", buffer_size=1_000_000, num_steps=10)
    assert largest_need(points).run == "r3"
    need = largest_need({**points, "large": large})
    assert need.run == "large"
    assert need.memory > PROCESS_BYTES + 1_000_000 * 4


def test_an_output_without_its_record_is_not_there(config, tmp_path, capsys):
    results = tmp_path / "results"
    job = next(jobs(load_sweep(config)))
    finish(results, job)
    assert said(capsys, config, "--directory", tmp_path)["there"].startswith(
        "1 of 4 blocks trained"
    )
    (results / job.record).unlink()
    assert said(capsys, config, "--directory", tmp_path)["there"].startswith("nothing yet")


def test_a_complete_sweep_lacks_nothing(config, tmp_path, capsys):
    for job in jobs(load_sweep(config)):
        finish(tmp_path / "results", job)
    lines = said(capsys, config, "--directory", tmp_path)
    assert lines["missing"] == "nothing"
    assert "time" not in lines


def test_trainings_of_episodes_have_no_steps_to_count(tmp_path, capsys):
    path = tmp_path / "episodes.yaml"
    path.write_text("sweep: {base: {num_steps: null, num_episodes: 5}}\nseeds: {count: 2}\n")
    lines = said(capsys, path, "--directory", tmp_path)
    assert lines["training"] == "2 agents for a number of episodes"
    assert lines["time"].endswith(", without 2 agents that train for a number of episodes")


def test_damaged_records_are_no_obstacle(config, tmp_path, capsys):
    job = next(jobs(load_sweep(config)))
    for damage in ({"wall": "long"}, {"params": []}, {"seeds": []}, {"format": 2}):
        finish(tmp_path / "results", job, **damage)
        assert "rule of thumb" in said(capsys, config, "--directory", tmp_path)["time"]
    (tmp_path / "results" / job.record).write_text("{")
    assert "rule of thumb" in said(capsys, config, "--directory", tmp_path)["time"]


def test_errors_name_file_and_line(tmp_path, capsys):
    path = tmp_path / "bad.yaml"
    path.write_text("sweep:\n  base: {eta: 0.1\nseeds: {}\n")
    with pytest.raises(SystemExit) as ended:
        main(["check", str(path)])
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(f"mpn-rl: {path}, line 3, column 6: ")


def test_it_loads_no_torch(config, tmp_path):
    script = (
        "import sys\nfrom mpn_rl.sweep.cli import main\n"
        f"try: main(['check', {str(config)!r}, '--directory', {str(tmp_path)!r}])\n"
        "except SystemExit: print(*{'torch', 'gymnasium', 'numba', 'pandas'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == ""


def test_jobs_of_one_plain_run():
    one = {"sweep": {}, "seeds": {"count": 1, "per_job": 1}}
    without = {name: {"enabled": False} for name in OPTIONAL}
    assert len(list(jobs(read_sweep({**one, **without})))) == 9
    assert [job.rule for job in jobs(read_sweep(one))].count("decode") == 1
