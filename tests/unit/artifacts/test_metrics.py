"""metrics.jsonl only grows, and has no step of a seed twice."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.artifacts.metrics import MetricsFile, read_metrics


def event(step: int, seed: int = 0, status: str = "training", **more: float) -> dict[str, object]:
    return {"seed": seed, "status": status, "step": step, **more}


def steps(path: Path, seed: int = 0) -> list[int]:
    return [e["step"] for e in read_metrics(path) if e["seed"] == seed]


def test_validations_ends_and_now_and_then_where_it_is_are_kept(tmp_path: Path) -> None:
    kept = MetricsFile(tmp_path / "logs" / "metrics.jsonl")
    kept.add(event(0, status="begun"))
    kept.add(event(10))  # right after another
    kept.add(event(20, validation_step=20))
    kept.add(event(30, validation_step=20))
    kept.add(event(40, status="completed", validation_step=40))
    assert steps(kept.path) == [0, 20, 40]
    assert read_metrics(kept.path)[1] == event(20, validation_step=20)


def test_what_is_trained_again_after_a_kill_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    first = MetricsFile(path)
    for at in (0, 100, 200):
        first.add(event(at, validation_step=at))
    before = path.read_bytes()
    resumed = MetricsFile(path)
    resumed.add(event(100, status="begun"))
    resumed.add(event(150, validation_step=150))
    resumed.add(event(200, validation_step=200))
    assert path.read_bytes() == before
    resumed.add(event(300, validation_step=300))
    assert path.read_bytes().startswith(before)
    assert steps(path) == [0, 100, 200, 300]


def test_a_seed_that_begins_anew_loses_its_lines_alone(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    first = MetricsFile(path)
    for at in (0, 100):
        first.add(event(at, seed=0, validation_step=at))
        first.add(event(at, seed=1, validation_step=at))
    again = MetricsFile(path)
    again.add(event(0, seed=1, status="begun"))
    assert steps(path, 0) == [0, 100]
    assert steps(path, 1) == [0]


def test_a_line_that_was_cut_short_is_left_out_and_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(json.dumps(event(5)) + '\n{"seed": 0, "st')
    MetricsFile(path).add(event(6))
    assert steps(path) == [5, 6]


def test_a_folder_in_its_place_stops_no_training(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").mkdir()
    MetricsFile(tmp_path / "metrics.jsonl").add(event(6))
    assert read_metrics(tmp_path / "metrics.jsonl") == []


def test_only_the_end_of_a_long_file_is_read_where_that_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(json.dumps(event(at)) + "\n" for at in range(1000)))
    found = [e["step"] for e in read_metrics(path, 500)]
    assert found == [*range(1000 - len(found), 1000)]
    assert 0 < len(found) < 15


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_any_bytes_can_be_read(tmp_path_factory: object, data: bytes) -> None:
    path = Path(str(tmp_path_factory.mktemp("any"))) / "metrics.jsonl"  # type: ignore[attr-defined]
    path.write_bytes(data)
    assert all(isinstance(e["step"], int) for e in read_metrics(path))
