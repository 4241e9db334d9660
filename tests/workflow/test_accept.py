"""`mpn-rl accept` beside the real engine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.workflow.project import SECONDS, Project

pytestmark = [pytest.mark.workflow]

REPLAY = "mpn_rl/learning/replay.py"
NEW_FUNCTION = "\n\ndef unused() -> int:\n    return 1\n"
BELOW_TRAIN = {
    "evaluate": 4,
    "lesion": 4,
    "generalise": 4,
    "render": 2,
    "collect": 4,
    "analyse": 4,
    "decode": 4,
    "fixed_points": 4,
    "plot": 4,
    "plot_plasticity": 2,
    "plot_memory": 4,
    "summarise": 1,
}


def accept(project: Project, *flags: str, code: int = 0) -> str:
    done = project.run("python", "-m", "mpn_rl", "accept", "results", *flags)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def listings(project: Project) -> str:
    return "".join(path.read_text() for path in project.files("records/code/*.json"))


@pytest.mark.slow
def test_equal_bytes_are_accepted_and_taken_back(project: Project) -> None:
    before = project.read(REPLAY)
    project.append(REPLAY, NEW_FUNCTION)
    assert project.stale() == {"train": 4, **BELOW_TRAIN}
    records = {path: path.read_bytes() for path in project.files("runs/*/*/records/*.json")}
    said = accept(project)
    assert "accepted: 16 files in 2 groups" in said
    assert records == {path: path.read_bytes() for path in records}
    assert project.stale() == {}
    assert "nothing to accept" in accept(project)
    # more seeds of a combination that was tried are trained by the new code, and are fresh then
    project.edit("config/config.yaml", "count: 2", "count: 3")
    assert project.stale()["train"] == 2
    project.build()
    assert project.stale() == {}
    new = json.loads(project.files("runs/*_gru_*/seeds_2-2/records/train.json")[0].read_bytes())
    old = json.loads(project.files("runs/*_gru_*/seeds_0-0/records/train.json")[0].read_bytes())
    assert new["code_digest"] != old["code_digest"]
    audit = project.run("mpn-rl", "audit", "results")
    assert audit.returncode == 0
    assert "accepted: made by code" in audit.stdout
    output = project.files("runs/*_gru_*/seeds_0-0/config.json")[0]
    explained = project.run("mpn-rl", "explain", str(output.relative_to(project.folder)))
    assert f"made by code {old['code_digest']}, found to give the same" in explained.stdout
    # the sample of its own combination alone
    assert "computed again and equal: DelayedMatch-v0_gru_" in explained.stdout
    assert "train, seed 0; canary: " in explained.stdout
    # the older code again: what the newer made was never accepted for it
    project.write(REPLAY, before)
    assert project.stale()["train"] == 2
    project.append(REPLAY, NEW_FUNCTION)
    accept(project, "--undo")
    assert project.stale()["train"] == 4


@pytest.mark.slow
def test_other_bytes_are_refused_with_the_field_named(project: Project) -> None:
    project.edit("mpn_rl/compiled/learning.py", "loss += 0.5 * error", "loss += 0.25 * error")
    before = listings(project)
    said = accept(project, code=1)
    assert listings(project) == before
    assert "train, seed 0: training_history.json: seed 0, loss[0]: " in said
    assert "groups are not accepted" in said
    assert project.stale()["train"] == 4


@pytest.mark.slow
def test_one_core_is_refused_and_the_other_accepted(project: Project) -> None:
    project.append(REPLAY, NEW_FUNCTION)
    project.edit(
        "mpn_rl/compiled/cells.py", "new + inner[t, n, H + i] *", "new + 0.5 * inner[t, n, H + i] *"
    )
    said = accept(project, code=1)
    assert "_gru_" in said.partition("nothing of its kind is accepted")[0].splitlines()[-1]
    assert project.stale() == {
        "train": 2,
        "evaluate": 2,
        "lesion": 2,
        "generalise": 2,
        "render": 1,
        "collect": 2,
        "analyse": 2,
        "decode": 2,
        "fixed_points": 2,
        "plot": 2,
        "plot_memory": 2,
        "summarise": 1,
    }


def begin_driver(project: Project) -> None:
    project.write(".snakemake/locks/0.input.lock", "x")


def edit_code(project: Project) -> None:
    project.edit("mpn_rl/learning/targets.py", "    loss = torch", "    loss = 0.5 * torch")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [(begin_driver, "a snakemake is at work here"), (edit_code, "the code was edited")],
)
def test_nothing_is_accepted_beside_a_driver_or_an_edit(
    project: Project, meanwhile: Callable[[Project], None], reason: str
) -> None:
    project.append(REPLAY, NEW_FUNCTION)
    before = listings(project)
    accepting = subprocess.Popen(
        [sys.executable, "-m", "mpn_rl", "accept", "results"],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert accepting.stdout is not None
    assert "are stale by code alone" in accepting.stdout.readline()
    meanwhile(project)
    _, errors = accepting.communicate(timeout=SECONDS)
    assert accepting.returncode == 1
    assert reason in errors
    assert listings(project) == before


@pytest.mark.slow
def test_what_was_made_from_a_damaged_file_is_left_alone(project: Project) -> None:
    project.append("mpn_rl/analysis/pca.py", NEW_FUNCTION)
    damaged = project.files("runs/*/*/analysis/activity.npz")[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    said = accept(project)
    assert "records/analyse.json: is left alone: its input analysis/activity.npz is" in said
    assert "accepted: 16 files in 4 groups" in said


@pytest.mark.slow  # for the sweep that the others have made
def test_it_waits_for_no_driver_that_is_at_work(project: Project) -> None:
    lock = project.folder / ".snakemake" / "locks" / "0.input.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text("x")
    assert "a snakemake is at work here" in accept(project, code=1)


@pytest.mark.slow
def test_another_form_of_params_is_accepted_where_settings_are_equal(project: Project) -> None:
    """As after earlier versions, which handed all settings to a rule in one text."""
    from mpn_rl.sweep.ledger.engine import Metadata

    project.append("mpn_rl/playing/evaluation.py", NEW_FUNCTION)
    for table in project.files("runs/*/*/evaluation.csv"):
        for output in (table, table.parent / "records/evaluate.json"):
            path = Metadata(project.folder).path(str(output.relative_to(project.folder)))
            content = json.loads(path.read_bytes())
            whole = repr('{"checkpoint":"final","num_episodes":3}')
            digests = [text for text in content["params"] if "=" not in text]
            content["params"] = [whole, *digests]
            path.write_text(json.dumps(content))
    assert project.stale() == {"evaluate": 4, "summarise": 1}
    accept(project)
    assert project.stale() == {}
