"""What a job asks for in Snakemake's words, and texts that are no texts."""

from typing import Any

import pytest

from snakemake_executor_plugin_htcondor_steady.words import (
    GETENV,
    implied,
    in_quotes,
    unquote,
)


def test_snakemake_s_words_count_where_htcondor_s_own_are_missing() -> None:
    resources = {"mem_mb": 4000, "disk_mb": 300, "runtime": 2, "getenv": "PATH"}
    assert implied(resources) == {
        "htcondor_request_mem_mb": 4000,
        "htcondor_request_disk_mb": 300,
        "allowed_execute_duration": 120,
    }
    own = {"request_memory": "1GB", "htcondor_request_disk_mb": 1, "allowed_execute_duration": 5}
    assert implied(resources | own) == {}
    assert implied({}) == {"getenv": GETENV}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("+CSCI_GrpDesktop", '"true"', True),
        ("+CSCI_GrpDesktop", "\"'False'\"", False),
        ("+JobBatchName", '"a true name"', '"a true name"'),
        ("kill_sig", '"SIGTERM"', "SIGTERM"),
        ("environment", '"A=1"', '"A=1"'),
        ("request_disk", 5, 5),
    ],
)
def test_texts_that_are_booleans_or_bare_words(name: str, value: Any, expected: Any) -> None:
    description = {name: value}
    unquote(description)
    assert description == {name: expected}


def test_arguments_keep_their_spaces_and_quotes() -> None:
    shell = """-m snakemake --directory '/a folder/it'"'"'s' --config 'say="hello"'"""
    assert in_quotes(shell) == (
        """\"'-m' 'snakemake' '--directory' '/a folder/it''s' '--config' 'say=""hello""'\""""
    )
