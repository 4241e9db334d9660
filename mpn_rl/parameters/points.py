"""One point of a sweep: which hyper-parameters it has, whether they agree, and its id."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from mpn_rl.parameters.catalogue import CORES, LEARNERS, TASKS
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS, LATER
from mpn_rl.parameters.hyperparameters import DEFAULTS, FIELDS, SPECS, Hyperparameters
from mpn_rl.parameters.task_ids import own_name, path_name, unknown_task
from mpn_rl.parameters.values import checked, show, unknown_key

_HASH_LENGTH = 8
_OF_CORES = {name for entry in CORES.values() for name in entry.parameters}
_OF_LEARNERS = {name for entry in LEARNERS.values() for name in entry.parameters}
_OF_TASKS = {name for entry in TASKS.values() for name in entry.parameters}
_PARTICULAR = _OF_CORES | _OF_LEARNERS | _OF_TASKS


def applicable(values: Mapping[str, Any]) -> list[str]:
    """The hyper-parameters that the task and core in `values` have, in declared order.

    `values` has every hyper-parameter that is not at its default.
    """
    return [name for name in _fields_of(*_parts(values)) if _in_effect(name, values)]


def lacking(name: str, values: Mapping[str, Any]) -> str:
    """What in `values` is to blame that the hyper-parameter `name` is not applicable."""
    get = {**DEFAULTS, **values}
    if name not in _fields_of(*_parts(values)):
        groups = (("core", _OF_CORES), ("learner", _OF_LEARNERS), ("task", _OF_TASKS))
        part = next(part for part, names in groups if name in names)
        return f"{part} {get[part]}"
    other, _ = SPECS[name].when or ("", ())
    return f"{other}: {show(get[other])}"


def resolved(hyperparameters: Hyperparameters) -> dict[str, Any]:
    """Every applicable hyper-parameter with its value, defaults included.

    In the order of the first version; those that have been added since only where they are away
    from their first default, so that adding one changes nothing that exists.
    """
    values = vars(hyperparameters)
    has = applicable(values)
    first = [name for name in FIRST_DEFAULTS if name in has]
    later = sorted(n for n in has if n not in FIRST_DEFAULTS and values[n] != first_default(n))
    return {name: values[name] for name in (*first, *later)}


def point_of(values: Mapping[str, Any]) -> Hyperparameters:
    """The point that `resolved` gave these values of, also in an earlier version.

    Parameters that have been added since, or were at their first default, are at that.
    """
    return Hyperparameters(**{**LATER, **values})


def with_later(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What `resolved` gave, and those of `names` that it left out at their first default.

    For whoever compares runs: one that has such a parameter is not one without it.
    """
    has = applicable({**LATER, **values})
    missing = [n for n in names if n in has and n not in values and n not in FIRST_DEFAULTS]
    return {**values, **{name: first_default(name) for name in missing}}


def first_default(name: str) -> Any:
    """The default that a hyper-parameter had when it first appeared."""
    return {**DEFAULTS, **LATER, **FIRST_DEFAULTS}[name]


def canonical(hyperparameters: Hyperparameters) -> str:
    """The JSON text whose hash names the run.

    Sorted; without parameters that the task or core has not, or that are at their first default,
    so that it depends neither on the rest of the sweep nor on parameters or defaults to come.
    """
    kept = {
        name: value
        for name, value in resolved(hyperparameters).items()
        if name in ("task", "core") or value != first_default(name)
    }
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)


def run_id(hyperparameters: Hyperparameters) -> str:
    """`{task}_{core}_{hash}`: safe as a file name, equal for equal hyper-parameters alone."""
    digest = hashlib.sha256(canonical(hyperparameters).encode()).hexdigest()[:_HASH_LENGTH]
    return f"{path_name(hyperparameters.task)}_{hyperparameters.core}_{digest}"


class RunId(NamedTuple):
    """What the id of a run, `{task}_{core}_{hash}`, says; a name may hold `_`, a hash does not."""

    task: str
    core: str
    hash: str


def read_run_id(run: str) -> RunId:
    """The parts of a run's id."""
    return RunId(*run.rsplit("_", 2))


def make_point(values: Mapping[str, Any]) -> Hyperparameters:
    """Hyper-parameters from checked values; those without effect are set to their defaults.

    Raises ConfigError, a line per problem, where values do not go together.
    """
    point = Hyperparameters(**{name: values[name] for name in applicable(values) if name in values})
    problems = contradictions(values)
    if problems:
        raise ConfigError("\n".join(problems))
    return point


def read_point(values: Mapping[str, Any], prefix: str = "") -> Hyperparameters:
    """Hyper-parameters from a mapping that may hold anything, such as a JSON file's."""
    problems: list[str] = []
    read = read_values(values, prefix, problems)
    if problems:
        raise ConfigError("\n".join(problems))
    return make_point(read)


def read_values(values: Mapping[Any, Any], prefix: str, problems: list[str]) -> dict[str, Any]:
    """The sound ones of `values`, by name; a message for each of the others to `problems`."""
    read = {}
    for key, value in values.items():
        if key not in FIELDS:
            problems.append(unknown_key(prefix, key, FIELDS))
            continue
        try:
            read[key] = read_value(f"{prefix}{key}", key, value)
        except ConfigError as error:
            problems.append(str(error))
    return read


def read_value(key: str, name: str, value: Any) -> Any:
    """The value of the hyper-parameter `name`, checked; `key` is what messages call it."""
    read = checked(key, value, FIELDS[name])
    if name != "task":
        return read
    if problem := unknown_task(read):
        raise ConfigError(f"{key}: {problem}")
    return own_name(read)


def contradictions(values: Mapping[str, Any]) -> list[str]:
    """A line for each set of values that are sound alone and not together."""
    get = {**DEFAULTS, **values}
    has = set(_fields_of(*_parts(values)))
    return [
        *_length_problems(get),
        *(_decay_problems(get) if "lambda_decay" in has else ()),
        *(_replay_problems(get) if "replay_start" in has else ()),
        *_exploration_problems(get),
    ]


def _length_problems(get: Mapping[str, Any]) -> Iterable[str]:
    if get["num_steps"] is None and get["num_episodes"] is None:
        yield "num_steps: null without num_episodes; training would never end"


def _decay_problems(get: Mapping[str, Any]) -> Iterable[str]:
    decay, bound = get["lambda_decay"], get["lambda_max"]
    if get["learn_lambda"] and not 0 < decay < bound:
        yield (
            f"lambda_decay: {show(decay)} cannot be learned, only values between 0 and "
            f"lambda_max = {show(bound)}; with learn_lambda: false it stays fixed"
        )


def _replay_problems(get: Mapping[str, Any]) -> Iterable[str]:
    start, length, burn_in = (
        get[name] for name in ("replay_start", "sequence_length", "burn_in_length")
    )
    if start == "episode":
        if length is not None:
            yield (
                f"sequence_length: {show(length)} with replay_start: episode, which replays whole "
                "episodes; allowed is null, or replay_start: stored or zero"
            )
        if burn_in:
            yield (
                f"burn_in_length: {show(burn_in)} with replay_start: episode, which needs none; "
                "allowed is 0, or replay_start: stored or zero"
            )
    elif length is None:
        yield f"sequence_length: null with replay_start: {start}, which needs a whole number"
    elif burn_in >= length:
        yield (
            f"burn_in_length: {show(burn_in)} is not less than sequence_length = {show(length)}; "
            "nothing would be left to learn from"
        )


def _exploration_problems(get: Mapping[str, Any]) -> Iterable[str]:
    if get["epsilon_schedule"] == "exponential" and get["epsilon_decay"] > 1:
        yield (
            f"epsilon_decay: {show(get['epsilon_decay'])} with epsilon_schedule: exponential, "
            "where it is a factor per episode; allowed is a number in (0, 1]"
        )


def _in_effect(name: str, values: Mapping[str, Any]) -> bool:
    condition = SPECS[name].when
    return condition is None or values.get(condition[0], DEFAULTS[condition[0]]) in condition[1]


def _parts(values: Mapping[str, Any]) -> tuple[str, str, str]:
    task, core, learner = (values.get(k, DEFAULTS[k]) for k in ("task", "core", "learner"))
    return task, core, learner


@cache
def _fields_of(task: str, core: str, learner: str) -> tuple[str, ...]:
    own = {*CORES[core].parameters, *LEARNERS[learner].parameters}
    own |= {*(TASKS[task].parameters if task in TASKS else ())}
    return tuple(name for name in FIELDS if name in own or name not in _PARTICULAR)
