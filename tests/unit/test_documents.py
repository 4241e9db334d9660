"""Links of the pages lead somewhere, and their commands are commands which tests run."""

import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest

from mpn_rl.sweep.cli.commands import COMMANDS, build_parser
from mpn_rl.sweep.cli.flags import check_flags
from tests.fixtures.documents import ROOT, anchors, commands, documents, links

# Where each command of mpn-rl is run.
TESTED = {
    "init": "workflow/test_wheel.py",
    "train": "workflow/test_readme.py",
    "resume": "unit/cli/test_main.py",
    "eval": "workflow/test_readme.py",
    "render": "workflow/test_readme.py",
    "analyze": "workflow/test_readme.py",
    "compare": "unit/results/test_compare.py",
    "choose": "unit/results/test_choosing.py",
    "check": "workflow/test_readme.py",
    "status": "unit/status/test_status.py",
    "audit": "unit/cli/test_audit.py",
    "explain": "workflow/test_audit.py",
    "accept": "workflow/test_accept.py",
    "export": "workflow/test_export.py",
    "prune": "unit/cli/test_audit.py",
    "doctor": "htcondor/test_workflow.py",
    "condor": "htcondor/test_workflow.py",
}
# What no test runs as it stands, and why.
NOT_HERE = {
    "python3.11": "makes an environment: `make venv` does the same",
    "pip": "installs: `make venv` and `make test-packages` do the same",
    "uv": "installs, where uv is",
    ".": "activates an environment",
    "cd": "changes the folder",
    "export": "sets a variable",
    "mkdir": "the shell's",
    "cp": "the shell's",
    "condor_q": "HTCondor's, which needs a pool",
    "condor_release": "HTCondor's, which needs a pool",
    "condor_rm": "HTCondor's, which needs a pool",
    "condor_history": "HTCondor's, which needs a pool",
    "condor_submit": "HTCondor's, which needs a pool: tests/htcondor",
}
PAGES = documents()


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = page.parent / unquote(path) if path else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            assert unquote(anchor) in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_are_commands(page: Path) -> None:
    for words in commands(page):
        line = " ".join(words)
        match words:
            case ["mpn-rl", command, *_] if "examples" in page.parts:
                # what it names is known once the example is installed, by a test of its own
                assert command in COMMANDS, line
            case ["mpn-rl", *given]:
                arguments, rest = build_parser().parse_known_args(given)
                check_flags(arguments.parser, rest)
            case ["make", *targets]:
                rules = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
                assert {t for t in targets if "=" not in t} <= set(rules), line
            case ["snakemake", *given]:
                named = [word for word in given if re.match(r"(config|profiles)/", word)]
                assert all((ROOT / file).exists() for file in named), line
            case ["python", "-m", module, *_]:
                assert find_spec(module), line
            case ["python", script, *_]:
                assert (ROOT / script).is_file() or (page.parent / script).is_file(), line
            case _:
                assert words[0] in NOT_HERE, f"{line}: neither tested nor said why not"


def test_each_command_of_mpn_rl_is_run_by_a_test() -> None:
    told = {words[1] for page in PAGES for words in commands(page) if words[0] == "mpn-rl"}
    assert told <= TESTED.keys()
    assert {command.split()[0] for command in COMMANDS} <= TESTED.keys()
    for command, file in TESTED.items():
        text = (ROOT / "tests" / file).read_text()
        assert file.endswith("test_readme.py") or re.search(rf"\b{command}\b", text), command
