"""Profiles and rules as they are read."""

import itertools
from contextlib import chdir
from pathlib import Path

import pytest

from mpn_rl.errors import UserError
from mpn_rl.sweep.cluster.profile import read_plan
from tests.fixtures.cluster_profiles import PROJECT, plan_of


def test_every_line_of_the_profile_is_explained() -> None:
    lines = (PROJECT / "profiles" / "htcondor" / "config.yaml").read_text().splitlines()
    sections = {"__variables__:", "train:", "collect:", "analyse:", "?if", "?else:"}
    for before, line in itertools.pairwise(lines):
        words = line.split()
        if words and not words[0].startswith("#") and words[0] not in sections:
            assert before.strip().startswith("#") or before.split()[0] in sections, line


def test_rules_are_asked_for_as_the_engine_reads_them(tmp_path: Path) -> None:
    snakefile = tmp_path / "Snakefile"
    snakefile.write_text(
        "rule first:\n    output: 'a'\n    threads: 3\n    resources: save_seconds=5\n"
        "    shell: 'touch a'\n\n\n"
        "rule second:\n    output: 'b'\n    localrule: True\n    shell: 'touch b'\n"
    )
    profile = "default-resources: {htcondor_request_mem_mb: 100 * attempt * threads}\n"
    requests = plan_of(profile, tmp_path, snakefile).requests
    assert list(requests) == ["first"]
    assert [one.resources["htcondor_request_mem_mb"] for one in requests["first"]] == [300, 600]
    assert requests["first"][0].threads == 3
    assert requests["first"][0].resources["save_seconds"] == 5


@pytest.mark.parametrize("content", [None, "- a\n- b\n", "a: [\n", "no-such-option: 1\n"])
def test_unusable_profiles_are_user_errors(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "config.yaml").write_text(content)
    with chdir(tmp_path), pytest.raises(UserError, match=str(tmp_path)):
        read_plan(tmp_path, PROJECT / "Snakefile")
