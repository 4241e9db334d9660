"""What is compared at equal score: medians of runs of which some did not get there."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks import kept_runs, reaching
from benchmarks.marks import Mark, Missing
from benchmarks.reached import Run


def runs(*seconds: float, within: float = 100.0) -> list[reaching.Run]:
    return [{"reached": s < within, "seconds": s, "steps": 1000 * s} for s in seconds]


def test_the_median_of_runs_of_which_some_did_not_get_there() -> None:
    assert reaching.median(runs(1, 2, 4, 5), "seconds") == 3.0
    assert reaching.median(runs(1, 2, 3, 100, 100), "seconds") == 3.0
    assert np.isnan(reaching.median(runs(1, 2, 100, 100, 100), "seconds"))
    assert reaching.cells(runs(1, 2, 3)) == ["3 of 3", "2 [1–3]", "2,000 [1,000–3,000]"]
    assert reaching.cells(runs(100, 100)) == ["0 of 2", "not in 100", "not in 100,000"]


def test_the_mark_is_their_seconds_over_ours() -> None:
    found = reaching.mark("x", runs(1, 2, 3), runs(30, 40, 50))
    assert isinstance(found, Mark)
    assert (found.ratio, found.reached) == (20.0, True)
    beyond = reaching.mark("x", runs(1, 2, 3), runs(100, 100, 100))
    assert isinstance(beyond, Mark)
    assert (beyond.ratio, beyond.theirs) == (50.0, "> 100 s")
    assert isinstance(reaching.mark("x", runs(100, 100), runs(30)), Missing)
    assert isinstance(reaching.mark("x", runs(1), []), Missing)


def test_a_run_is_over_when_a_validation_passes_the_threshold() -> None:
    run = Run()
    assert not run.due(4999)
    assert run.due(5000)
    run.enter("DelayedMatch-v0", 5000, 0.9)
    assert (run.reached, run.due(9999), run.due(10_000)) == (None, False, True)
    run.enter("DelayedMatch-v0", 10_000, 0.95)
    assert (run.reached, run.steps, run.best) == (True, 10_000, 0.95)


def row(setting: str, seed: int, reached: int, seconds: float, best: float = 0.0) -> kept_runs.Row:
    head = {"task": "DelayedMatch-v0", "setting": setting, "seed": seed, "allowed": 600.0}
    return {**head, "reached": reached, "seconds": seconds, "steps": 9, "best": best}


def test_the_best_setting_is_the_quickest_or_else_the_best_score() -> None:
    screen = [row(name, kept_runs.SCREENED_BY, 0, 90.0, place) for place, name in _settings()]
    assert kept_runs.best_setting(screen[:-1], "DelayedMatch-v0") is None
    assert kept_runs.best_setting(screen, "DelayedMatch-v0") == kept_runs.SETTINGS[-1]
    screen[1] |= {"reached": 1, "seconds": 50.0}
    assert kept_runs.best_setting(screen, "DelayedMatch-v0") == kept_runs.SETTINGS[1]
    assert kept_runs.allowed(screen, "DelayedMatch-v0") == 50.0
    assert kept_runs.allowed([], "DelayedMatch-v0") == kept_runs.SCREEN_SECONDS


def _settings() -> list[tuple[int, str]]:
    return list(enumerate(kept_runs.SETTINGS))


def test_runs_are_read_as_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_runs, "KEPT", tmp_path / "kept.csv")
    assert kept_runs.read() == []
    task, setting, seed, seconds = kept_runs.missing([]) or ("", "", 0, 0.0)
    assert (setting, seed, seconds) == (kept_runs.SETTINGS[0], kept_runs.SCREENED_BY, 90.0)
    rows = [row(setting, seed, 1, 12.5, 0.75)]
    kept_runs.write(rows, tmp_path / "kept.csv")
    assert kept_runs.read() == rows
    # three that did not get there say what the median of five is
    screen = [row(name, kept_runs.SCREENED_BY, 0, 90.0, place) for place, name in _settings()]
    screen = [{**one, "task": name, "allowed": 90.0} for name in _tasks() for one in screen]
    best = kept_runs.SETTINGS[-1]
    late = [row(best, seed, 0, 600.0) for seed in (2000, 2001, 2002)]
    assert [one[2] for one in kept_runs._missing(screen + late) if one[0] == task] == [
        *range(2000, 2005)
    ]
    assert not [one for one in kept_runs._missing(screen + late) if one[0] == "DelayedMatch-v0"]


def _tasks() -> list[str]:
    return list(reaching.THRESHOLDS)
