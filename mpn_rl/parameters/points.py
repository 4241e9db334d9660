"""One point of a sweep: which hyper-parameters it has, what is written of them, and its id."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from mpn_rl.parameters.catalogue import CORES, FOREIGN, LEARNERS, TASKS, task_entry
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS, LATER, SUCCEEDED
from mpn_rl.parameters.hyperparameters import DEFAULTS, FIELDS, Hyperparameters
from mpn_rl.parameters.task_ids import path_name
from mpn_rl.parameters.values import show

_HASH_LENGTH = 8
_PARTS = {"core": CORES, "learner": LEARNERS, "task": {**TASKS, "": FOREIGN}}
_OWNER = {
    name: part
    for part, table in _PARTS.items()
    for entry in table.values()
    for name in entry.parameters
}
# Of a task that is not the project's own, the first version wrote dense where no encoder was named;
# a dense one that is named is therefore written as this. Own tasks show no images: there an encoder
# that is not named is dense, and stays written so.
_NAMED_DENSE = "dense always"
_CONDITIONS = {n: field.schema["when"] for n, field in FIELDS.items() if field.schema["when"]}


def applicable(values: Mapping[str, Any]) -> list[str]:
    """The hyper-parameters that task, core and learner in `values` have, in declared order.

    `values` has every hyper-parameter that is not at its default. Where the learner is null, the
    recipe says all that learners alone have.
    """
    return [name for name in _fields_of(*_parts(values)) if _in_effect(name, values)]


def lacking(name: str, values: Mapping[str, Any]) -> str:
    """What in `values` is to blame that the hyper-parameter `name` is not applicable."""
    get = {**DEFAULTS, **values}
    if name not in _fields_of(*_parts(values)):
        return f"{_OWNER[name]} {get[_OWNER[name]]}"
    other, _ = _CONDITIONS[name]
    return f"{other}: {show(get[other])}"


def without_effect(values: Mapping[str, Any], point: Hyperparameters) -> list[str]:
    """A line for each of the `values` that a point was read from and that it does not use."""
    meant = {**values, "learner": point.learner}
    has = {*applicable(meant)}
    return [f"{name}: {lacking(name, meant)} has no {name}" for name in values if name not in has]


def owner_of(name: str) -> str:
    """What decides whether a hyper-parameter counts: task, core or learner, these too; else ""."""
    return name if name in _OWNER.values() else _OWNER.get(name, "")


def resolved(hyperparameters: Hyperparameters) -> dict[str, Any]:
    """Every applicable hyper-parameter with its value, defaults included.

    In the order of the first version; those that have been added since only where they are away
    from their first default, so that adding one changes nothing that exists.
    """
    values = {**vars(hyperparameters), "encoder": _written_encoder(hyperparameters)}
    has = applicable(vars(hyperparameters))
    first = [name for name in FIRST_DEFAULTS if name in has]
    later = sorted(n for n in has if n not in FIRST_DEFAULTS and values[n] != first_default(n))
    return {name: values[name] for name in (*first, *later)}


def recipe_of(point: Hyperparameters, filled: Hyperparameters) -> dict[str, Any]:
    """What was filled in, by name, in the order in which hyper-parameters are written."""
    given, absent = resolved(point), object()
    values = {n: first_default(n) for n in given if n not in FIRST_DEFAULTS} | resolved(filled)
    return {name: values[name] for name in values if given.get(name, absent) != values[name]}


def point_of(values: Mapping[str, Any]) -> Hyperparameters:
    """The point that `resolved` gave these values of, also in an earlier version.

    Parameters that have been added since, or were at their first default, are at that. Raises
    ConfigError as `read_point`.
    """
    written = values.get("encoder")
    encoder = "dense" if written == _NAMED_DENSE else None if written == "dense" else written
    # not all of them: to name one that a learner alone has would choose that learner
    has = applicable({**LATER, **values})
    later = {name: value for name, value in LATER.items() if name in has}
    return read_point({**later, **values, "encoder": encoder})


def rewritten(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an earlier version's `resolved` gave, as this one's gives it."""
    if values.get("encoder") == "dense" and values.get("task") not in TASKS:
        return {**values, "encoder": None}
    return values


def _written_encoder(point: Hyperparameters) -> str | None:
    if point.task in TASKS:
        return point.encoder or "dense"
    return _NAMED_DENSE if point.encoder == "dense" else point.encoder


def with_later(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What `resolved` gave, and those of `names` that it left out at their first default.

    For whoever compares runs: one that has such a parameter is not one without it.
    """
    has = applicable({**LATER, **values})
    missing = [n for n in names if n in has and n not in values and n not in FIRST_DEFAULTS]
    return {**values, **{name: first_default(name) for name in missing}}


def first_default(name: str) -> Any:
    """The default that a hyper-parameter had when it first appeared."""
    return next(table[name] for table in (FIRST_DEFAULTS, LATER, DEFAULTS) if name in table)


def canonical(hyperparameters: Hyperparameters) -> str:
    """The JSON text whose hash names the run.

    Sorted; without parameters that task and core do not use, or that are at their first default,
    so that it depends neither on the rest of the sweep nor on parameters or defaults to come.
    """
    kept = {
        name: value
        for name, value in resolved(hyperparameters).items()
        if name in ("task", "core")
        or (value != first_default(name) and (name, value) not in SUCCEEDED.items())
    }
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)


def run_id(hyperparameters: Hyperparameters) -> str:
    """`{task}_{core}_{hash}`: safe as a file name, equal for equal hyper-parameters alone."""
    digest = hashlib.sha256(canonical(hyperparameters).encode()).hexdigest()[:_HASH_LENGTH]
    named = (hyperparameters.task, hyperparameters.core)
    task, core = (path_name(name.partition("(")[0]) for name in named)
    return f"{task}_{core}_{digest}"


def core_of(run: str) -> str:
    """The core that a run's id names; a task's name may hold `_`, core and hash do not."""
    return run.rsplit("_", 2)[1]


def read_point(values: Any, prefix: str = "") -> Hyperparameters:
    """Hyper-parameters from what may be anything; those without effect are at their defaults.

    Raises ConfigError, a line per problem, where values are not allowed or do not go together.
    """
    point = Hyperparameters.read(values, prefix)
    has = applicable(vars(point))
    kept = {name: getattr(point, name) for name in has if name in values}
    if point.task in TASKS and point.encoder == "dense":
        kept.pop("encoder")
    if point.learner is not None:  # also where what named it has no effect
        kept["learner"] = point.learner
    return point if kept.keys() == values.keys() else Hyperparameters(**kept)


def _in_effect(name: str, values: Mapping[str, Any]) -> bool:
    condition = _CONDITIONS.get(name)
    return condition is None or values.get(condition[0], DEFAULTS[condition[0]]) in condition[1]


def _parts(values: Mapping[str, Any]) -> tuple[str, str, str | None]:
    task, core, learner = (values.get(k, DEFAULTS[k]) for k in ("task", "core", "learner"))
    return task, core, learner


@cache
def _fields_of(task: str, core: str, learner: str | None) -> tuple[str, ...]:
    own = {*CORES[core].parameters, *(LEARNERS[learner].parameters if learner else ())}
    own |= {*task_entry(task).parameters}
    return tuple(name for name in FIELDS if name in own or name not in _OWNER)
