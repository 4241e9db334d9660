"""The sections of a config beside the sweep; each stage depends on its own alone."""

from dataclasses import dataclass

from mpn_rl.parameters.spec import parameter

_CHECKPOINTS = ("final", "best")


@dataclass(frozen=True)
class SweepSettings:
    """What names the sweep; its runs are in base, grid and points beside it."""

    name: str = parameter(
        "sweep",
        "title of the sweep in the summary",
        pattern=r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}",
        form="up to 80 letters, digits, spaces and . _ -",
    )


@dataclass(frozen=True)
class SeedSettings:
    """Which seeds every run is trained with, and how many of them one job trains (a block)."""

    first: int = parameter(0, "smallest seed", minimum=0)
    count: int = parameter(
        4, "seeds of every run; a multiple of per_job", minimum=1, maximum=100_000
    )
    per_job: int = parameter(2, "seeds that one job trains", minimum=1, maximum=100_000)


@dataclass(frozen=True)
class EvaluationSettings:
    """Greedy evaluation of trained agents."""

    num_episodes: int = parameter(100, "episodes per seed", unit="episodes", minimum=1)
    checkpoint: str = parameter("final", "which checkpoint is evaluated", choices=_CHECKPOINTS)


@dataclass(frozen=True)
class RenderSettings:
    """Animations of greedy episodes."""

    num_episodes: int = parameter(1, "animations per rendered seed", unit="episodes", minimum=1)
    fps: int = parameter(30, "frames per second", unit="1/s", minimum=1, maximum=100)
    seeds: tuple[int, ...] | None = parameter(
        None,
        "seeds to render; null: the first",
        form="a list of different seeds from 0 up",
        pattern=r"\d+",
    )
    checkpoint: str = parameter("final", "which checkpoint is rendered", choices=_CHECKPOINTS)


@dataclass(frozen=True)
class AnalysisSettings:
    """Recordings of greedy episodes, and what is made of them."""

    num_episodes: int = parameter(100, "episodes recorded per seed", unit="episodes", minimum=1)
    checkpoint: str = parameter("final", "which checkpoint is recorded", choices=_CHECKPOINTS)
    max_recorded_mb: float = parameter(
        256.0,
        "bound on the recorded M matrices of a block; fewer episodes keep M where it is exceeded",
        unit="MB",
        minimum=0,
        above=True,
    )
    color_by: str = parameter(
        "phase",
        "what colours the trajectories: phase, time, action, reward or a variable of the task",
        pattern=r"[A-Za-z_]\w*",
        form="a name of letters, digits and _",
    )


@dataclass(frozen=True)
class SavingSettings:
    """How often the resumable state of a training is saved; no part of a config or an id."""

    save_seconds: float = parameter(
        60.0, "time between saves of the resumable state", unit="s", minimum=0
    )
    save_steps: int | None = parameter(
        None, "steps between saves of the resumable state", unit="environment steps", minimum=1
    )


SECTIONS: dict[str, type] = {
    "seeds": SeedSettings,
    "evaluation": EvaluationSettings,
    "render": RenderSettings,
    "analysis": AnalysisSettings,
}
