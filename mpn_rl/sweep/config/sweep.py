"""A config file as runs, blocks of seeds and settings of the stages.

The runs of a sweep are every combination of each grid, what is drawn at random, and the points. A
parameter that a core or task does not use is ignored, and combinations that become identical are
merged; `Sweep.messages` says so. This module is imported each time the workflow is parsed: it loads
no numerical library.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from mpn_rl.parameters.errors import ConfigError, gathered
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import applicable
from mpn_rl.parameters.values import show, unknown_key
from mpn_rl.sweep.config.analyses import read_analyses
from mpn_rl.sweep.config.expansion import expand
from mpn_rl.sweep.config.settings import (
    SECTIONS,
    AnalysisSettings,
    DecodingSettings,
    EvaluationSettings,
    FixedPointSettings,
    GeneralisationSettings,
    LesionSettings,
    LoggingSettings,
    RenderSettings,
    SeedSettings,
    SweepSection,
)
from mpn_rl.sweep.config.sources import merged, placed, read_sources


@dataclass(frozen=True)
class Sweep:
    """What a config asks for.

    runs:     run id -> hyper-parameters, in the order of the config
    blocks:   the seeds that one job trains, for each job of a run
    analyses: name -> "module:Class" with options, of the user's own analyses
    messages: what was dropped, merged or has no effect, a line each, for the user and the summary
    notes:    what of several sources of the config stands, for the user
    document: the config as it was read, its sources merged
    """

    name: str
    runs: dict[str, Hyperparameters]
    blocks: list[tuple[int, ...]]
    seeds: SeedSettings
    evaluation: EvaluationSettings
    render: RenderSettings
    analysis: AnalysisSettings
    decoding: DecodingSettings
    fixed_points: FixedPointSettings
    lesion: LesionSettings
    generalisation: GeneralisationSettings
    logging: LoggingSettings
    messages: tuple[str, ...]
    analyses: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    document: Mapping[Any, Any] = field(default_factory=dict, repr=False, compare=False)


def load_sweep(*paths: str | Path, entries: Iterable[str] = ()) -> Sweep:
    """The sweep in YAML files, later ones over earlier ones, and `key=value` entries over them.

    Raises ConfigError, a line per problem with file and line, where it cannot be used.
    """
    documents = read_sources(paths, entries)
    data, notes = merged(documents)
    try:
        return replace(read_sweep(data), notes=tuple(notes))
    except ConfigError as error:
        lines = str(error).splitlines()
        raise ConfigError("\n".join(placed(line, documents) for line in lines)) from None


def read_sweep(data: Mapping[Any, Any]) -> Sweep:
    """The sweep in a config that is already parsed; ConfigError as `load_sweep`."""
    _, name, analyses, (runs, messages), *read = gathered(
        partial(_check_keys, data),
        lambda: SweepSection.read(data.get("sweep", {}), "sweep.").name,
        lambda: read_analyses(data.get("analyses", {})),
        partial(_expanded, data.get("sweep")),
        *(partial(model.read, data.get(key, {}), f"{key}.") for key, model in SECTIONS.items()),
    )
    sections: dict[str, Any] = dict(zip(SECTIONS, read, strict=True))
    _check_rendered(sections["seeds"], sections["render"])
    blocks = _blocks(sections["seeds"])
    own = {"analyses": analyses, "messages": messages, "document": data}
    return Sweep(name, runs, blocks, **own, **sections)


def block_name(seeds: tuple[int, ...]) -> str:
    """`0-3` for seeds 0 to 3: the wildcard `block`."""
    return f"{seeds[0]}-{seeds[-1]}"


def block_seeds(name: str) -> tuple[int, ...]:
    """The seeds of a block from its name."""
    first, last = name.split("-")
    return tuple(range(int(first), int(last) + 1))


def sweep_axes(runs: Mapping[str, Hyperparameters]) -> dict[str, list[Any]]:
    """The hyper-parameters that differ between runs, in declared order, each with its values.

    Runs that have not a parameter do not count for it. Numbers ascend, null before them; names
    stand in the order of the runs.
    """
    values: dict[str, list[Any]] = {name: [] for name in FIELDS}
    for point in runs.values():
        for name in applicable(vars(point)):
            value = getattr(point, name)
            if value not in values[name]:
                values[name].append(value)
    return {name: _ordered(found) for name, found in values.items() if len(found) > 1}


def _ordered(found: list[Any]) -> list[Any]:
    if any(isinstance(value, str) for value in found):
        return found
    return sorted(found, key=lambda value: (value is not None, value or 0))


def _check_keys(data: Mapping[Any, Any]) -> None:
    keys = ["sweep", *SECTIONS, "analyses"]
    unknown = [key for key in data if key not in keys]
    inside = "unknown key; a hyper-parameter stands in sweep.base, grid or points"
    lines = [f"{k}: {inside}" if k in FIELDS else unknown_key("", k, keys) for k in unknown]
    if "sweep" not in data and not unknown:
        lines = ["sweep: missing; it says what is trained"]
    if lines:
        raise ConfigError("\n".join(lines))


def _expanded(data: Any) -> tuple[dict[str, Hyperparameters], tuple[str, ...]]:
    return expand(data) if isinstance(data, Mapping) else ({}, ())


def _check_rendered(seeds: SeedSettings, render: RenderSettings) -> None:
    last = seeds.first + seeds.count - 1
    if render.seeds and not seeds.first <= render.seeds[0] <= render.seeds[-1] <= last:
        raise ConfigError(
            f"render.seeds: {show(list(render.seeds))} is not within the seeds that are trained, "
            f"{seeds.first} to {last}"
        )


def _blocks(seeds: SeedSettings) -> list[tuple[int, ...]]:
    every = range(seeds.first, seeds.first + seeds.count)
    return [tuple(every[i : i + seeds.per_job]) for i in range(0, seeds.count, seeds.per_job)]
