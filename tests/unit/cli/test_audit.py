"""The commands that look over results, in their own words."""

import json
from pathlib import Path

import pytest
import yaml

from mpn_rl.sweep.cli.main import main
from tests.fixtures.results import DATA, Results


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
    assert run("audit", str(results.root)) == (0, "20 artifacts, 0 false\n")
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
    code, said = run("audit", str(home))
    assert f"note: looked at {home} alone, a part of {results.root}\n" in said


@pytest.mark.parametrize("inside", ["", "notes", "logs", "records"])
@pytest.mark.parametrize("command", ["audit", "audit --fix", "accept", "accept --undo", "prune"])
def test_nothing_is_well_where_nothing_is(
    command: str, inside: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    (folder / inside).mkdir(parents=True)
    (folder / inside / "notes.txt").touch()
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(DATA))
    if inside in ("logs", "records") and command != "audit":
        return  # these may be all that is left of results
    words = [*command.split(), str(folder), *(["--config", str(config)] * (command == "prune"))]
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert len(said.err.splitlines()) == 1
    assert f"{folder}: " in said.err
    assert "no results" in said.err
    assert not said.out
    assert not [*folder.glob(".*")]


@pytest.mark.parametrize("output", ["summary.csv", "runs/a_mpn_0/seeds_0-1/analysis/pca.csv"])
def test_outputs_without_any_record_are_looked_at(
    output: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The summary of a results folder whose `records/` is gone, too, and a block's inner folder."""
    path = tmp_path / output
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a,b\n")
    with pytest.raises(SystemExit) as ended:
        main(["audit", str(tmp_path)])
    assert ended.value.code == 1
    assert "no record" in capsys.readouterr().out


def test_mixed_versions_are_noted_and_make_nothing_false(
    results: Results, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "records" / "evaluate.json"
    record = json.loads(path.read_text())
    record["versions"] = {**record["versions"], "torch": "9.9"}
    path.write_text(json.dumps({**record, "processor": None}))
    with pytest.raises(SystemExit) as ended:
        main(["audit", str(results.root)])
    said = capsys.readouterr().out.splitlines()
    assert ended.value.code in (0, None)
    assert said[-1] == "20 artifacts, 0 false"
    noted = [line for line in said if line.startswith("note: made with ")]
    assert [line.split()[3] for line in noted] == ["processor", "torch"]
    assert "unknown (1 record)" in noted[0]
    assert "9.9 (1 record)" in noted[1]
