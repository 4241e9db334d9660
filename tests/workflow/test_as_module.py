"""A module of another workflow, as snakedeploy writes one; what would lose records is refused."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.workflow.project import Project, job_counts

pytestmark = [pytest.mark.workflow]

# What `snakedeploy deploy-workflow` writes, with a checkout in the place of its repository.
DEPLOYED = """\
configfile: "config/config.yaml"


module mpn_rl:
    snakefile:
        "{ours}"
    config:
        config


use rule * from mpn_rl
"""
REFUSED = {
    "renamed": DEPLOYED.rstrip() + " as sweep_*\n",
    "prefix": DEPLOYED.replace("    config:", '    prefix: "delayed"\n    config:'),
    "one rule": DEPLOYED.replace("rule *", "rule train"),
    "without a rule": DEPLOYED.replace("from mpn_rl", "from mpn_rl exclude lesion"),
    "another config": DEPLOYED.replace("        config\n", '        {{**config, "seeds": {{}}}}\n'),
    "no config": DEPLOYED.replace("    config:\n        config\n", ""),
    "include": 'include: "{ours}"\n',
}


@pytest.mark.parametrize("how", REFUSED)
def test_an_importer_is_told_what_to_do_before_anything_runs(
    how: str, built: Project, tmp_path: Path
) -> None:
    other = Project(tmp_path)
    other.write("Snakefile", REFUSED[how].format(ours=built.folder / "Snakefile"))
    other.write("config/config.yaml", built.read("config/config.yaml"))
    done = other.snakemake()
    assert done.returncode == 1
    assert len(said := done.stderr.splitlines()) == 1
    assert "only as a whole and as it is" in said[0]
    assert f"snakemake --snakefile {built.folder}/Snakefile --configfile" in said[0]
    assert {path.name for path in tmp_path.iterdir()} <= {"Snakefile", "config", ".snakemake"}


def test_what_was_made_alone_is_fresh_in_a_deployment(built: Project, tmp_path: Path) -> None:
    other = deployment(built, tmp_path / "deployed")
    assert other.stale() == {}
    other.edit(
        "config/config.yaml", "evaluation: {num_episodes: 3}", "evaluation: {num_episodes: 4}"
    )
    assert other.stale() == {"evaluate": 4, "summarise": 1}
    done = other.snakemake("-n", "--config", "render={num_episodes: 2}")
    assert job_counts(done) == {"evaluate": 4, "render": 2, "summarise": 1}


@pytest.mark.slow
def test_what_a_deployment_makes_is_fresh_alone(built: Project, tmp_path: Path) -> None:
    """And its jobs run the copy of code and config that the driver made when it began."""
    other = deployment(built, tmp_path / "deployed")
    other.edit(
        "config/config.yaml", "evaluation: {num_episodes: 3}", "evaluation: {num_episodes: 4}"
    )
    other.build()
    assert len(list(tmp_path.glob("deployed/.snakemake/mpn-rl/asked/*.json"))) == 2
    (other.folder / "workflow" / "Snakefile").unlink()
    ours = ("--snakefile", f"{built.folder}/Snakefile", "--configfile", "config/config.yaml")
    alone = other.snakemake("-n", *ours)
    assert job_counts(alone) == {}


def deployment(built: Project, folder: Path) -> Project:
    """A folder with the project's results, config and profiles, and its workflow as a module."""
    other = Project(folder)
    for part in ("results", ".snakemake", "config", "profiles"):
        shutil.copytree(built.folder / part, folder / part)
    other.write("workflow/Snakefile", DEPLOYED.format(ours=built.folder / "workflow" / "Snakefile"))
    return other


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
