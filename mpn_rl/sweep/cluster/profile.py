"""A Snakemake profile, and what it asks for in a rule's name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.errors import UserError


@dataclass(frozen=True)
class Rule:
    """A rule of the workflow as far as a pool is concerned."""

    name: str
    threads: int
    local: bool


@dataclass(frozen=True)
class Request:
    """What one job of a rule asks for, at a given attempt."""

    rule: str
    threads: int
    resources: dict[str, Any]


def read_profile(folder: Path) -> dict[str, Any]:
    """Return the keys of a profile, its computed values filled in.

    Raises UserError where there is none, or where it is no mapping.
    """
    import yte

    path = folder / "config.yaml"
    if not path.is_file():
        path = folder / "config.v9+.yaml"
    try:
        with path.open() as file:
            profile = yte.process_yaml(file, require_use_yte=True)
    except OSError:
        raise UserError(f"{folder}: no profile (config.yaml) is there") from None
    except Exception as error:  # YAML's and yte's own kinds, and whatever an expression raises
        raise UserError(f"{path}: {error}") from None
    if not isinstance(profile, dict):
        raise UserError(f"{path}: is not a mapping of keys to values")
    return profile


def read_rules(workflow: Path) -> list[Rule]:
    """Return the rules in the rule files of a workflow, in alphabetical order of the files.

    Raises UserError where there is none.
    """
    rules = []
    for path in [workflow.parent / "Snakefile", *sorted(workflow.glob("rules/*.smk"))]:
        if not path.exists():
            continue
        parts = re.split(r"^rule (\w+):", path.read_text(), flags=re.MULTILINE)[1:]
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            threads = re.search(r"^    threads: (\d+)$", body, re.MULTILINE)
            local = "localrule: True" in body
            rules.append(Rule(name, int(threads[1]) if threads else 1, local))
    if not rules:
        raise UserError(f"{workflow}: no workflow with rules is there")
    return rules


def request_of(profile: Mapping[str, Any], rule: Rule, attempt: int = 1) -> Request:
    """Return what a job of this rule asks for, by the engine's own reading of the profile."""
    threads = int(profile.get("set-threads", {}).get(rule.name, rule.threads))
    texts = {
        **profile.get("default-resources", {}),
        **profile.get("set-resources", {}).get(rule.name, {}),
    }
    resources = {name: _evaluate(name, text, attempt, threads) for name, text in texts.items()}
    return Request(rule.name, threads, resources)


def _evaluate(name: str, text: Any, attempt: int, threads: int) -> Any:
    from snakemake.exceptions import WorkflowError
    from snakemake.resources import Resource

    if isinstance(text, int) and not isinstance(text, bool):
        return text
    words = str(text)
    if re.fullmatch(r"\d+", words):
        return int(words)
    context: Any = {"wildcards": {}, "input": [], "async_run": None}
    try:
        return Resource.cli_evaluator(name, words, attempt=attempt, threads=threads, **context)
    except WorkflowError as error:
        raise UserError(f"{name}: {words!r} cannot be evaluated: {error}") from None
