"""What a terminal shows while agents train."""

import io
import logging

import pytest
from rich.console import Console
from rich.progress import Progress

from mpn_rl.sweep.cli.live import Seeds, in_words, shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record(message: str, level: int = logging.INFO, name: str = "mpn_rl.x") -> logging.LogRecord:
    return logging.LogRecord(name, level, "", 0, message, None, None)


def of(**event: object) -> logging.LogRecord:
    made = record("progress")
    vars(made)["event"] = {"status": "training", "step": 0, "episode": 0, **event}
    return made


def test_an_event_in_words() -> None:
    event = {"step": 4096, "episode": 7, "num_steps": 40000, "steps_per_second": 8976.0}
    assert in_words(event) == "4,096/40,000, 8,976 steps/s, 4 s left"
    assert in_words({"step": 10, "episode": 7, "return": 0.507}) == "10 steps, return 0.51"


def test_seeds_take_the_place_of_what_is_waited_for_and_go_when_they_end() -> None:
    bars = Progress(console=Console(file=io.StringIO(), force_terminal=True), disable=True)
    seeds = Seeds(bars, "train: getting ready")
    assert [task.description for task in bars.tasks] == ["train: getting ready"]
    seeds.emit(of(seed=3, status="begun", num_steps=100))
    seeds.emit(of(seed=4, status="begun"))
    seeds.emit(of(seed=3, step=50, num_steps=100))
    assert [(t.description, t.completed, t.total) for t in bars.tasks] == [
        ("seed 3", 50, 100),
        ("seed 4", 0, None),
    ]
    seeds.emit(of(seed=3, status="completed", step=100))
    assert [task.description for task in bars.tasks] == ["seed 4"]


def test_quiet_leaves_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    with shown("", quiet=True) as handler:
        logger = logging.Logger("quiet")
        logger.addHandler(handler)
        logger.info("step 10")
        logger.warning("seed 0: failed")
    assert capsys.readouterr().err == "seed 0: failed\n"


def test_a_terminal_shows_at_once_that_something_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with shown("train: getting ready", quiet=False) as handler:
        assert "train: getting ready" in terminal.getvalue()
        handler.emit(record("seed 0: 10 steps done"))
        handler.emit(record("seed 0: step 4", name="mpn_rl.sweep.stages.progress"))
    assert "seed 0: 10 steps done\n" in terminal.getvalue()
    assert "seed 0: step 4" not in terminal.getvalue()


def test_a_pipe_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with shown("train: getting ready", quiet=False) as handler:
        handler.emit(record("seed 0: step 4", name="mpn_rl.sweep.stages.progress"))
    assert capsys.readouterr().err == "seed 0: step 4\n"
