"""How the state of a sweep is shown: screen, page, JSON, the command."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from mpn_rl.sweep.cli import main
from mpn_rl.sweep.cli import status as command
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.status.document import document
from mpn_rl.sweep.status.overview import Watcher
from mpn_rl.sweep.status.page import page
from mpn_rl.sweep.status.screen import screen
from tests.fixtures.sweep_status import log_of, metrics


def test_a_page_stands_alone_and_shows_what_others_wrote_as_text(
    folder: Path, sweep: Sweep
) -> None:
    log_of(folder, sweep, "train", ("ERROR", "<script>alert(1)</script>\x1b[31m"))
    text = page(Watcher(folder / "results", sweep).overview(), 2.0)
    assert '<meta http-equiv="refresh" content="2">' in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "\x1b" not in text
    assert not re.search(r"(src|href)=", text)


def test_a_long_sweep_shows_first_what_asks_for_a_look(folder: Path, sweep: Sweep) -> None:
    log_of(folder, sweep, "train", ("ERROR", "disk full"))
    overview = Watcher(folder / "results", sweep).overview()
    console = Console(width=200, record=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    console.print(screen(overview, most=1))
    text = console.export_text()
    console.file.close()
    assert "mpn" in text
    assert "gru" not in text
    assert "and 2 more (--all shows them)" in text
    assert "ERROR disk full" in text


@pytest.mark.parametrize("width", [50, 80, 120])
def test_a_narrow_terminal_still_shows_why(folder: Path, sweep: Sweep, width: int) -> None:
    log_of(folder, sweep, "train", ("ERROR", "disk full"))
    metrics(folder, sweep, {"seed": 0, "step": 50, "validation_return": 0.5})
    console = Console(width=width, record=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    console.print(screen(Watcher(folder / "results", sweep).overview(), width=width))
    text = console.export_text()
    console.file.close()
    assert "train: disk full" in text
    assert "failed: train" in text
    assert ("jobs" in text.splitlines()[2]) == (width > 50)


def test_json_has_all_that_is_known(folder: Path, sweep: Sweep) -> None:
    log_of(folder, sweep, "train", ("ERROR", "disk full"))
    content = json.loads(json.dumps(document(Watcher(folder / "results", sweep).overview())))
    assert content["counts"] == {"failed": 1, "waiting": 1}
    first = content["blocks"][0]
    assert (first["state"], first["seeds"], first["why"]) == ("failed", "0-1", "train: disk full")
    assert first["unfinished"][0]["log"]
    assert content["seconds_left"] is None
    assert content["core_seconds_left"] > 0


def status(*arguments: object) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["status", *map(str, arguments)])
    return ended.value.code


def test_the_command(folder: Path, sweep: Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(folder / "results") == 0
    assert "s: 2 waiting; 0 of " in capsys.readouterr().out
    log_of(folder, sweep, "train", ("ERROR", "disk full"))
    html = folder / "status.html"
    assert status(folder / "results", "--html", html) == 1
    assert "train: disk full" in html.read_text()
    assert status(folder / "nothing" / "results") == 1
    assert "no sweep was started here; name its config with --config" in capsys.readouterr().err
    assert status(folder / "results", "--every", "soon") == 2


def test_a_pipe_gets_a_table_at_each_look(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = []

    def rest(*_: object) -> None:
        shown.append(capsys.readouterr().out)
        if len(shown) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "_rest", rest)
    with pytest.raises(SystemExit):
        main(["status", str(folder / "results"), "--watch"])
    assert [text.splitlines()[0] for text in shown] == ["s: 2 waiting; 0 of 25 jobs done"] * 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("flags", [[], ["--json"], ["--watch"]])
def test_output_that_cannot_be_written_is_told_in_a_line(folder: Path, flags: list[str]) -> None:
    program = [sys.executable, "-c", "from mpn_rl.sweep.cli import main; main()"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*program, "status", *flags], cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.stderr == "mpn-rl: the output cannot be written: No space left on device\n"
    assert done.returncode == 1
