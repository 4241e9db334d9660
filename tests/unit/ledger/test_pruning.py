"""What no config asks for, in a small results folder made of plain files."""

import os
from pathlib import Path

import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.sweep.ledger.audit import audit
from mpn_rl.sweep.ledger.pruning import prunable, prune
from mpn_rl.sweep.plan import task_settings
from tests.fixtures.results import DATA, Results, with_changes


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


def test_prune_lists_baselines_that_nobody_asks_for(results: Results) -> None:
    (wanted,) = task_settings(results.sweep)
    for setting in (wanted, "DelayedMatch-v0_01234567"):
        for name in (
            f"baselines/{setting}.csv",
            f"records/baselines_{setting}.json",
            f"logs/baselines/{setting}.log",
            "logs/summarise/summary.log",
        ):
            path = results.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    assert {path.name for path in prunable(results.root, [results.sweep])} == {
        "DelayedMatch-v0_01234567.csv",
        "baselines_DelayedMatch-v0_01234567.json",
        "DelayedMatch-v0_01234567.log",
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
