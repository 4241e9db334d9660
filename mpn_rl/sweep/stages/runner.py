"""How a stage is run: its inputs are checked, it computes, and its outputs are recorded.

A stage is a row of the layout's table and a function of the same name, in the module of that name,
from what it is `Given` to the files that it writes. The workflow's script and `mpn-rl` run it here.
"""

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from mpn_rl.sweep.layout import RULES, Job
from mpn_rl.sweep.ledger import recording
from mpn_rl.sweep.ledger.belonging import check_belongs

Compute = Callable[["Given"], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Given:
    """What a stage computes from; `inputs` and `outputs` by the names of the layout's table.

    `run`: its id, or None where the job is of none; `seeds`: those that the job is about, None for
    those of its inputs; `device`: where tensors are, as torch names it.
    """

    rule: str
    home: Path
    run: str | None
    settings: Mapping[str, Any]
    inputs: Mapping[str, Path]
    outputs: Mapping[str, Path]
    record: Path
    wildcards: Mapping[str, str] = field(default_factory=dict)
    seeds: Sequence[int] | None = None
    device: str = "cpu"


def given_at(
    home: Path,
    rule: str,
    run: str | None,
    settings: Mapping[str, Any],
    wildcards: Mapping[str, str] | None = None,
    **more: Any,
) -> Given:
    """What a stage is given where its paths begin at `home`, as the layout's table has them."""
    wildcards = {n: text for n, text in (wildcards or {}).items() if n not in ("run", "block")}
    here, checkpoint = Job(rule, wildcards), str(settings.get("checkpoint"))
    patterns = RULES[rule].inputs
    patterns = {name: patterns[name] for name in settings.get("tables", patterns)}
    inputs = here.paths(patterns, checkpoint=checkpoint)
    if RULES[rule].per == "sweep":
        from mpn_rl.sweep.plan import summarised  # loads what reads configs, which no other needs

        inputs = {path: path for path in summarised(settings)}
    outputs, record = here.paths(RULES[rule].outputs), home / here.record
    if "seed" in wildcards:
        more = {"seeds": [int(wildcards["seed"])], **more}
    read, written = ({n: home / path for n, path in paths.items()} for paths in (inputs, outputs))
    return Given(rule, home, run, settings, read, written, record, wildcards, **more)


def run_stage(given: Given, code: str, compute: Compute | None = None) -> None:
    """Run a stage (or `compute` in its place) and record how; `code` is the digest in force.

    What the stage returns goes into the record, as facts. Raises ArtifactError where an input is
    missing or damaged, or a checkpoint is of another run.
    """
    params = dict(given.settings)
    if "episode" in given.wildcards:
        params["episode"] = int(given.wildcards["episode"])
    facts: dict[str, Any] = {}
    with recording(
        given.home,
        given.rule,
        run=given.run,
        seeds=given.seeds,
        code=code,
        params=params,
        inputs=given.inputs.values(),
        outputs=given.outputs.values(),
        name=given.record.stem,
        facts=facts,
    ):
        if "checkpoint" in given.inputs:
            check_belongs(given.inputs["checkpoint"], given.home, given.run)
        stage = compute or function_of(given.rule)
        gc.enable()  # see the workflow's script
        facts.update(stage(given) or {})


def function_of(rule: str) -> Compute:
    """The function that computes what a rule makes."""
    name = RULES[rule].stage or rule
    function: Compute = getattr(import_module(f"mpn_rl.sweep.stages.{name}"), name)
    return function
