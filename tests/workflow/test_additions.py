"""The examples of docs/architecture.md do what it says, and make nothing stale that exists."""

import io
import re

import pypdf
import pytest

from tests.workflow.project import ROOT, Project
from tests.workflow.test_staleness import GRU

pytestmark = [pytest.mark.workflow]

# **`file`**, after `line`: a blank line, and the example
EXAMPLE = re.compile(
    r"^\*\*`(?P<file>[^`]+)`\*\*(?:, after `(?P<line>[^`]+)`)?\n\n```python\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def follow(project: Project, section: str) -> None:
    """Do to the project what a section of the page says."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    part = page.partition(f"\n### {section}\n")[2].partition("\n### ")[0]
    examples = [*EXAMPLE.finditer(part)]
    assert examples, section
    for example in examples:
        if example["line"] is None:
            assert not (project.folder / example["file"]).exists()
            project.write(example["file"], example["text"])
        else:
            line = f"{example['line']}\n"
            project.edit(example["file"], line, line + example["text"])


def ask_for(project: Project, point: str) -> None:
    """Add a run to the sweep."""
    grid = "grid: {core: [mpn, gru]}"
    project.edit("config/config.yaml", grid, f"{grid}\n  points: [{point}]")


def test_a_new_task_core_and_learner_make_nothing_else_stale(project: Project) -> None:
    for section in ("A task", "A core", "A learner"):
        follow(project, section)
    ask_for(
        project,
        "{core: leaky, task: DelayedReport-v0, learner: monte-carlo, delay: 2, rollout_length: 8}",
    )
    assert project.stale() == {**GRU, "baselines": 1}


@pytest.mark.slow
def test_a_new_task_core_and_learner_run(project: Project) -> None:
    for section in ("A task", "A core", "A learner"):
        follow(project, section)
    ask_for(
        project,
        "{core: leaky, task: DelayedReport-v0, learner: monte-carlo, delay: 2, rollout_length: 8}",
    )
    project.build()
    assert project.stale() == {}
    run = next(path for path in project.files("runs/*") if "DelayedReport-v0_leaky" in path.name)
    assert (run / "seeds_0-0" / "evaluation.csv").read_text().count("\n") == 4
    assert project.files("baselines/DelayedReport-v0_*.csv")


@pytest.mark.slow
def test_a_new_analysis_and_its_figure_run_alone(project: Project) -> None:
    follow(project, "An analysis with a figure")
    assert project.stale() == {"lengths": 4}
    project.build()
    assert project.stale() == {}
    table = project.files("runs/*_mpn_*/seeds_0-0/analysis/lengths.csv")[0]
    assert table.read_text() == "seed,episode,length\n0,0,4\n0,1,4\n0,2,4\n"
    assert len(project.files("runs/*/*/analysis/lengths.png")) == 4
    project.append("mpn_rl/sweep/stages/lengths.py", "\nX = 1\n")
    assert project.stale() == {"lengths": 4}


@pytest.mark.slow
def test_a_new_page_makes_the_summary_stale_alone(project: Project) -> None:
    follow(project, "A page of the summary")
    assert project.stale() == {"summarise": 1}
    project.build()
    pdf = pypdf.PdfReader(io.BytesIO((project.folder / "results" / "summary.pdf").read_bytes()))
    whole = " ".join(page.extract_text() for page in pdf.pages)
    assert re.search(r"Networks have [\d,]+ to [\d,]+ parameters", whole)
