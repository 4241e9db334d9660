"""What a results folder mixes."""

from pathlib import Path

from mpn_rl.sweep.ledger.audit import mixed_origins, mixed_settings
from mpn_rl.sweep.ledger.inventory import Inventory, Made

ROOT = Path("results")


def inventory(*records):
    return Inventory(ROOT, {path: Made(path.parents[1], path, r) for path, r in records})


def evaluated(run, num_episodes=3, torch="1", **more):
    path = ROOT / "runs" / run / "seeds_0-1" / "records" / "evaluate.json"
    params = {"num_episodes": num_episodes}
    return path, {"stage": "evaluate", "params": params, "versions": {"torch": torch}, **more}


SUMMARY = (
    ROOT / "records" / "summarise.json",
    {
        "stage": "summarise",
        "params": {"runs": ["a", "b"], "blocks": ["0-1"]},
        "versions": {"torch": "1"},
    },
)


def test_several_versions_and_processors_are_noted():
    found = inventory(evaluated("a"), evaluated("b", torch="2", processor="x"), evaluated("c"))
    assert list(mixed_origins(found)) == [
        "note: made with processor unknown (2 records), x (1 record)",
        "note: made with torch 1 (2 records), 2 (1 record)",
    ]
    assert list(mixed_origins(inventory(evaluated("a"), evaluated("b")))) == []


def test_a_summary_of_different_settings_is_named():
    assert list(mixed_settings(inventory(SUMMARY, evaluated("a"), evaluated("b")))) == []
    ((path, problem),) = mixed_settings(inventory(SUMMARY, evaluated("a"), evaluated("b", 7)))
    assert path == ROOT / "summary.csv"
    assert "evaluation.num_episodes was 3 for a, seeds 0-1 and 7 for b, seeds 0-1" in problem


def test_blocks_that_the_summary_is_not_about_may_differ():
    assert list(mixed_settings(inventory(SUMMARY, evaluated("a"), evaluated("old", 7)))) == []


def test_a_summary_of_no_sound_params_is_passed_over():
    path, record = SUMMARY
    for params in (None, {}, {"runs": 3, "blocks": ["0-1"]}, {"runs": ["a"], "blocks": 3}):
        found = inventory((path, {**record, "params": params}), evaluated("a"))
        assert list(mixed_settings(found)) == []
