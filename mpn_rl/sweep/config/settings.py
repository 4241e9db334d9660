"""The sections of a config beside the sweep; each stage depends on its own alone."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from mpn_rl.parameters.fields import (
    AsWhole,
    Count,
    Natural,
    NonNegative,
    Parameters,
    Positive,
    matching,
    parameter,
)
from mpn_rl.parameters.values import as_whole_number, show

Checkpoint = Literal["final", "best"]
Seeds = Annotated[int, Field(ge=1, le=100_000), AsWhole]
Folds = Annotated[int, Field(ge=2, le=100), AsWhole]
Times = Annotated[int, Field(ge=2, le=1000), AsWhole]
_TITLE = r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}"
_NAME = r"[A-Za-z_]\w*"


def _different(value: Any) -> tuple[int, ...]:
    listed = value if isinstance(value, list | tuple) else ()
    if not listed or any(as_whole_number(item) is None for item in listed):
        raise ValueError(f"{show(value)} is not a list of whole numbers, or null")
    if min(listed) < 0 or len({*listed}) < len(listed):
        raise ValueError
    return tuple(sorted(listed))


Different = Annotated[
    tuple[Natural, ...],
    Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    BeforeValidator(_different),
]


class SweepSettings(Parameters):
    """What names the sweep; its runs are in base, grid, random and points beside it."""

    name: Annotated[str, matching(_TITLE)] = parameter(
        "sweep",
        "title of the sweep in the summary",
        pattern=f"^{_TITLE}$",
        form="up to 80 letters, digits, spaces and . _ -",
    )


class SweepSection(SweepSettings):
    """The section as it is written; what it varies is read by `expansion`."""

    base: Any = None
    grid: Any = None
    random: Any = None
    points: Any = None


class SeedSettings(Parameters):
    """Which seeds every run is trained with, and how many of them one job trains (a block)."""

    first: Natural = parameter(0, "smallest seed")
    count: Seeds = parameter(4, "seeds of every run")
    per_job: Seeds = parameter(2, "seeds that one job trains; the last job the rest")


class EvaluationSettings(Parameters):
    """Greedy evaluation of trained agents."""

    num_episodes: Count = parameter(100, "episodes per seed [episodes]")
    checkpoint: Checkpoint = parameter("final", "which checkpoint is evaluated")


class RenderSettings(Parameters):
    """Animations of greedy episodes."""

    num_episodes: Count = parameter(1, "animations per rendered seed [episodes]")
    fps: Annotated[int, Field(ge=1, le=100), AsWhole] = parameter(30, "frames per second [1/s]")
    seeds: Different | None = parameter(
        None, "seeds to render; null: the first", form="a list of different seeds from 0 up"
    )
    checkpoint: Checkpoint = parameter("final", "which checkpoint is rendered")
    max_steps: Count = parameter(
        2000, "after how many steps a long episode is cut [environment steps]"
    )


class AnalysisSettings(Parameters):
    """Recordings of greedy episodes, and what is made of them."""

    num_episodes: Count = parameter(100, "episodes recorded per seed [episodes]")
    checkpoint: Checkpoint = parameter("final", "which checkpoint is recorded")
    max_recorded_mb: Positive = parameter(
        256.0,
        "bound on a block's recorded observations, and on its inputs of the core, where these have "
        "more than 1,024 entries; fewer episodes keep them where it is exceeded [MB]",
    )
    color_by: Annotated[str, matching(_NAME)] = parameter(
        "phase",
        "what colours the trajectories: phase, time, action, reward or a variable of the task",
        pattern=f"^{_NAME}$",
        form="a name of letters, digits and _",
    )


class DecodingSettings(Parameters):
    """What can be read linearly out of recorded agents: variables of the task from M, h and x."""

    enabled: bool = parameter(True, "whether it is done")
    folds: Folds = parameter(5, "parts of the episodes, each read by decoders of the others")
    max_episodes: Count = parameter(200, "recorded episodes that are used, at most [episodes]")
    max_times: Times = parameter(
        24, "time steps that are decoded, at most: those around changes of phase, others evenly"
    )
    shuffles: Count = parameter(5, "shuffled labels that the control is the mean of")
    centred: bool = parameter(
        True,
        "whether features are centred at each time step; otherwise as at the step of training, so "
        "that what grows in all episodes alike counts",
    )


class FixedPointSettings(Parameters):
    """Where the memory of recorded agents comes to rest under the mean input of each phase."""

    enabled: bool = parameter(True, "whether it is done")
    num_states: Count = parameter(
        16, "recorded episodes whose memories a search begins at, of cores without an exact form"
    )


class LesionSettings(Parameters):
    """What agents answer when something is done to their memory."""

    enabled: bool = parameter(True, "whether it is done")
    num_episodes: Count = parameter(
        100, "episodes per seed and lesion; fewer where they are long [episodes]"
    )
    checkpoint: Checkpoint = parameter("final", "which checkpoint plays")


class GeneralisationSettings(Parameters):
    """What agents answer where they have to remember for longer or shorter than in training."""

    enabled: bool = parameter(True, "whether it is done")
    num_episodes: Count = parameter(100, "episodes per seed and value [episodes]")
    checkpoint: Checkpoint = parameter("final", "which checkpoint plays")
    values: Different = parameter(
        (0, 3, 10, 31, 100, 301, 1000),
        "values of delay, memory_length or corridor_length that are tried beside that of training; "
        "even and odd ones, as a memory may change sides at every step [steps]",
        form="a list of different whole numbers from 0 up",
    )


class LoggingSettings(Parameters):
    """What trainings write for those who watch them; no part of a run's id."""

    tensorboard: bool = parameter(
        False, "whether curves for TensorBoard are written beside the logs of trainings"
    )


class RunningSettings(Parameters):
    """How a training runs, which changes nothing that it gives; no part of a config or an id."""

    save_seconds: NonNegative = parameter(60.0, "time between saves of the resumable state [s]")
    save_steps: Count | None = parameter(
        None, "steps between saves of the resumable state [environment steps]"
    )
    env_processes: Count = parameter(
        1, "processes that step the environments of a task that others wrote"
    )
    seeds_at_once: Count = parameter(
        1, "seeds that train at once on a CPU, each in a process of its own"
    )
    tensorboard: bool = parameter(
        False, "whether curves for TensorBoard are written, to tensorboard/ beside the log"
    )


# Settings that came after the first version, with their first defaults: written into params and
# records only where they are away from these, so that what lies there stays as it is.
LATER_SETTINGS: dict[str, Any] = {"max_steps": 2000}


def written(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a stage as params and records have them."""
    absent = object()
    kept = {n: v for n, v in settings.items() if LATER_SETTINGS.get(n, absent) != v}
    return {n: list(v) if isinstance(v, tuple) else v for n, v in kept.items()}


SECTIONS: dict[str, type[Parameters]] = {
    "seeds": SeedSettings,
    "evaluation": EvaluationSettings,
    "render": RenderSettings,
    "analysis": AnalysisSettings,
    "decoding": DecodingSettings,
    "lesion": LesionSettings,
    "generalisation": GeneralisationSettings,
    "fixed_points": FixedPointSettings,
    "logging": LoggingSettings,
}
