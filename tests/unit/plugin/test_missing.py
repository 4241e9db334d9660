"""Without HTCondor's bindings, an extra, everything but the pool's profile works."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Hides the bindings from imports and from the engine, which looks for plugins on the path.
PROGRAM = """
import pkgutil, sys
from importlib.machinery import PathFinder
HIDDEN = {"htcondor", "htcondor2", "classad2", "snakemake_executor_plugin_htcondor"}
find, listed = PathFinder.find_spec, pkgutil.iter_modules
PathFinder.find_spec = staticmethod(
    lambda name, *more: None if name.partition(".")[0] in HIDDEN else find(name, *more)
)
pkgutil.iter_modules = lambda *given: (m for m in listed(*given) if m.name not in HIDDEN)
from snakemake.cli import main
main(sys.argv[1:])
"""


def snakemake(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, "--snakefile", str(ROOT / "Snakefile"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_the_profile_says_what_to_install(tmp_path: Path) -> None:
    folder = ("--directory", str(tmp_path), "--configfile", str(ROOT / "config" / "test.yaml"))
    assert snakemake("-n", "--quiet", *folder).returncode == 0
    profile = str(ROOT / "profiles" / "htcondor")
    refused = snakemake("--profile", profile, *folder)
    assert refused.returncode != 0
    assert "pip install 'mpn-rl[htcondor]'" in refused.stderr
    assert "Traceback" not in refused.stderr
