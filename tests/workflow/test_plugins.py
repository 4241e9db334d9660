"""Plug-ins of the user's own package, from config to summary, and what goes stale."""

import io
import shutil

import pypdf
import pytest

from mpn_rl import Sweep
from tests.workflow.project import CONFIG, ROOT, Project
from tests.workflow.test_staleness import GRU

pytestmark = [pytest.mark.workflow]

CORE, TASK = "leaky_memory.core:Leaky", "leaky_memory.task:DelayedReport(delay=1)"
ASKED = CONFIG.replace("delay: 1, ", "").replace("[mpn, gru]", f"[mpn, {CORE}]")
ANALYSIS = "leaky_memory.analysis:Persistence(lags=2)"
PLUGGED = ASKED.replace("DelayedMatch-v0", f'"{TASK}"') + f"analyses: {{own: {ANALYSIS}}}\n"


@pytest.fixture
def own(tmp_path):
    """A project with the example package in its folder."""
    project = Project.create(tmp_path / "project", config=PLUGGED)
    package = ROOT / "examples" / "leaky_memory" / "leaky_memory"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, project.folder / "leaky_memory", ignore=ignored)
    return project


@pytest.mark.slow
def test_what_breaks_the_interface_is_refused_in_a_dry_run(own):
    done = own.snakemake("-n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"looking at {TASK}, {CORE}, {ANALYSIS}: their code" in done.stdout + done.stderr
    own.edit("leaky_memory/core.py", "return h, h", "return h[:, 1:], h")
    own.edit("leaky_memory/analysis.py", '"similarity": float', '"cosine": float')
    done = own.snakemake("-n")
    assert done.returncode == 1
    assert f"core '{CORE}' breaks the interface: step gives h (4, 9)" in done.stdout + done.stderr
    assert f"analyses.own: analysis '{ANALYSIS}': unknown names" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_they_run_and_an_edit_makes_exactly_their_runs_stale(own):
    own.build()
    assert own.stale() == {}
    runs = {path.name.rsplit("_", 1)[0] for path in own.files("runs/*")}
    task = "leaky-memory.task-DelayedReport"
    assert runs == {f"{task}_mpn", f"{task}_leaky-memory.core-Leaky"}
    assert own.files(f"baselines/{task}_*.csv")
    tables = Sweep(own.folder / "results").analysis("own")
    assert tables[["lag", "seed"]].drop_duplicates().shape == (4, 2)
    assert set(tables["core"]) == {"mpn", CORE}
    assert len(own.files("runs/*/*/analyses/own.png")) == 4
    pdf = pypdf.PdfReader(io.BytesIO((own.folder / "results" / "summary.pdf").read_bytes()))
    assert any("tables lie in analyses/" in page.extract_text() for page in pdf.pages)
    edits_of_the_analysis(own)
    core = own.read("leaky_memory/core.py")
    own.append("leaky_memory/core.py", "# a comment\n")
    assert own.stale() == {}
    own.edit("leaky_memory/core.py", "parameter(0.2,", "parameter(0.3,")
    assert own.stale() == {**GRU, "measure": 2}
    own.write("leaky_memory/core.py", core)
    own.edit("leaky_memory/task.py", "seen[:, 0] +=", "seen[:, 0] += 2 *")
    stale = own.stale()
    assert stale["train"] == 4
    assert stale["baselines"] == 1


def edits_of_the_analysis(own: Project) -> None:
    """What its file, its options and its name make stale, from a finished sweep and back to it."""
    analysis, config = own.read("leaky_memory/analysis.py"), own.read("config/config.yaml")
    alone = {"measure": 4, "summarise": 1}
    own.append("leaky_memory/analysis.py", "# a comment\n")
    assert own.stale() == {}
    own.edit("leaky_memory/analysis.py", "c.size else", "len(c) else")
    assert own.stale() == alone
    own.write("leaky_memory/analysis.py", analysis)
    own.edit("config/config.yaml", "lags=2", "lags=1")
    assert own.stale() == alone
    own.write("config/config.yaml", config.replace(f"analyses: {{own: {ANALYSIS}}}", ""))
    assert own.stale() == {"summarise": 1}
    own.write("config/config.yaml", config)
