"""What is compared: an experiment, a run of a sweep, or all runs of a results folder."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.parameters.catalogue import FOREIGN, TASKS
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.plan import yaml_text
from mpn_rl.sweep.results.experiment import Experiment
from mpn_rl.sweep.results.sweep import Sweep, labels

# The hyper-parameters that make a task's setting.
OF_TASK = frozenset(
    {"max_episode_steps"}.union(*(entry.parameters for entry in (*TASKS.values(), FOREIGN)))
)


@dataclass(frozen=True)
class Subject:
    """One thing that is compared: `runs` maps a problem to the run that plays it.

    A problem is what runs of all subjects are matched by, in words: the task, and of a whole sweep
    also what it varies.
    """

    label: str
    sweep: Sweep
    runs: Mapping[str, str]

    def blocks(self, problem: str) -> list[Experiment]:
        """The blocks of the run of a problem; none where it has no such run."""
        run = self.runs.get(problem)
        return [block for block in self.sweep.blocks if block.run == run]


def find_subjects(
    names: Iterable[str],
    experiments: Path = Path("experiments"),
    results: Path = Path("results"),
    trust: Collection[str] = (),
) -> list[Subject]:
    """The subjects that `names` mean: folders, experiments by name, or runs by id.

    One name alone of several runs means these. Raises ArtifactError for a name that means nothing,
    UserError where there are not two subjects.
    """
    found = {name: find_sweep(name, experiments, results, trust) for name in names}
    _refuse_the_same(found)
    if len(found) == 1:
        (whole,) = found.values()
        own = labels(whole)
        axes = [name for name in whole.axes if name == "task" or name in OF_TASK]
        found = {own[run]: whole[run] for run in whole.points}
    else:
        several = [sweep for sweep in found.values() if len(sweep) > 1]
        axes = [*dict.fromkeys(name for sweep in several for name in sweep.axes)]
    if len(found) < 2:
        raise UserError("there is only one run; name another to compare it with")
    return [Subject(label, sweep, _runs(label, sweep, axes)) for label, sweep in found.items()]


def _refuse_the_same(found: Mapping[str, Sweep]) -> None:
    """Raise UserError where two names mean the same files, which would agree without a doubt."""
    named: dict[frozenset[Path], str] = {}
    for name, sweep in found.items():
        other = named.setdefault(frozenset(b.directory.resolve() for b in sweep.blocks), name)
        if other != name:
            raise UserError(f"{other} and {name} are the same")


def find_sweep(name: str, experiments: Path, results: Path, trust: Collection[str] = ()) -> Sweep:
    """The runs that a name means; ArtifactError where it means none."""
    places = (Path(name), experiments / name, results / "runs" / name)
    for place in places:
        if file_in(place, "config").exists():
            return Sweep.of(place, [Experiment(place, trust)])
        if any(place.glob("runs/*/seeds_*")) or any(place.glob("seeds_*/config.json")):
            return Sweep(place, trust=trust)
    raise ArtifactError(
        f"{name}: neither a results folder nor a run or experiment is here, in {experiments} or "
        f"in {results / 'runs'}"
    )


def _runs(label: str, sweep: Sweep, axes: Iterable[str]) -> dict[str, str]:
    names = [name for name in axes if name != "task"]
    found: dict[str, str] = {}
    for run, point in sweep.points.items():
        problem = problem_of(point, names)
        if problem in found:
            raise UserError(f"{label}: {found[problem]} and {run} differ in nothing that is swept")
        found[problem] = run
    return found


def problem_of(point: Mapping[str, Any], names: Iterable[str]) -> str:
    """The task of a run, and its values of hyper-parameters, in words."""
    pairs = [f"{name}={yaml_text(point[name])}" for name in names if name in point]
    return ", ".join([str(point["task"]), *pairs])
