"""One experiment directory as a Python object: tables, agents, episodes that they play, figures."""

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import read_config
from mpn_rl.artifacts.history import read_history
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.foreign import sound_point
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import run_id
from mpn_rl.parameters.values import nearest
from mpn_rl.sweep.config.settings import AnalysisSettings, EvaluationSettings
from mpn_rl.sweep.layout import BLOCK_PATH, RULES, Job, file_in
from mpn_rl.sweep.ledger.named import refuse_unnamed
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.plan import recorded_settings

if TYPE_CHECKING:  # each takes as long to load as all else
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mpn_rl.artifacts.activity import Activity
    from mpn_rl.networks.q_network import MPNDQN
    from mpn_rl.sweep.stages.agents import Trained

Checkpoint = Literal["final", "best"]


class Experiment:
    """What one training left behind: `mpn-rl train`, or a block of seeds of a sweep's run.

    Files are read when they are asked for, and none is written. What is missing raises
    ArtifactError, with the command that makes it.
    """

    def __init__(self, directory: str | Path, trust: Collection[str] = ()) -> None:
        """Find the experiment in `directory`; `trust` names modules of its task to import.

        Raises ArtifactError where none is there or its config.json is damaged.
        """
        self.directory, self._trust = Path(directory), tuple(trust)
        config = file_in(self.directory, "config")
        if not config.exists():
            raise ArtifactError(f"{self.directory}: no experiment is here")
        self.config: Mapping[str, Any] = read_config(config)

    def __repr__(self) -> str:
        point = self.config["hyperparameters"]
        told = f"{point.get('task')}, {point.get('core')}, seeds {self.seeds}"
        return f"<Experiment {self.name}: {told}>"

    @property
    def name(self) -> str:
        """The experiment's name, or `{run}/seeds_{block}` of a sweep's block."""
        home = self.directory.absolute()
        inside = BLOCK_PATH.fullmatch("/".join((*home.parts[-3:], "config.json")))
        return f"{inside['run']}/{home.name}" if inside else home.name

    @property
    def seeds(self) -> list[int]:
        """The seeds that were trained."""
        return list(self.config["seeds"])

    @cached_property
    def hyperparameters(self) -> Hyperparameters:
        """The hyper-parameters as they were asked for; null where the recipe filled them in."""
        try:
            return sound_point(self.config["hyperparameters"])
        except ConfigError as error:
            raise ArtifactError(f"{file_in(self.directory, 'config')}: {error}") from None

    @property
    def run(self) -> str:
        """The run's id, `{task}_{core}_{hash}`: equal for equal hyper-parameters."""
        return run_id(self.hyperparameters)

    @cached_property
    def history(self) -> Mapping[int, Mapping[str, Any]]:
        """Seed → its entry of training_history.json: status, failure, and curves as lists."""
        return read_history(self.file("history"))

    @cached_property
    def failures(self) -> dict[int, str]:
        """Seed → why it failed in training, of those that did."""
        # histories are not kept for this: those of ten thousand runs would fill the memory
        history = vars(self).get("history") or read_history(self.file("history"))
        found = {seed: entry.get("failure") for seed, entry in history.items()}
        return {seed: str(why) for seed, why in found.items() if why is not None}

    @cached_property
    def curves(self) -> "pd.DataFrame":
        """Learning curves: a row per seed, quantity and step (environment steps), with a value.

        Quantities are those of training_history.json that are single numbers: episode_return,
        episode_length, exploration_epsilon, validation_return, validation_correct, loss, …
        """
        from mpn_rl.sweep.results.tables import learning_curves

        return learning_curves(self.history)

    @property
    def recorded_checkpoint(self) -> Checkpoint:
        """Which checkpoint was recorded for the analyses."""
        record = read_record(self.directory / Job("collect", {}).record) or {}
        found: Checkpoint = recorded_settings(record.get("params")).get("checkpoint", "final")
        return found

    @property
    def evaluation(self) -> "pd.DataFrame":
        """What `mpn-rl eval` or the sweep wrote: seed, episode, return, length (steps), correct."""
        return self.table("evaluation")

    @property
    def activity(self) -> "Activity":
        """What `mpn-rl analyze collect` or the sweep recorded: arrays (seed, episode, time, …)."""
        from mpn_rl.artifacts.activity import read_activity

        return read_activity(self.file("activity"))

    def table(self, name: str) -> "pd.DataFrame":
        """A table of the experiment by its name: evaluation, pca, decoding, lesions, …

        Raises ArtifactError for one that is missing, damaged or unknown.
        """
        from mpn_rl.sweep.results.tables import readers

        known = readers()
        if name not in known:
            hint = nearest(name, known) or f"; there are {', '.join(known)}"
            raise ArtifactError(f"{self.directory}: {name!r} is no table{hint}")
        return known[name](self.file(name))

    def analysis(self, name: str) -> "pd.DataFrame":
        """The table of an analysis of your own, by its name in the config.

        Raises ArtifactError for one that is missing or damaged.
        """
        from mpn_rl.artifacts.measured import read_measured, texts_told

        path = file_in(self.directory, "measured", analysis=name)
        if not path.exists():
            there = sorted(one.stem for one in path.parent.glob("*.csv"))
            hint = nearest(name, there) or (f"; there are {', '.join(there)}" if there else "")
            raise ArtifactError(f"{path}: is missing; a sweep that names it makes it{hint}")
        record = Job("measure", {"analysis": name}).record
        return read_measured(path, texts_told(read_record(self.directory / record)))

    def network(self, seed: int | None = None, checkpoint: Checkpoint = "final") -> "MPNDQN":
        """The trained network of a seed (None: the first that completed), in torch.

        Raises ArtifactError for a seed that it does not have, or a damaged checkpoint.
        """
        trained = self._trained(checkpoint, None if seed is None else [seed])
        return trained.network(trained.seeds[0])

    def evaluate(self, num_episodes: int = 100, checkpoint: Checkpoint = "final") -> "pd.DataFrame":
        """Play greedy episodes with each completed seed: seed, episode, return, length, correct.

        They are the episodes that `mpn-rl eval` plays; nothing is written. Raises ConfigError for a
        number or checkpoint that cannot be, ArtifactError where no seed completed.
        """
        import pandas as pd

        from mpn_rl.playing.evaluation import evaluate_agents
        from mpn_rl.sweep.stages.evaluate import EVALUATION_ENVS

        EvaluationSettings.read({"num_episodes": num_episodes}, "")
        trained = self._trained(checkpoint)
        task = trained.task(max(1, min(num_episodes, EVALUATION_ENVS)))
        return pd.DataFrame(evaluate_agents(trained.agents(task.num_envs), task, num_episodes))

    def record(self, num_episodes: int = 100, checkpoint: Checkpoint = "final") -> "Activity":
        """Record greedy episodes of each completed seed: arrays (seed, episode, time, …).

        They are the episodes that `mpn-rl analyze collect` records; nothing is written. Of
        observations of more than 1,024 entries as many are kept as fit into 256 MB. Raises as
        `evaluate`.
        """
        from mpn_rl.playing.activity import record_activity
        from mpn_rl.playing.memory import recording_envs

        AnalysisSettings.read({"num_episodes": num_episodes}, "")
        trained = self._trained(checkpoint)
        task = trained.task(recording_envs(num_episodes))
        most = AnalysisSettings().max_recorded_mb
        agents = trained.agents(task.num_envs)
        return record_activity(agents, task, num_episodes, max_recorded_mb=most)

    def figure(self, name: str = "training_curves") -> "Figure":
        """A figure of the experiment drawn anew, as the sweep draws it: training_curves, memory, …

        Raises ArtifactError for one that is unknown, or where what it shows was not made.
        """
        from mpn_rl.sweep.results.figures import figure_of

        return figure_of(self, name)

    def draw(self, panel: str, ax: "Axes | None" = None, **options: Any) -> "Axes":
        """Draw one panel of a figure into `ax` (None: a new figure's), and return the axes.

        `mpn_rl.sweep.results.panels.PANELS` has their names and options: validation, loss,
        variance, trajectory, M, q_values, decoding, …
        """
        from mpn_rl.sweep.results.panels import draw

        return draw(self, panel, ax, **options)

    def _trained(self, checkpoint: Checkpoint, seeds: list[int] | None = None) -> "Trained":
        from mpn_rl.sweep.stages.agents import load_trained

        EvaluationSettings.read({"checkpoint": checkpoint}, "")
        refuse_unnamed(self.hyperparameters, file_in(self.directory, "config"), self._trust)
        trained = load_trained(self.file(checkpoint), seeds)
        if not trained.seeds:
            why = "".join(f"; seed {seed}: {text}" for seed, text in self.failures.items())
            raise ArtifactError(f"{trained.path}: no seed completed{why}")
        return trained

    def file(self, name: str) -> Path:
        """Where the file lies that the layout calls `name`; ArtifactError where it is missing."""
        path = file_in(self.directory, name)
        if not path.exists():
            raise ArtifactError(f"{path}: is missing; {_maker(name)} makes it")
        return path


def _maker(name: str) -> str:
    """The command that makes a file of an experiment."""
    rule = next((rule for rule, row in RULES.items() if name in row.makes), "train")
    commands = {"train": "train", "evaluate": "eval", "render": "render", "analyse": "analyze plot"}
    if rule in ("plot", "plot_plasticity"):
        rule = "analyse"
    own = f"analyze {rule.replace('_', '-').removeprefix('plot-')}"
    return f"`mpn-rl {commands.get(rule, own)}`"
