"""The workflow as one table: what each rule reads and writes, of what, and with which settings.

The rules of `workflow/rules/` say the same to the engine, and a test holds them against this table;
stages, records, audit, explain, prune, `mpn-rl` and the benchmarks read it. It is imported each
time the workflow is parsed, and so loads no numerical library.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

from mpn_rl.parameters.catalogue import CORES, TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import core_of, read_point, resolved
from mpn_rl.parameters.task_ids import path_name
from mpn_rl.sweep.config.sweep import Sweep, block_name, block_seeds

BLOCK = "runs/{run}/seeds_{block}"
WILDCARDS = {
    "run": "[^/]+",
    "block": r"\d+-\d+",
    "seed": r"\d+",
    "episode": r"\d+",
    "setting": "[^/]+",
}
BLOCK_PATH = re.compile(r"runs/(?P<run>[^/]+)/seeds_(?P<block>\d+-\d+)/(?P<file>.+)")
_WILDCARD = re.compile(r"\\{(\w+)\\}")


# Name -> path below results/, or below a block's folder or an experiment directory.
FILES = {
    "config": "config.json",
    "history": "training_history.json",
    "best": "checkpoints/best_model.pt",
    "final": "checkpoints/final_model.pt",
    "checkpoint": "checkpoints/{checkpoint}_model.pt",  # as the setting of that name has it
    "baselines": "baselines/{setting}.csv",
    "evaluation": "evaluation.csv",
    "video": "videos/episode_{seed}_{episode}.gif",
    "activity": "analysis/activity.npz",
    "pca": "analysis/pca.csv",
    "projection": "analysis/pca_projection.npz",
    "training_curves": "analysis/training_curves.png",
    "pca_variance": "analysis/pca_variance.png",
    "trajectories_hidden": "analysis/trajectories_hidden.png",
    "trajectories_M": "analysis/trajectories_M.png",
    "m_matrix": "analysis/m_matrix.png",
    "plasticity_course": "analysis/plasticity_course.png",
    "pdf": "summary.pdf",
    "table": "summary.csv",
    "runs": "runs.csv",
    "made": "provenance.csv",
}


@dataclass(frozen=True)
class Rule:
    """What a rule makes and reads, by names of FILES, and what it runs once for.

    `settings` are those of the config's `section` that it uses; `record` is its name where it is
    not the rule's; `stage` names the function of its computation where that is not the rule.
    """

    makes: tuple[str, ...]
    reads: tuple[str, ...] = ()
    section: str = ""
    settings: tuple[str, ...] = ()
    per: Literal["block", "animation", "task setting", "sweep"] = "block"
    plastic: bool = False
    record: str = ""
    stage: str = ""

    @property
    def outputs(self) -> dict[str, str]:
        """Name -> path of what it makes."""
        return {name: FILES[name] for name in self.makes}

    @property
    def inputs(self) -> dict[str, str]:
        """Name -> path of what it reads; the summary reads what `summarised` says."""
        return {name: FILES[name] for name in self.reads}


_DRAWN_FROM = ("history", "activity", "pca", "projection")
_CHECKPOINT = ("num_episodes", "checkpoint")
RULES: dict[str, Rule] = {
    "train": Rule(("config", "history", "best", "final")),
    "baselines": Rule(("baselines",), per="task setting", record="baselines_{setting}"),
    "evaluate": Rule(("evaluation",), ("checkpoint",), "evaluation", _CHECKPOINT),
    "render": Rule(
        ("video",),
        ("checkpoint",),
        "render",
        ("fps", "checkpoint"),
        per="animation",
        record="render_{seed}_{episode}",
    ),
    "collect": Rule(("activity",), ("checkpoint",), "analysis", (*_CHECKPOINT, "max_recorded_mb")),
    "analyse": Rule(("pca", "projection"), ("activity",)),
    "plot": Rule(
        ("training_curves", "pca_variance", "trajectories_hidden"),
        _DRAWN_FROM,
        "analysis",
        ("color_by",),
    ),
    "plot_plasticity": Rule(
        ("trajectories_M", "m_matrix", "plasticity_course"),
        _DRAWN_FROM,
        "analysis",
        ("color_by",),
        plastic=True,
        stage="plot",
    ),
    "summarise": Rule(("pdf", "table", "runs", "made"), per="sweep"),
}
# What every block hands to the summary, which reads these and shows the figures and animations.
SUMMARISED = ("config", "history", "evaluation", "pca")
DRAWN = ("plot", "plot_plasticity", "render")


@dataclass(frozen=True)
class Job:
    """A rule at work for certain wildcards.

    Paths are relative to results/, or without run and block to an experiment directory.
    """

    rule: str
    wildcards: Mapping[str, str]

    @property
    def run(self) -> str:
        """The run that it belongs to, or an empty text."""
        return self.wildcards.get("run", "")

    @property
    def block(self) -> str:
        """The block of seeds that it belongs to, or an empty text."""
        return self.wildcards.get("block", "")

    @property
    def of(self) -> str:
        """The run or the task setting that decides what it computes; empty for summarise."""
        return self.run or self.wildcards.get("setting", "")

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files that it makes."""
        return tuple(self.paths(RULES[self.rule].outputs).values())

    @property
    def record(self) -> str:
        """The record of how it was done, in `records/` of the folder that its outputs lie in."""
        name = RULES[self.rule].record or self.rule
        return self.paths({"record": f"records/{name}.json"})["record"]

    def paths(self, patterns: Mapping[str, str], **settings: str) -> dict[str, str]:
        """Paths by name for patterns of the table."""
        home = f"{BLOCK}/" if self.run else ""
        texts = {**self.wildcards, **settings}
        return {name: f"{home}{pattern}".format(**texts) for name, pattern in patterns.items()}


# The runs whose core has plasticity.
PLASTIC_RUN = rf"[^/]+_({'|'.join(name for name, c in CORES.items() if c.plastic)})_[0-9a-f]+"


def canonical_json(value: Any) -> str:
    """One text per value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def blocks(sweep: Sweep) -> list[str]:
    """The names of the blocks of every run."""
    return [block_name(seeds) for seeds in sweep.blocks]


def rendered_seeds(sweep: Sweep) -> tuple[int, ...]:
    """The seeds whose episodes are animated."""
    return sweep.render.seeds or (sweep.seeds.first,)


def task_setting(point: Hyperparameters) -> dict[str, Any]:
    """What of a run makes its task: runs with equal ones share their baselines."""
    entry = TASKS.get(point.task)
    names = ("task", *(entry.parameters if entry else ()), "max_episode_steps")
    return {name: getattr(point, name) for name in names}


def setting_id(setting: Mapping[str, Any]) -> str:
    """A name for a task setting: that of the task, and a hash."""
    name = path_name(str(setting["task"]))
    return f"{name}_{hashlib.sha256(canonical_json(setting).encode()).hexdigest()[:8]}"


def task_settings(sweep: Sweep) -> dict[str, dict[str, Any]]:
    """The task settings of a sweep by their ids."""
    return {setting_id(one): one for one in map(task_setting, sweep.runs.values())}


def jobs(sweep: Sweep) -> Iterator[Job]:
    """Every job that a sweep asks for when nothing is there yet, `all` aside."""
    animated = (rendered_seeds(sweep), sweep.render.num_episodes)
    for run, block in product(sweep.runs, blocks(sweep)):
        yield from block_jobs(run, block, *animated)
    for setting in task_settings(sweep):
        yield Job("baselines", {"setting": setting})
    yield Job("summarise", {})


def block_jobs(run: str, block: str, rendered: Iterable[int], num_episodes: int) -> Iterator[Job]:
    """The jobs of one block of a run; of the seeds in `rendered` each episode is animated."""
    here, plastic = {"run": run, "block": block}, CORES[core_of(run)].plastic
    for name, rule in RULES.items():
        if rule.per == "block" and (plastic or not rule.plastic):
            yield Job(name, here)
    for seed in sorted({*rendered} & {*block_seeds(block)}):
        for episode in range(num_episodes):
            yield Job("render", {**here, "seed": str(seed), "episode": str(episode)})


def every_output(sweep: Sweep, rules: Iterable[str] = RULES) -> list[str]:
    """The outputs of all jobs of these rules, relative to results/."""
    chosen = set(rules)
    return [file for job in jobs(sweep) if job.rule in chosen for file in job.outputs]


def rule_settings(sweep: Sweep, rule: str, of: str | None = None) -> dict[str, Any]:
    """The params of `rule`, its code aside: what it uses of the sweep and nothing else.

    `of` is the run for `train`, the task setting for `baselines`, and needed for no other.
    """
    if rule == "train":
        return resolved(sweep.runs[of or ""])
    if rule == "summarise":
        sections = ("evaluation", "render", "analysis")
        return {
            "messages": list(sweep.messages),
            "name": sweep.name,
            "runs": list(sweep.runs),
            "blocks": blocks(sweep),
            "rendered_seeds": list(rendered_seeds(sweep)),
            "baselines": {run: setting_id(task_setting(p)) for run, p in sweep.runs.items()},
            "sections": {name: getattr(sweep, name).model_dump() for name in sections},
        }
    if rule == "baselines":
        return {"first_seed": sweep.seeds.first, "task_setting": task_settings(sweep)[of or ""]}
    section = getattr(sweep, RULES[rule].section, None)
    return {name: getattr(section, name) for name in RULES[rule].settings}


def points(sweep: Sweep) -> dict[str, Hyperparameters]:
    """The hyper-parameters of each run and of each task setting, there with the usual agent."""
    usual = {name: read_point(setting) for name, setting in task_settings(sweep).items()}
    return {**sweep.runs, **usual}


def settings_texts(rule: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """The params of a rule as the engine sees them, which sees no names: `fps=4`, say."""
    if rule == "train":
        return {"hyperparameters": canonical_json(settings)}
    return {name: f"{name}={canonical_json(value)}" for name, value in settings.items()}


def recorded_settings(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """The params of a record as `rule_settings` gives them: an episode's number is no setting."""
    return {name: value for name, value in (params or {}).items() if name != "episode"}


def job_of(path: str) -> Job | None:
    """The job that makes a file, known by its path in results/ or in an experiment directory."""
    for name, pattern in _patterns():
        if (found := pattern.fullmatch(path)) is not None:
            return Job(name, {key: text for key, text in found.groupdict().items() if text})
    return None


def rule_of(path: str) -> str | None:
    """The rule that makes a file; `path` is relative to results/ or to an experiment directory."""
    return job.rule if (job := job_of(path)) is not None else None


def asks_for(sweep: Sweep, path: str) -> bool:
    """Whether the sweep's outputs include the file at `path`, relative to results/."""
    job = job_of(path)
    if job is None or not job.run:
        return job is not None and (job.rule == "summarise" or job.of in task_settings(sweep))
    animated = (rendered_seeds(sweep), sweep.render.num_episodes)
    known = job.run in sweep.runs and job.block in blocks(sweep)
    return known and job in block_jobs(job.run, job.block, *animated)


def summarised(settings: Mapping[str, Any]) -> list[str]:
    """What a summary with these settings reads, relative to results/.

    Of every block the files that it hands over, every task setting's baselines, and the animations
    that are shown.
    """
    homes = [BLOCK.format(run=r, block=b) for r in settings["runs"] for b in settings["blocks"]]
    baselines = dict.fromkeys(settings["baselines"].values())
    return [
        *(f"{home}/{FILES[name]}" for home in homes for name in SUMMARISED),
        *(FILES["baselines"].format(setting=setting) for setting in baselines),
        *shown_animations(settings),
    ]


def shown_animations(settings: Mapping[str, Any]) -> list[str]:
    """The first animation of the first run of each task and core, relative to results/."""
    if not settings["rendered_seeds"] or not settings["sections"]["render"]["num_episodes"]:
        return []
    seed = settings["rendered_seeds"][0]
    block = next(name for name in settings["blocks"] if seed in block_seeds(name))
    shown: dict[str, str] = {}
    for run in settings["runs"]:
        job = Job("render", {"run": run, "block": block, "seed": str(seed), "episode": "0"})
        shown.setdefault(run.rpartition("_")[0], job.outputs[0])
    return list(shown.values())


def file_in(home: Path, name: str, **wildcards: str) -> Path:
    """The output that the table calls `name`, in an experiment directory or results/."""
    return home / FILES[name].format(**wildcards)


def work_folder(home: Path) -> Path:
    """Where the resumable state of an experiment directory lies; no rule declares it."""
    above, names = home.parent, [home.name]
    if above.parent.name == "runs" and home.name.startswith("seeds_"):  # of a sweep
        above, names = home.parents[2], [above.name, home.name]
    return above.joinpath(".work", *names)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Rule and pattern of each output, in results/ or, where it is of a block, below its folder."""
    found = []
    for name, rule in RULES.items():
        before = f"(?:{_regex(BLOCK)}/)?" if rule.per in ("block", "animation") else ""
        found += [(name, re.compile(before + _regex(path))) for path in rule.outputs.values()]
    return tuple(found)


def _regex(pattern: str) -> str:
    return _WILDCARD.sub(lambda m: f"(?P<{m[1]}>{WILDCARDS[m[1]]})", re.escape(pattern))
