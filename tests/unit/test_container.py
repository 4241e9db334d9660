"""The container's recipe, as far as it can be held against the project without building it."""

import re
import tomllib

import pytest

from mpn_rl.tree import ROOT, SOURCES

RECIPE = ROOT / "containers" / "mpn-rl.def"


@pytest.fixture(scope="module")
def sections() -> dict[str, list[str]]:
    """Section -> its lines; the header is that of the empty name."""
    found: dict[str, list[str]] = {"": []}
    name = ""
    for line in RECIPE.read_text().splitlines():
        if line.startswith("%"):
            found[name := line[1:].strip()] = []
        elif line.strip() and not line.startswith("#"):
            found[name].append(line.strip())
    return found


def copied(sections: dict[str, list[str]]) -> list[str]:
    return [line.split()[0] for line in sections["files"]]


def test_every_file_is_there_and_goes_to_one_folder(sections: dict[str, list[str]]) -> None:
    assert all((ROOT / name).exists() for name in copied(sections))
    assert {line.split()[1] for line in sections["files"]} == {"/opt/mpn-rl/"}


def test_all_is_there_that_the_package_is_built_of(sections: dict[str, list[str]]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    hook = re.findall(r"^PARTS = \((.*)\)", (ROOT / "hatch_build.py").read_text(), re.MULTILINE)[0]
    needed = {*SOURCES, *wheel["packages"], *re.findall(r'"(\w+)"', hook)}
    needed |= {"pyproject.toml", "hatch_build.py", project["project"]["readme"]}
    needed |= {*project["project"]["license-files"]}
    assert needed <= {*copied(sections)}


def test_versions_are_those_of_the_lock(sections: dict[str, list[str]]) -> None:
    assert sections["post"] == [
        "pip install --no-cache-dir -r /opt/mpn-rl/requirements.lock",
        "pip install --no-cache-dir --no-deps /opt/mpn-rl",
    ]
    lock = (ROOT / "requirements.lock").read_text().splitlines()
    assert all(re.match(r"[\w.-]+==\S+", line) for line in lock if line and line[0] != "#")


def test_python_is_one_that_the_project_takes(sections: dict[str, list[str]]) -> None:
    [image] = (line.split()[1] for line in sections[""] if line.startswith("From:"))
    found = re.match(r"python:3\.(\d+)-", image)
    assert found
    assert int(found[1]) >= 11
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert requires.startswith(">=3.11")
