"""The engine's HTML report of a sweep: made, and deaf to what logs and errors say."""

import re

import pytest

from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow]

SCRIPT = "<script>alert('harm')</script>"


def test_logs_and_comments_reach_no_report_as_markup(project: Project) -> None:
    for log in project.files("logs/*/*.log"):
        log.write_text(SCRIPT)
    for benchmark in project.files("benchmarks/*/*.tsv"):
        benchmark.write_text(SCRIPT)
    project.append("config/config.yaml", f"# {SCRIPT}\n")
    done = project.snakemake("--report", "report.html")
    assert done.returncode == 0, done.stdout + done.stderr
    page = project.read("report.html")
    assert len(re.findall(r"episode_0_0\.gif", page)) > 0
    assert SCRIPT not in page
    assert "alert('harm')" not in page
