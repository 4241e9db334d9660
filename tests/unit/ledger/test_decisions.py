"""What the driver decides by records."""

import json
from pathlib import Path

import pytest

from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.ledger.aliases import combination, read_aliases, write_alias
from mpn_rl.sweep.ledger.code.digests import stage_digest
from mpn_rl.sweep.ledger.decisions import Decisions
from mpn_rl.sweep.ledger.engine import Metadata
from mpn_rl.sweep.plan import jobs

CONFIG = {
    "sweep": {"name": "a", "base": {"core": "gru"}},
    "seeds": {"first": 0, "count": 1, "per_job": 1},
    "evaluation": {"num_episodes": 3},
}
RESULTS = Path("results")


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return read_sweep(CONFIG)


def evaluated(sweep, *, code=None, inputs=None, **params):
    """A record of the evaluation of the sweep's one block."""
    ((run, point),) = sweep.runs.items()
    path = RESULTS / "runs" / run / "seeds_0-0" / "records" / "evaluate.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "format": 1,
        "stage": "evaluate",
        "finished": "now",
        "seeds": [0],
        "code_digest": code or stage_digest("evaluate", point),
        "params": {"num_episodes": 3, "checkpoint": "final", **params},
        "inputs": inputs or {},
        "outputs": {"evaluation.csv": "1"},
    }
    path.write_text(json.dumps(record))
    return path


def remember(output, *texts):
    path = Metadata().path(output.as_posix())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"params": list(texts)}))


def stale(sweep):
    decisions = Decisions(RESULTS, sweep, Metadata(), read_aliases(RESULTS))
    return [Path(path).stem for path in decisions.stale_by_record()]


def test_an_output_that_the_engine_does_not_know_is_stale_by_its_record(sweep):
    evaluated(sweep)
    assert stale(sweep) == []
    evaluated(sweep, num_episodes=4)
    assert stale(sweep) == ["evaluate"]
    evaluated(sweep, code="0" * 16)
    assert stale(sweep) == ["evaluate"]


def test_an_input_that_was_made_anew_makes_it_stale(sweep):
    path = evaluated(sweep, inputs={"checkpoints/final_model.pt": "old"})
    ((_, point),) = sweep.runs.items()
    train = json.loads(path.read_text()) | {
        "stage": "train",
        "code_digest": stage_digest("train", point),
        "inputs": {},
        "params": resolved(point),
        "outputs": {"checkpoints/final_model.pt": "new"},
    }
    path.with_name("train.json").write_text(json.dumps(train))
    assert stale(sweep) == ["evaluate"]


def test_what_the_engine_knows_is_left_to_it(sweep):
    path = evaluated(sweep, num_episodes=4)
    remember(path)
    assert stale(sweep) == []


def test_a_damaged_record_is_left_to_the_stages(sweep):
    evaluated(sweep).write_text("{")
    assert stale(sweep) == []


def test_the_engine_is_told_what_it_remembers_of_accepted_outputs(sweep):
    old = "0123456789abcdef"
    path = evaluated(sweep, code=old)
    ((run, point),) = sweep.runs.items()
    now = stage_digest("evaluate", point)
    remember(path, f"'{old}'", "'{}'")

    def told():
        decisions = Decisions(RESULTS, sweep, Metadata(), read_aliases(RESULTS))
        return decisions.code("evaluate", run, path)

    assert told() == now
    write_alias(RESULTS, "evaluate", old, now, combination(point), {})
    assert told() == old
    # made anew since, by the code in force: the record says so, the engine remembers the older
    evaluated(sweep)
    assert told() == old
    # made by code that is neither
    evaluated(sweep, code="f" * 16)
    assert told() == now


def test_long_names_are_found_as_the_engine_cuts_them():
    path = Metadata().path("results/" + "a" * 300)
    assert [len(part) <= 255 for part in path.parts] == [True] * len(path.parts)
    assert path.parts[2].startswith("@")


def test_one_code_is_that_of_every_job_or_none(tmp_path: Path) -> None:
    """What is said once for all jobs of a rule is what each of them would be told."""
    for grid, differ in (({"eta": [0.1, 0.2]}, set()), ({"learner": ["dqn", "pqn"]}, {"train"})):
        sweep = read_sweep({"sweep": {"base": {"num_steps": 100}, "grid": grid}})
        decisions = Decisions(tmp_path, sweep, Metadata(tmp_path), {})
        told: dict[str, set[str]] = {}
        for job in jobs(sweep):
            code = decisions.code(job.rule, job.of, tmp_path / job.record)
            told.setdefault(job.rule, set()).add(code)
        one = {rule: decisions.one_code(rule) for rule in told}
        assert one == {rule: None if len(codes) > 1 else min(codes) for rule, codes in told.items()}
        assert {rule for rule, code in one.items() if code is None} == differ
