"""Outputs that are stale by code alone, in groups that one sample can speak for."""

import json
from dataclasses import dataclass

from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.sweep.layout import RULES
from mpn_rl.sweep.ledger.aliases import combination
from mpn_rl.sweep.ledger.inventory import Inventory, Made
from mpn_rl.sweep.ledger.records import relative
from mpn_rl.sweep.ledger.states import OLD_CODE, UNFINISHED, States


@dataclass(frozen=True)
class Group:
    """Outputs of one rule that the same code made on the same way through it."""

    rule: str
    old: str
    new: str
    combination: str
    members: tuple[Made, ...]


def candidates(inventory: Inventory) -> tuple[list[Group], list[str]]:
    """The groups, and a line for each record that is stale by code and cannot be accepted.

    Summary, baselines and analyses of the user's own are in no group: they are made again.
    """
    states = States(inventory)
    found: dict[tuple[str, str, str, str], list[Made]] = {}
    refused = []
    for _, made in sorted(inventory.records.items()):
        new = states.code(made)
        of_run = RULES[made.rule].per in ("block", "animation") if made.rule in RULES else False
        if not of_run or new in (None, made.code) or states.evidence(made) is not None:
            continue
        if problem := _unsound(states, made):
            refused.append(f"{made.path}: is left alone: {problem}")
            continue
        key = (made.rule, made.code, str(new), way(made))
        found.setdefault(key, []).append(made)
    groups = [Group(*key, tuple(members)) for key, members in sorted(found.items())]
    return groups, refused


def _unsound(states: States, made: Made) -> str | None:
    """Why outputs are not what their record says, or are made from what is no longer there."""
    inventory = states.inventory
    for source, used in made.inputs.items():
        name = relative(source, made.home)
        if not source.is_file() or inventory.digest(source) != used:
            return f"its input {name} is missing, or not what it was"
    for output in made.outputs:
        if inventory.maker(output) is not made:
            return f"{output.name} has been regenerated since"
        if (state := states.of(output)[0]).kind not in (OLD_CODE, UNFINISHED):
            return f"{output.name} is {state.kind}: {state.reason}"
    unknown = sorted({*(made.record.get("params") or {})} - {*FIELDS})
    if made.rule == "train" and unknown:
        return f"this version has no {', '.join(unknown)}"
    return None


def way(made: Made) -> str:
    """The combination of what a record is of, as text."""
    return json.dumps(combination(made.point))
