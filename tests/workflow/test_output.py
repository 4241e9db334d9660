"""What a run says: nothing that tells nobody anything."""

import os
import re
import subprocess
import sys
from pathlib import Path
from sysconfig import get_path

import pytest

from tests.workflow.project import ROOT, Project

pytestmark = [pytest.mark.workflow]


def test_the_last_rule_says_where_the_summary_is_and_not_every_output(tmp_path: Path) -> None:
    done = Project(ROOT).snakemake("-n", "--directory", str(tmp_path))
    assert done.returncode == 0, done.stderr
    last = done.stdout[done.stdout.rindex("Job 0: ") :]
    assert last.startswith(
        "Job 0: Everything is up to date; results/summary.pdf has the findings\n"
    )
    assert "config.json" not in done.stdout + done.stderr


def test_make_run_ends_with_the_place_of_the_summary() -> None:
    recipe = re.search(r"^run: venv.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    assert recipe is not None
    last = recipe[1].splitlines()[-1]
    assert last == '\t@echo "The summary: $(CURDIR)/results/summary.pdf"'


def test_the_line_that_make_venv_leaves_in_the_environment_silences_the_bindings(
    tmp_path: Path,
) -> None:
    line = re.search(r"^QUIET := (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert line is not None
    (tmp_path / "quiet_htcondor.pth").write_text(line[1] + "\n")
    packages = get_path("purelib")
    imports = f"import site, sys; sys.path.append({packages!r}); {{}}; import htcondor2"
    said = []
    for before in ("0", f"site.addsitedir({str(tmp_path)!r})"):
        command = [sys.executable, "-S", "-c", imports.format(before)]
        variables = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        said.append(done.stderr)
    if not said[0]:
        pytest.skip("this machine has an HTCondor configuration")
    assert "CONDOR_CONFIG is unset" in said[0]
    assert said[1] == ""
