"""The workflow as one table: what each rule reads and makes, and where a job's files lie.

The rules of `workflow/rules/` say the same to the engine, and a test holds them against this table;
stages, records, audit, explain, prune, `mpn-rl` and the benchmarks read it. It is imported each
time the workflow is parsed, and so loads no numerical library.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from mpn_rl.parameters.catalogue import CORES

BLOCK = "runs/{run}/seeds_{block}"
WILDCARDS = {
    "run": "[^/]+",
    "block": r"\d+-\d+",
    "seed": r"\d+",
    "episode": r"\d+",
    "setting": "[^/]+",
    "analysis": "[A-Za-z][A-Za-z0-9_-]*",
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
    "paths": "analysis/paths.csv",
    "decoding": "analysis/decoding.csv",
    "plasticity": "analysis/plasticity.csv",
    "fixed_points": "analysis/fixed_points.csv",
    "timescales": "analysis/timescales.csv",
    "lesions": "analysis/lesions.csv",
    "generalisation": "analysis/generalisation.csv",
    "training_curves": "analysis/training_curves.png",
    "training_curves_vectors": "analysis/training_curves.svg",
    "pca_variance": "analysis/pca_variance.png",
    "pca_variance_vectors": "analysis/pca_variance.svg",
    "trajectories_hidden": "analysis/trajectories_hidden.png",
    "trajectories_hidden_vectors": "analysis/trajectories_hidden.svg",
    "trajectories_M": "analysis/trajectories_M.png",
    "trajectories_M_vectors": "analysis/trajectories_M.svg",
    "m_matrix": "analysis/m_matrix.png",
    "m_matrix_vectors": "analysis/m_matrix.svg",
    "plasticity_course": "analysis/plasticity_course.png",
    "plasticity_course_vectors": "analysis/plasticity_course.svg",
    "memory": "analysis/memory.png",
    "memory_vectors": "analysis/memory.svg",
    "measured": "analyses/{analysis}.csv",
    "measured_figure": "analyses/{analysis}.png",
    "measured_vectors": "analyses/{analysis}.svg",
    "pdf": "summary.pdf",
    "figures": "summary_figures.zip",
    "table": "summary.csv",
    "runs": "runs.csv",
    "made": "provenance.csv",
}


@dataclass(frozen=True)
class Rule:
    """What a rule makes and reads, by names of FILES, and what it runs once for.

    `settings` are those of the config's `section` that it uses; a section with `enabled: false`
    leaves it out. `record` is its name where it is not the rule's; `stage` names the function of
    its computation where that is not the rule.
    """

    makes: tuple[str, ...]
    reads: tuple[str, ...] = ()
    section: str = ""
    settings: tuple[str, ...] = ()
    per: Literal["block", "animation", "analysis", "task setting", "sweep"] = "block"
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

    @property
    def of_block(self) -> bool:
        """Whether what it makes lies in a block's folder."""
        return self.per in ("block", "animation", "analysis")

    @property
    def of_recording(self) -> bool:
        """Whether it reads a recording and the checkpoint that was recorded."""
        return {"activity", "checkpoint"} <= {*self.reads}


def _drawn(*figures: str) -> tuple[str, ...]:
    """The files of figures: pixels, and vectors for papers."""
    return (*figures, *(f"{name}_vectors" for name in figures))


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
        ("fps", "checkpoint", "max_steps"),
        per="animation",
        record="render_{seed}_{episode}",
    ),
    "collect": Rule(("activity",), ("checkpoint",), "analysis", (*_CHECKPOINT, "max_recorded_mb")),
    "analyse": Rule(
        ("pca", "projection", "paths", "plasticity"),
        ("activity", "checkpoint"),
        "analysis",
        ("checkpoint",),
    ),
    "decode": Rule(
        ("decoding",),
        ("activity", "checkpoint"),
        "decoding",
        ("checkpoint", "folds", "max_episodes", "max_times", "shuffles", "centred"),
    ),
    "fixed_points": Rule(
        ("fixed_points", "timescales"),
        ("activity", "checkpoint"),
        "fixed_points",
        ("checkpoint", "num_states"),
    ),
    "lesion": Rule(("lesions",), ("checkpoint",), "lesion", _CHECKPOINT),
    "generalise": Rule(
        ("generalisation",), ("checkpoint",), "generalisation", (*_CHECKPOINT, "values")
    ),
    "measure": Rule(
        ("measured", "measured_figure", "measured_vectors"),
        ("activity", "checkpoint"),
        settings=("analysis", "checkpoint"),
        per="analysis",
        record="measure_{analysis}",
    ),
    "plot": Rule(
        _drawn("training_curves", "pca_variance", "trajectories_hidden"),
        _DRAWN_FROM,
        "analysis",
        ("color_by",),
    ),
    "plot_plasticity": Rule(
        _drawn("trajectories_M", "m_matrix", "plasticity_course"),
        (*_DRAWN_FROM, "checkpoint"),
        "analysis",
        ("color_by", "checkpoint"),
        plastic=True,
        stage="plot",
    ),
    "plot_memory": Rule(
        _drawn("memory"),
        ("decoding", "lesions", "generalisation", "fixed_points"),
        settings=("tables",),
    ),
    "summarise": Rule(("pdf", "figures", "table", "runs", "made"), per="sweep"),
}


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
    def settled_by(self) -> str:
        """What decides its settings: the name of an analysis, or what `of` says."""
        return self.wildcards.get("analysis", self.of)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files that it makes."""
        return tuple(self.paths(RULES[self.rule].outputs).values())

    @property
    def record(self) -> str:
        """The record of how it was done, in `records/` of the folder that its outputs lie in."""
        name = RULES[self.rule].record or self.rule
        return self.paths({"record": f"records/{name}.json"})["record"]

    @property
    def description(self) -> str:
        """One readable line, such as `train run=… block=0-3`; so it is called in a pool's queue."""
        return " ".join([self.rule, *(f"{key}={text}" for key, text in self.wildcards.items())])

    @property
    def log_name(self) -> str:
        """What its logs are called, whichever its rule."""
        named = {**self.wildcards, "block": f"seeds_{self.block}"} if self.run else self.wildcards
        return "_".join(named.values()) or "summary"

    def paths(self, patterns: Mapping[str, str], **settings: str) -> dict[str, str]:
        """Paths by name for patterns of the table."""
        home = f"{BLOCK}/" if self.run else ""
        texts = {**self.wildcards, **settings}
        return {name: f"{home}{pattern}".format(**texts) for name, pattern in patterns.items()}


# The runs whose core has plasticity.
PLASTIC_RUN = rf"[^/]+_({'|'.join(name for name, c in CORES.items() if c.plastic)})_[0-9a-f]+"


def job_of(path: str) -> Job | None:
    """The job that makes a file, known by its path in results/ or in an experiment directory."""
    for name, pattern in _patterns():
        if (found := pattern.fullmatch(path)) is not None:
            return Job(name, {key: text for key, text in found.groupdict().items() if text})
    return None


def rule_of(path: str) -> str | None:
    """The rule that makes a file; `path` is relative to results/ or to an experiment directory."""
    return job.rule if (job := job_of(path)) is not None else None


def file_in(home: Path, name: str, **wildcards: str) -> Path:
    """The output that the table calls `name`, in an experiment directory or results/."""
    return home / FILES[name].format(**wildcards)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Rule and pattern of each output, in results/ or, where it is of a block, below its folder."""
    found = []
    for name, rule in RULES.items():
        before = f"(?:{_regex(BLOCK)}/)?" if rule.of_block else ""
        found += [(name, re.compile(before + _regex(path))) for path in rule.outputs.values()]
    return tuple(found)


def _regex(pattern: str) -> str:
    return _WILDCARD.sub(lambda m: f"(?P<{m[1]}>{WILDCARDS[m[1]]})", re.escape(pattern))
