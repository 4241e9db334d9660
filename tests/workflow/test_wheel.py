"""The built wheel, in an environment of its own: `mpn-rl init` lays out a project that runs."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from mpn_rl.sweep.layout import RULES
from mpn_rl.sweep.ledger.code.digests import NOTHING, named_digest
from tests.workflow.project import CONFIG, ROOT, SECONDS

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
STAGES = [name for name, rule in RULES.items() if not rule.stage]
DIGESTS = (
    "import json, sys; from mpn_rl.sweep.ledger.code.digests import NOTHING, named_digest as of;"
    "print(json.dumps({name: of(name, NOTHING) for name in sys.argv[1:]}))"
)


def call(*command: str | Path, **options: str | Path) -> str:
    """What a command prints, which must end well."""
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
        check=False,
        env={name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
        | {"CONDOR_CONFIG": "/dev/null", "PATH": str(options.pop("path", os.environ["PATH"]))},
        cwd=options.pop("cwd", None),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel; what it needs is seen in this one.

    A plain path in a .pth file: those of this environment, and so the checkout, are not followed.
    """
    folder = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
    call(*pip, "wheel", "--no-deps", "-w", folder, ROOT)
    call(sys.executable, "-m", "venv", "--without-pip", folder / "env")
    programs = folder / "env" / "bin"
    (packages,) = folder.glob("env/lib/python*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = folder.glob("*.whl")
    call(*pip, "--python", programs / "python", "install", "--no-deps", wheel)
    engine = programs / "snakemake"
    engine.write_text(f'#!/bin/sh\nexec {programs}/python -m snakemake "$@"\n')
    engine.chmod(0o755)
    return programs


def test_digests_of_code_are_those_of_the_checkout(programs: Path) -> None:
    of_the_wheel = json.loads(call(programs / "python", "-c", DIGESTS, *STAGES, cwd="/"))
    assert of_the_wheel == {name: named_digest(name, NOTHING) for name in STAGES}


def test_a_project_that_was_laid_out_runs(programs: Path, tmp_path: Path) -> None:
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    new = tmp_path / "new"
    call("mpn-rl", "init", new, path=path)
    assert "10 runs" in call("mpn-rl", "check", cwd=new, path=path)
    (new / "config/config.yaml").write_text(CONFIG)
    call("make", "run", "CORES=2", cwd=new, path=path)
    assert (new / "results/summary.pdf").stat().st_size > 10_000
    assert "Nothing to be done" in call("snakemake", "-n", cwd=new, path=path)
    assert ", 0 false" in call("mpn-rl", "audit", cwd=new, path=path)
    ran = [path.name for path in (new / ".snakemake/mpn-rl/code").glob("*/mpn_rl/project/*")]
    assert {"Snakefile", "workflow"} <= set(ran)
