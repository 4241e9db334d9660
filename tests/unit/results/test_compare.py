"""Experiments and sweeps beside each other."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.sweep.cli import main
from mpn_rl.sweep.cli.compare import text
from mpn_rl.sweep.compare.comparison import ABSENT, Comparison, compare, difference
from mpn_rl.sweep.compare.figure import curves_figure
from mpn_rl.sweep.compare.subjects import find_subjects


def scores(**values: float) -> pd.DataFrame:
    return pd.DataFrame({"seed": [int(name[1:]) for name in values], "value": [*values.values()]})


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *arguments])
    assert not ended.value.code
    return capsys.readouterr().out


def test_a_difference_is_of_common_seeds() -> None:
    found = difference(scores(s0=0.9, s1=0.8, s2=0.7), scores(s1=0.5, s2=0.6, s3=0.1))
    assert found["n"] == 2
    assert found["value"] == pytest.approx(0.2)  # of 0.3 and 0.1
    # t of 1 degree of freedom, 12.706, times the standard error of 0.1
    assert (found["low"], found["high"]) == pytest.approx((0.2 - 1.2706, 0.2 + 1.2706), abs=1e-4)
    assert found["better"] == 1.0  # in all nine pairs


def test_runs_of_one_folder_are_compared_with_the_first(sweep_folder: Path) -> None:
    subjects = find_subjects([str(sweep_folder)])
    assert [one.label for one in subjects] == ["mpn", "mpn-frozen"]
    found = compare(subjects)
    assert found.scores["n"].tolist() == [2, 2]
    (gap,) = found.differences.to_dict("records")
    assert (gap["subject"], gap["against"], gap["n"]) == ("mpn-frozen", "mpn", 2)
    means = found.scores.set_index("subject")["value"]
    assert gap["value"] == pytest.approx(means["mpn-frozen"] - means["mpn"])
    assert found.settings["name"].tolist()[0] == "core"
    assert "seeds" not in found.settings["name"].tolist()


def test_sweeps_are_matched_by_what_they_vary(sweep_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "results"
    shutil.copytree(sweep_folder, other)
    subjects = find_subjects([str(sweep_folder), str(other)])
    found = compare(subjects)
    assert {*found.differences["problem"]} == {
        f"DelayedMatch-v0, core={core}" for core in ("mpn", "mpn-frozen")
    }
    assert found.differences["value"].tolist() == [0.0, 0.0]
    assert found.differences["better"].tolist() == [0.5, 0.5]
    assert not len(found.settings)
    assert len(curves_figure(subjects).axes) == 2


def test_the_command_prints_tables_json_and_a_figure(
    sweep_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, figure = str(sweep_folder), tmp_path / "curves.svg"
    text = printed(capsys, folder, "--output", str(figure))
    assert text.startswith("DelayedMatch-v0: fraction correct\n")
    assert "2 of 2" in text
    assert "What differs\n" in text
    assert "\n  core" in text
    assert "\n  only mpn: eta, " in text  # a frozen M has none
    assert figure.read_text().startswith("<?xml")
    rows = json.loads(printed(capsys, folder, "--json"))
    assert rows["subjects"] == ["mpn", "mpn-frozen"]
    assert rows["differences"][0]["n"] == 2


def test_what_differs_between_some_is_told_though_others_do_not_have_it() -> None:
    rows = [
        ("core", "mpn", "mpn", "gru"),
        ("eta", "0.1", "0.2", ABSENT),
        ("rank", "1", "1", ABSENT),
    ]
    settings = pd.DataFrame(rows, columns=["name", "a", "b", "c"])
    nothing = pd.DataFrame(columns=["problem"])
    said = "\n".join(text(Comparison(["a", "b", "c"], nothing, nothing, settings)))
    assert "  eta   0.1  0.2  \N{EN DASH}\n" in said
    assert said.endswith("\n  only a, b: rank")


def test_what_cannot_be_compared_is_said(sweep_folder: Path) -> None:
    run = next(path for path in (sweep_folder / "runs").iterdir())
    with pytest.raises(UserError, match="there is only one run"):
        find_subjects([str(run)])
    with pytest.raises(ArtifactError, match="nowhere: neither a results folder nor a run"):
        find_subjects([str(run), "nowhere"])
    with pytest.raises(UserError, match=f"{run} and {run.name} are the same"):
        find_subjects([str(run), run.name], results=sweep_folder)
    by_id = find_subjects([run.name, str(sweep_folder)], results=sweep_folder)
    assert [len(one.runs) for one in by_id] == [1, 2]
