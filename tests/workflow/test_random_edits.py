"""The staleness contract along a random walk: forty edits, touches, deletions and reversions.

A model knows what each change makes stale; each step asks the engine by a dry run. Now and then
everything stale is made, and then the walk goes on from there.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

STEPS, BUILDS = 40, (13, 27)
BELOW = {
    "train": ("evaluate", "lesion", "generalise", "render", "collect"),
    "lesion": ("plot_memory",),
    "generalise": ("plot_memory",),
    "collect": ("analyse", "decode", "fixed_points"),
    "decode": ("plot_memory",),
    "fixed_points": ("plot_memory",),
    "plot_memory": ("summarise",),
    "analyse": ("plot", "plot_plasticity"),
    "evaluate": ("summarise",),
    "render": ("summarise",),
    "plot": ("summarise",),
    "plot_plasticity": ("summarise",),
    "summarise": (),
}
CORES, BLOCKS = ("mpn", "gru"), ("0-0", "1-1")

Job = tuple[str, str, str]  # rule, core, block; the summary has neither


def jobs() -> set[Job]:
    """All jobs of the sweep: two cores of two blocks, the first seed of each rendered."""
    found: set[Job] = {("summarise", "", "")}
    for core in CORES:
        for block in BLOCKS:
            rules = ["train", "evaluate", "lesion", "generalise", "collect", "analyse", "decode"]
            rules += ["fixed_points", "plot", "plot_memory"]
            rules += ["plot_plasticity"] if core == "mpn" else []
            rules += ["render"] if block == "0-0" else []
            found |= {(rule, core, block) for rule in rules}
    return found


def with_all_below(changed: set[Job]) -> set[Job]:
    """These jobs and all that depend on them."""
    found, waiting = set(), list(changed)
    while waiting:
        job = waiting.pop()
        if job not in found:
            found.add(job)
            rule, core, block = job
            below = ((r, core, block) if r != "summarise" else (r, "", "") for r in BELOW[rule])
            waiting += [other for other in below if other in jobs()]
    return found


@dataclass(frozen=True)
class Source:
    """A text that can be edited: which rules' code or params it is, and of which cores."""

    path: str
    edits: Callable[[str, int], str]
    rules: tuple[str, ...]
    cores: tuple[str, ...] = CORES

    def jobs(self) -> set[Job]:
        return {j for j in jobs() if j[0] in self.rules and (j[1] in self.cores or not j[1])}


def new_function(text: str, number: int) -> str:
    return f"{text}\n\ndef unused_{number}() -> int:\n    return {number}\n"


def comment(text: str, number: int) -> str:
    return f"{text}\n# comment {number}\n"


def value(old: str) -> Callable[[str, int], str]:
    def change(text: str, number: int) -> str:
        assert text.count(old) == 1
        return text.replace(old, f"{old[:-1]}{number + 3}")

    return change


LEARNERS = ("train",)
SOURCES = [
    Source("mpn_rl/learning/replay.py", new_function, LEARNERS),
    Source(
        "mpn_rl/networks/gru.py",
        new_function,
        ("train", "evaluate", "lesion", "generalise", "collect", "render"),
        ("gru",),
    ),
    Source("mpn_rl/figures/trajectories.py", new_function, ("plot", "plot_plasticity")),
    Source("mpn_rl/analysis/pca.py", new_function, ("analyse", "lesion")),
    Source("mpn_rl/analysis/decoding.py", new_function, ("decode",)),
    Source("mpn_rl/analysis/slow_points.py", new_function, ("fixed_points",)),
    Source("mpn_rl/rendering/parts.py", new_function, ("render",)),
    Source(
        "mpn_rl/statistics/statistics.py", new_function, ("plot", "plot_plasticity", "summarise")
    ),
    Source("mpn_rl/tasks/t_maze.py", new_function, ()),
    Source("mpn_rl/learning/dqn.py", comment, ()),
    Source("workflow/scripts/stage.py", comment, ()),
    Source("config/config.yaml", value("evaluation: {num_episodes: 3"), ("evaluate", "summarise")),
    Source("config/config.yaml", value("analysis: {num_episodes: 3"), ("collect", "summarise")),
    Source("config/config.yaml", value("fps: 10"), ("render", "summarise")),
]
OUTPUTS = {
    "evaluation.csv": "evaluate",
    "analysis/pca.csv": "analyse",
    "checkpoints/final_model.pt": "train",
    "analysis/activity.npz": "collect",
    "analysis/decoding.csv": "decode",
    "analysis/timescales.csv": "fixed_points",
    "analysis/lesions.csv": "lesion",
    "analysis/generalisation.csv": "generalise",
    "analysis/pca_variance.png": "plot",
}


@dataclass
class Walk:
    """The project, and what the model knows of it: edited sources and deleted outputs."""

    project: Project
    generator: random.Random
    made_with: dict[int, int] = field(default_factory=dict)  # source -> number in force then
    now: dict[int, int] = field(default_factory=dict)
    deleted: set[Job] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.original = {s.path: self.project.read(s.path) for s in SOURCES}

    def expected(self) -> dict[str, int]:
        changed = set(self.deleted)
        for index, source in enumerate(SOURCES):
            if self.now.get(index, 0) != self.made_with.get(index, 0):
                changed |= source.jobs()
        counts: dict[str, int] = {}
        for rule, _, _ in with_all_below(changed):
            counts[rule] = counts.get(rule, 0) + 1
        return counts

    def step(self) -> str:
        return self.generator.choice(
            [self.edit, self.edit, self.edit, self.revert, self.revert, self.touch, self.delete]
        )()

    def edit(self) -> str:
        index = self.generator.randrange(len(SOURCES))
        self.now[index] = self.generator.randint(1, 3)
        self._write(SOURCES[index].path)
        return f"edit {SOURCES[index].path}, state {self.now[index]}"

    def revert(self) -> str:
        edited = [index for index, number in self.now.items() if number]
        if not edited:
            return self.touch()
        index = self.generator.choice(edited)
        self.now[index] = self.made_with.get(index, 0)
        self._write(SOURCES[index].path)
        return f"revert {SOURCES[index].path}"

    def touch(self) -> str:
        files = [*self.project.folder.rglob("*.py"), *self.project.files("runs/**/*.*")]
        for path in self.generator.sample(sorted(files), 10):
            moment = self.generator.uniform(1.6e9, 1.7e9)
            os.utime(path, (moment, moment))
        return "touch"

    def delete(self) -> str:
        core, block = self.generator.choice(CORES), self.generator.choice(BLOCKS)
        name = self.generator.choice(sorted(OUTPUTS))
        for path in self.project.files(f"runs/*_{core}_*/seeds_{block}/{name}"):
            path.unlink()
        self.deleted.add((OUTPUTS[name], core, block))
        return f"delete {name} of {core} {block}"

    def build(self) -> None:
        self.project.build()
        self.made_with, self.deleted = dict(self.now), set()

    def _write(self, path: str) -> None:
        text = self.original[path]
        for index, source in enumerate(SOURCES):
            if source.path == path and self.now.get(index, 0):
                text = source.edits(text, self.now[index])
        self.project.write(path, text)


@pytest.mark.parametrize("seed", [0])
def test_a_random_walk_makes_stale_what_the_model_says(seed: int, project: Project) -> None:
    walk = Walk(project, random.Random(seed))
    told = []
    for number in range(STEPS):
        told.append(walk.step())
        assert project.stale() == walk.expected(), "\n".join(told)
        if number in BUILDS:
            walk.build()
            told.append("build")
            assert project.stale() == {}, "\n".join(told)
