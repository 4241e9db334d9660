"""Another workflow starts this one by a rule; `module` and `include` are refused in a sentence."""

import sys
from pathlib import Path

import pytest

from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow]

IMPORTED = {
    "module": 'module sweep:\n    snakefile: "{ours}"\n\nuse rule * from sweep as sweep_*\n',
    "prefix": (
        'module sweep:\n    snakefile: "{ours}"\n    prefix: "delayed"\n\n'
        "use rule * from sweep as sweep_*\n"
    ),
    "one rule": 'module sweep:\n    snakefile: "{ours}"\n\nuse rule train from sweep\n',
    "include": 'include: "{ours}"\n',
}


@pytest.mark.parametrize("how", IMPORTED)
def test_an_importer_is_told_what_to_do_before_anything_runs(
    how: str, built: Project, tmp_path: Path
) -> None:
    other = Project(tmp_path)
    other.write("Snakefile", IMPORTED[how].format(ours=built.folder / "Snakefile"))
    done = other.snakemake()
    assert done.returncode == 1
    assert len(said := done.stderr.splitlines()) == 1
    assert "cannot be used by `module` or `include`" in said[0]
    assert f"snakemake --snakefile {built.folder}/Snakefile --configfile" in said[0]
    assert {path.name for path in tmp_path.iterdir()} <= {"Snakefile", ".snakemake"}


def test_a_rule_of_another_workflow_starts_it(built: Project, tmp_path: Path) -> None:
    other, ours = Project(tmp_path), built.folder
    command = f"{sys.executable} -m snakemake --snakefile {ours}/Snakefile"
    command += f" --configfile {ours}/config/config.yaml"
    other.write(
        "Snakefile",
        "rule sweep:\n"
        "    output:\n"
        '        touch("done"),\n'
        "    shell:\n"
        f'        "{command} --directory {ours} --cores 1 -n"\n',
    )
    done = other.snakemake()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr
