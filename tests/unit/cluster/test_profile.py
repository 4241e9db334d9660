"""Profiles and rules as they are read."""

import itertools
from pathlib import Path

import pytest

from mpn_rl.errors import UserError
from mpn_rl.sweep.cluster.profile import Rule, read_profile, read_rules
from tests.fixtures.cluster_profiles import PROJECT


def test_every_line_of_the_profile_is_explained() -> None:
    lines = (PROJECT / "profiles" / "htcondor" / "config.yaml").read_text().splitlines()
    sections = {"__variables__:", "train:", "collect:", "analyse:", "?if", "?else:"}
    for before, line in itertools.pairwise(lines):
        words = line.split()
        if words and not words[0].startswith("#") and words[0] not in sections:
            assert before.strip().startswith("#") or before.split()[0] in sections, line


def test_rules_are_read_with_their_threads(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.smk").write_text(
        "rule first:\n    threads: 3\n\n\nrule second:\n    localrule: True\n"
    )
    rules = read_rules(tmp_path)
    assert rules == [Rule("first", 3, False), Rule("second", 1, True)]


@pytest.mark.parametrize("content", [None, "- a\n- b\n", "a: [\n"])
def test_unusable_profiles_are_user_errors(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "config.yaml").write_text(content)
    with pytest.raises(UserError, match=str(tmp_path)):
        read_profile(tmp_path)
