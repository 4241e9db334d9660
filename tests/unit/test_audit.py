"""Audit, repair, prune and explain on a small results folder made of plain files."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import write_config
from mpn_rl.audit import audit, explain, prunable, prune, set_aside
from mpn_rl.cli.main import main
from mpn_rl.config.demands import asks_for, record_of, rule_of, rule_settings
from mpn_rl.config.sweep import Sweep, read_sweep
from mpn_rl.errors import UserError
from mpn_rl.provenance import digests, recording, stage_digest

DATA: dict[str, Any] = {
    "sweep": {"name": "s", "base": {"num_steps": 100}, "grid": {"core": ["mpn", "gru"]}},
    "seeds": {"first": 0, "count": 2, "per_job": 1},
    "evaluation": {"num_episodes": 3},
}


@dataclass(frozen=True)
class Results:
    """A results folder with trained and evaluated blocks, as the stages would leave it."""

    root: Path
    sweep: Sweep

    def make(self, run: str, block: str, weights: str = "w") -> Path:
        home = self.root / "runs" / run / f"seeds_{block}"
        point = self.sweep.runs[run]
        params = rule_settings(self.sweep, "train", run)
        names = ("training_history.json", "checkpoints/best_model.pt", "checkpoints/final_model.pt")
        outputs = [home / name for name in names]
        with recording(home, "train", run=run, code=stage_digest("train", point), params=params,
                       inputs=[], outputs=[home / "config.json", *outputs], seeds=[0]):  # fmt: skip
            write_config(home / "config.json", run=run, hyperparameters=params, seeds=[0])
            for output in outputs:
                output.parent.mkdir(exist_ok=True)
                output.write_text(f"{output.name} {run} {block} {weights}")
        return self.evaluate(home)

    def evaluate(self, home: Path) -> Path:
        run = home.parent.name
        settings = rule_settings(self.sweep, "evaluate")
        code = stage_digest("evaluate", self.sweep.runs[run])
        with recording(home, "evaluate", run=run, code=code, params=settings,
                       inputs=[home / "checkpoints" / "final_model.pt"],
                       outputs=[home / "evaluation.csv"]):  # fmt: skip
            (home / "evaluation.csv").write_text("seed,episode\n")
        return home

    def kinds(self) -> dict[str, str]:
        return {
            found.path.relative_to(self.root).as_posix(): found.kind
            for found in audit(self.root).findings
        }


@pytest.fixture
def results(tmp_path: Path) -> Results:
    made = Results(tmp_path / "results", read_sweep(DATA))
    for run in made.sweep.runs:
        for block in ("0-0", "1-1"):
            made.make(run, block)
    return made


@pytest.fixture
def home(results: Results) -> Path:
    return results.root / "runs" / next(iter(results.sweep.runs)) / "seeds_0-0"


def name_in(results: Results, path: Path) -> str:
    return path.relative_to(results.root).as_posix()


def with_changes(**changes: Any) -> Sweep:
    return read_sweep({**DATA, **changes})


def test_what_is_whole_has_no_findings(results: Results) -> None:
    found = audit(results.root)
    assert found.findings == ()
    assert found.checked == 4 * 5


@pytest.mark.parametrize("content", [b"", b"half", b"something else altogether"])
def test_a_damaged_artefact_is_named_with_its_maker(
    content: bytes, results: Results, home: Path
) -> None:
    (home / "evaluation.csv").write_bytes(content)
    [found] = audit(results.root).findings
    assert (found.path, found.kind) == (home / "evaluation.csv", "damaged")
    assert "stage evaluate at" in found.reason


def test_a_lost_record_leaves_its_outputs_without(results: Results, home: Path) -> None:
    (home / "records" / "evaluate.json").unlink()
    assert results.kinds() == {name_in(results, home / "evaluation.csv"): "no record"}


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"format": 1}', '{"format": 9, "stage": "evaluate"}'],
)
def test_a_damaged_record_is_named_with_its_outputs(
    content: str, results: Results, home: Path
) -> None:
    (home / "records" / "evaluate.json").write_text(content)
    assert results.kinds() == {
        name_in(results, home / "evaluation.csv"): "no record",
        name_in(results, home / "records" / "evaluate.json"): "damaged",
    }


def test_a_record_cannot_claim_files_outside_its_folder(results: Results, home: Path) -> None:
    path = home / "records" / "evaluate.json"
    record = json.loads(path.read_text())
    record["outputs"] = {"../../../../outside": "0"}
    path.write_text(json.dumps(record))
    [_, found] = audit(results.root).findings
    assert "outside its folder" in found.reason


def test_an_input_that_was_made_anew_outdates_what_was_made_from_it(
    results: Results, home: Path
) -> None:
    evaluation, record = (home / "evaluation.csv").read_bytes(), home / "records" / "evaluate.json"
    before = record.read_bytes()
    results.make(home.parent.name, "0-0", weights="other")
    (home / "evaluation.csv").write_bytes(evaluation)
    record.write_bytes(before)
    [found] = audit(results.root).findings
    assert (found.path, found.kind) == (home / "evaluation.csv", "outdated")
    assert "checkpoints/final_model.pt" in found.reason


def test_a_missing_artefact_is_told_and_not_false(results: Results, home: Path) -> None:
    (home / "evaluation.csv").unlink()
    found = audit(results.root)
    assert [finding.kind for finding in found.findings] == ["missing"]
    assert found.false == ()


def test_a_block_copied_to_another_run_is_noticed(results: Results, home: Path) -> None:
    other = next(path for path in (results.root / "runs").iterdir() if path != home.parent)
    (other / "seeds_0-0").rename(results.root / "gone")
    home.rename(other / "seeds_0-0")
    found = audit(results.root / "runs")
    assert {finding.kind for finding in found.findings} == {"misplaced"}
    assert len(found.false) == 5


def test_code_that_has_changed_is_told_and_not_false(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = stage_digest

    def changed(stage: str, point: Any = None) -> str:
        return "other" if stage == "evaluate" else real(stage, point)

    monkeypatch.setattr("mpn_rl.audit.check.stage_digest", changed)
    found = audit(results.root)
    assert {finding.kind for finding in found.findings} == {"old code"}
    assert len(found.findings) == 4
    assert found.false == ()


def test_fix_sets_aside_what_is_false_under_a_name_that_says_why(
    results: Results, home: Path
) -> None:
    for _ in range(2):
        (home / "evaluation.csv").write_text("altered")
        set_aside(results.root, audit(results.root).false)
        assert not (home / "evaluation.csv").exists()
    aside = results.root / ".set_aside" / "runs" / home.parent.name / home.name
    assert sorted(path.name for path in aside.iterdir()) == [
        "evaluation.csv.damaged-0",
        "evaluation.csv.damaged-1",
    ]
    assert set(results.kinds().values()) == {"missing"}
    results.evaluate(home)
    assert results.kinds() == {}


def test_an_unfinished_experiment_is_not_false(results: Results, home: Path) -> None:
    experiment = results.root.parent / "experiments" / "x"
    params = rule_settings(results.sweep, "train", home.parent.name)
    write_config(experiment / "config.json", run="r", hyperparameters=params, seeds=[0])
    [found] = audit(experiment.parent).findings
    assert (found.kind, found.is_false) == ("unfinished", False)


def test_an_extended_experiment_is_not_false_before_its_training_ends(
    results: Results, home: Path
) -> None:
    experiment = results.root.parent / "experiments" / "x"
    experiment.parent.mkdir()
    home.rename(experiment)
    assert audit(experiment).findings == ()
    params = rule_settings(results.sweep, "train", experiment_run := home.parent.name)
    longer = {**params, "num_steps": 200}
    write_config(experiment / "config.json", run=experiment_run, hyperparameters=longer, seeds=[0])
    [found] = audit(experiment).findings
    assert (found.path.name, found.kind) == ("config.json", "unfinished")


def test_nothing_is_prunable_that_a_config_asks_for(results: Results) -> None:
    assert prunable(results.root, [results.sweep]) == []


def test_prune_lists_runs_and_blocks_of_no_config_and_leaves_other_files(results: Results) -> None:
    runs = list(results.sweep.runs)
    narrower = with_changes(sweep={**DATA["sweep"], "grid": {"core": ["mpn"]}})
    fewer = with_changes(seeds={"first": 0, "count": 1, "per_job": 1})
    work = results.root / ".work" / runs[1] / "seeds_1-1"
    log = results.root / "logs" / "train" / f"{runs[1]}_seeds_1-1.log"
    notes = results.root / "runs" / "notes.txt"
    for path in (work / "seed_1.result", log, notes):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    gone = [work, log, *(results.root / "runs" / runs[1] / f"seeds_{b}" for b in ("0-0", "1-1"))]
    assert prunable(results.root, [narrower]) == sorted(gone)
    found = prunable(results.root, [narrower, fewer])
    assert found == sorted([work, log, results.root / "runs" / runs[1] / "seeds_1-1"])
    prune(results.root, found)
    assert not work.parent.exists()
    assert notes.exists()
    assert prunable(results.root, [narrower, fewer]) == []
    assert audit(results.root).findings == ()


def test_prune_lists_animations_and_states_that_nobody_asks_for(results: Results) -> None:
    home = next((results.root / "runs").glob("*/seeds_0-0"))
    for episode in (0, 1):
        for path in (
            home / "videos" / f"episode_0_{episode}.gif",
            home / "records" / f"render_0_{episode}.json",
            results.root / "logs" / "render" / f"{home.parent.name}_seeds_0-0_0_{episode}.log",
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    work = results.root / ".work" / home.parent.name / "seeds_0-0"
    work.mkdir(parents=True)
    for name in ("seed_0.state", "seed_0.state.rejected-empty-0"):
        (work / name).write_text("x")
    assert {path.name for path in prunable(results.root, [results.sweep])} == {
        "episode_0_1.gif",
        "render_0_1.json",
        f"{home.parent.name}_seeds_0-0_0_1.log",
        "seed_0.state.rejected-empty-0",
    }


def test_prune_lists_what_killed_writers_left_an_hour_ago(results: Results, home: Path) -> None:
    old, new = (home / f".evaluation.{digit * 12}.tmp.csv" for digit in "01")
    for path in (old, new, home / ".notes.tmp"):
        path.write_text("half")
    os.utime(old, (1.6e9, 1.6e9))
    assert prunable(results.root, [results.sweep]) == [old]


def test_prune_stops_before_a_block_at_work(results: Results) -> None:
    work = results.root / ".work" / "A-v0_mpn_01234567" / "seeds_0-0"
    work.mkdir(parents=True)
    (work / "lease.json").write_text("{}")
    found = prunable(results.root, [results.sweep])
    with pytest.raises(ArtifactError, match="a process works here"):
        prune(results.root, found)
    assert work.exists()


def test_prune_follows_no_link_out_of_the_results(results: Results, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "seeds_0-0").mkdir(parents=True)
    (results.root / "runs" / "A-v0_mpn_01234567").symlink_to(outside)
    assert prunable(results.root, [results.sweep]) == []


def test_an_explanation_of_what_is_up_to_date(results: Results, home: Path) -> None:
    found = explain(home / "evaluation.csv", results.sweep)
    assert not found.stale
    assert "made it at" in found.reasons[0]


@pytest.mark.usefixtures("results")
def test_an_explanation_names_the_param(home: Path) -> None:
    changed = with_changes(evaluation={"num_episodes": 4})
    assert explain(home / "evaluation.csv", changed).reasons == ("param num_episodes: 3 -> 4",)
    assert not explain(home / "checkpoints" / "final_model.pt", changed).stale


def test_an_explanation_names_module_and_function(
    results: Results, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listings = list((results.root / "records" / "code").iterdir())
    assert len(listings) == 4
    for path in listings:
        listing = json.loads(path.read_text())
        if listing["stage"] == "train":
            listing["parts"]["mpn_rl.learning.dqn"] = "old"
            listing["functions"]["mpn_rl.learning.dqn"]["RecurrentDQN.update"] = "old"
            del listing["parts"]["mpn_rl.learning.targets"]
            path.write_text(json.dumps(listing))
    real = stage_digest

    def changed(stage: str, point: Any = None) -> str:
        return "new" if stage == "train" else real(stage, point)

    monkeypatch.setattr("mpn_rl.audit.explanation.stage_digest", changed)
    assert explain(home / "training_history.json", results.sweep).reasons == (
        "code: mpn_rl.learning.dqn has changed: RecurrentDQN.update",
        "code: mpn_rl.learning.targets is used now",
    )
    below = explain(home / "evaluation.csv", results.sweep).reasons
    checkpoint = name_in(results, home / "checkpoints" / "final_model.pt")
    assert below[0].startswith(f"input {checkpoint} is stale: code: mpn_rl.learning.dqn")


def test_an_explanation_names_the_input(results: Results, home: Path) -> None:
    (home / "checkpoints" / "final_model.pt").unlink()
    checkpoint = name_in(results, home / "checkpoints" / "final_model.pt")
    assert explain(home / "evaluation.csv", results.sweep).reasons == (
        f"input {checkpoint} is stale: it does not exist",
    )


def test_an_explanation_of_what_is_damaged_or_unrecorded(results: Results, home: Path) -> None:
    (home / "evaluation.csv").write_text("altered")
    assert "audit --fix" in explain(home / "evaluation.csv", results.sweep).reasons[0]
    (home / "records" / "evaluate.json").unlink()
    assert "is not there" in explain(home / "evaluation.csv", results.sweep).reasons[0]


def test_an_explanation_of_what_is_not_asked_for(results: Results, home: Path) -> None:
    other = with_changes(sweep={**DATA["sweep"], "grid": {"core": ["lstm"]}})
    found = explain(home / "evaluation.csv", other)
    assert (found.stale, found.reasons) == (False, ("this config does not ask for it",))
    with pytest.raises(UserError, match="no stage makes such a file"):
        explain(home / "notes.txt", results.sweep)


def test_every_output_of_a_sweep_has_its_rule_and_record(results: Results, home: Path) -> None:
    block = name_in(results, home)
    assert rule_of(f"{block}/videos/episode_0_0.gif") == "render"
    assert record_of(f"{block}/videos/episode_0_0.gif") == f"{block}/records/render_0_0.json"
    assert record_of("summary.pdf") == "records/summarise.json"
    assert asks_for(results.sweep, f"{block}/videos/episode_0_0.gif")
    assert not asks_for(results.sweep, f"{block}/videos/episode_0_1.gif")
    assert asks_for(results.sweep, f"{block}/analysis/m_matrix.png") == ("_mpn_" in block)


def test_the_commands_say_what_they_found(
    results: Results, home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(DATA))
    assert run("audit", str(results.root)) == (0, "20 artefacts, 0 false\n")
    (home / "evaluation.csv").write_text("altered")
    code, said = run("audit", str(results.root))
    assert (code, "1 false" in said, "damaged" in said) == (1, True, True)
    code, said = run("audit", str(results.root), "--fix")
    assert (code, "1 set aside" in said) == (0, True)
    code, said = run("explain", str(home / "evaluation.csv"), "--config", str(config))
    assert (code, "it does not exist" in said) == (0, True)
    code, said = run("prune", str(results.root), "--config", str(config))
    assert (code, said.splitlines()[-1][:2]) == (0, "0 ")
    code, said = run("audit", str(tmp_path / "nowhere"))
    assert (code, said) == (1, f"mpn-rl: {tmp_path / 'nowhere'}: there is no such folder\n")


def test_listings_are_kept_only_of_code_that_is_in_force(tmp_path: Path) -> None:
    results = Results(tmp_path / "results", read_sweep(DATA))
    run = next(iter(results.sweep.runs))
    home = results.make(run, "0-0")
    with recording(home, "evaluate", run=run, code="unknown", params={}, inputs=[], outputs=[]):
        pass
    kept = {path.stem for path in (results.root / "records" / "code").iterdir()}
    point = results.sweep.runs[run]
    assert kept == {digests.stage_digest(stage, point) for stage in ("train", "evaluate")}
