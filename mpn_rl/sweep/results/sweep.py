"""A results folder as data frames, and its blocks as experiments."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.parameters.points import with_later
from mpn_rl.parameters.values import unknown_key
from mpn_rl.sweep.config.sweep import load_sweep
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.plan import blocks as block_names
from mpn_rl.sweep.results.experiment import Experiment
from mpn_rl.sweep.results.homes import homes_below

if TYPE_CHECKING:  # which takes a second to load
    import pandas as pd


class Sweep:
    """The results of a sweep: what its runs are, how they learned and what they score.

    Tables are pandas data frames, read when they are asked for and then kept; beside run, task and
    core they have a column per hyper-parameter that is swept, so that they can be grouped by it.
    """

    def __init__(
        self,
        results: str | Path = "results",
        config: str | Path | None = None,
        trust: Collection[str] = (),
    ) -> None:
        """Find the trained blocks below `results`; with `config` those that this file asks for.

        `trust` names modules of tasks that may be imported. Raises ArtifactError where no block is
        there, ConfigError for a config that cannot be used.
        """
        self.directory = Path(results)
        homes = homes_below(self.directory)
        if config is not None:
            sweep = load_sweep(config)
            names = {f"seeds_{name}" for name in block_names(sweep)}
            places = {run: place for place, run in enumerate(sweep.runs)}
            homes = [h for h in homes if h.parent.name in places and h.name in names]
            homes.sort(key=lambda home: places[home.parent.name])
        if not homes:
            of_config = f" that {config} asks for" if config is not None else ""
            raise ArtifactError(f"{self.directory}: no trained blocks{of_config} are here")
        self.blocks: list[Experiment] = [Experiment(home, trust) for home in homes]

    @classmethod
    def of(cls, directory: Path, blocks: Sequence[Experiment]) -> "Sweep":
        """These experiments as a sweep."""
        self = cls.__new__(cls)
        self.directory, self.blocks = directory, list(blocks)
        return self

    def __repr__(self) -> str:
        sizes = {"run": len(self.points), "block": len(self.blocks)}
        told = [f"{size} {name}{'s' * (size != 1)}" for name, size in sizes.items()]
        return f"<Sweep {self.directory}: {', '.join(told)}>"

    def __len__(self) -> int:
        """How many runs it has."""
        return len(self.points)

    @cached_property
    def points(self) -> dict[str, dict[str, Any]]:
        """Run → its hyper-parameters, with what the recipe filled in for those that are null."""
        given = {block.run: block.config for block in self.blocks}
        names = sorted({name for config in given.values() for name in config["hyperparameters"]})
        return {
            run: {**with_later(config["hyperparameters"], names), **config.get("recipe", {})}
            for run, config in given.items()
        }

    @cached_property
    def axes(self) -> dict[str, list[Any]]:
        """Hyper-parameters that differ between runs where they have them, with their values."""
        from mpn_rl.sweep.summary.facts import swept_axes

        asked = {block.run: block.config["hyperparameters"] for block in self.blocks}
        names = {name for config in asked.values() for name in config}
        found = swept_axes(with_later(config, sorted(names)) for config in asked.values())
        return {name: found[name] for name in FIELDS if name in found}

    def where(self, **values: Any) -> "Sweep":
        """The part of it whose runs have these values: `sweep.where(core="mpn", delay=6)`.

        A list or tuple means any of its values. Raises ArtifactError for an unknown hyper-parameter
        or where no run has them.
        """
        for name in values:
            if name not in FIELDS:
                raise ArtifactError(unknown_key("", name, FIELDS))
        allowed = {n: v if isinstance(v, list | tuple) else (v,) for n, v in values.items()}
        runs = {
            run
            for run, point in self.points.items()
            if all(point.get(name) in those for name, those in allowed.items())
        }
        kept = [block for block in self.blocks if block.run in runs]
        if not kept:
            raise ArtifactError(f"{self.directory}: no run has {values}; swept are {self.axes}")
        return Sweep.of(self.directory, kept)

    def __getitem__(self, run: str) -> "Sweep":
        """The part of it that is one run; KeyError for one that it has not."""
        if run not in self.points:
            raise KeyError(run)
        return Sweep.of(self.directory, [block for block in self.blocks if block.run == run])

    def experiment(self, seed: int | None = None) -> Experiment:
        """The block that has a seed (None: the first block), of a sweep of one run.

        Raises ArtifactError where several runs are there, or none has the seed.
        """
        if len(self) > 1:
            raise ArtifactError(f"{self!r}: which run is meant? where(…) and [run] choose one")
        found = [block for block in self.blocks if seed is None or seed in block.seeds]
        if not found:
            known = [own for block in self.blocks for own in block.seeds]
            raise ArtifactError(f"{self.directory}: has no seed {seed}; it has {known}")
        return found[0]

    @cached_property
    def runs(self) -> "pd.DataFrame":
        """A row per run (the index): its hyper-parameters, recipe included, seeds and failed."""
        import pandas as pd

        rows = {run: dict(point) for run, point in self.points.items()}
        for row in rows.values():
            row |= {"seeds": 0, "failed": 0}
        for block in self.blocks:
            rows[block.run]["seeds"] += len(block.seeds)
            rows[block.run]["failed"] += len(block.failures)
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("run")
        known = [name for name in FIELDS if name in table.columns]
        return table[[*known, "seeds", "failed"]].convert_dtypes()

    @cached_property
    def evaluation(self) -> "pd.DataFrame":
        """Evaluated episodes: run, task, core, what is swept, seed, episode, return, length, …"""
        return self._stacked(lambda block: block.evaluation)

    @cached_property
    def curves(self) -> "pd.DataFrame":
        """Learning curves: run, task, core, what is swept, seed, quantity, step, value."""
        return self._stacked(lambda block: block.curves)

    def table(self, name: str) -> "pd.DataFrame":
        """A table of all blocks by its name: pca, decoding, lesions, … (`Experiment.table`)."""
        return self._stacked(lambda block: block.table(name))

    def analysis(self, name: str) -> "pd.DataFrame":
        """The table of an analysis of your own, of all blocks: run, task, core, …, seed, …

        `name` is that of the config; its figures lie beside the tables, in `analyses/`.
        """
        return self._stacked(lambda block: block.analysis(name))

    @cached_property
    def scores(self) -> "pd.DataFrame":
        """A row per run, seed and metric: the mean over its evaluated episodes.

        status is completed, failed (in training) or unanswered; value then nan.
        """
        from mpn_rl.sweep.results.scores import seed_scores_of

        return self._named(seed_scores_of(self))

    @cached_property
    def summary(self) -> "pd.DataFrame":
        """A row per run and metric: the interquartile mean of its seeds with a 95 % t-interval.

        value, low, high; n seeds that count, failed and unanswered ones.
        """
        from mpn_rl.sweep.results.scores import run_scores_of

        return self._named(run_scores_of(self))

    def draw_curves(self, ax: Any = None, quantity: str = "", by: str = "") -> Any:
        """Draw learning curves into `ax` (None: a new figure's): the seeds' IQM with its interval.

        `quantity` is validation_correct, validation_return or episode_return (default: the first
        that there is); `by` a hyper-parameter to pool by (default: a line per run). Returns the
        axes.
        """
        from mpn_rl.sweep.results.drawings import draw_sweep_curves

        return draw_sweep_curves(self, ax, quantity, by)

    def draw_scores(self, ax: Any = None, metric: str = "", by: str = "") -> Any:
        """Draw every seed's score as a point over its run, or over `by`; arguments as above."""
        from mpn_rl.sweep.results.drawings import draw_sweep_scores

        return draw_sweep_scores(self, ax, metric, by)

    def _stacked(self, read: Callable[[Experiment], "pd.DataFrame"]) -> "pd.DataFrame":
        import pandas as pd

        tables = [read(block).assign(run=block.run) for block in self.blocks]
        return self._named(pd.concat(tables, ignore_index=True))

    def _named(self, table: "pd.DataFrame") -> "pd.DataFrame":
        """A table with a column run, and behind it those that tell runs apart."""
        names = [*dict.fromkeys(("task", "core", *self.axes))]
        own: dict[str, Any] = {
            name: [self.points[run].get(name) for run in table["run"]] for name in names
        }
        rest = [name for name in table.columns if name != "run" and name not in own]
        return table.assign(**own)[["run", *names, *rest]]


def load(path: str | Path, trust: Collection[str] = ()) -> Experiment | Sweep:
    """What lies at a path: an `Experiment` of its own, or a `Sweep` of a results or a run's folder.

    `trust` names modules of its task that may be imported. Raises ArtifactError where neither is
    there.
    """
    home = Path(path)
    if file_in(home, "config").exists():
        return Experiment(home, trust)
    return Sweep(home, trust=trust)


def labels(sweep: Sweep, names: Iterable[str] | None = None) -> dict[str, str]:
    """Run → its core and what else tells it from the others, as a legend has it."""
    from mpn_rl.sweep.plan import yaml_text

    axes = [name for name in (sweep.axes if names is None else names) if name != "core"]
    found = {}
    for run, point in sweep.points.items():
        pairs = [f"{name}={yaml_text(point[name])}" for name in axes if name in point]
        found[run] = ", ".join([str(point["core"]), *pairs])
    return found
