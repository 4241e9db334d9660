"""What a sweep asks of the workflow's rules: their params and their outputs.

The rules and `mpn-rl explain|prune` read them here, so that they cannot disagree. This module is
imported each time the workflow is parsed: it loads no numerical library.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.config.sweep import Sweep, block_name

FIGURES = ("training_curves", "pca_variance", "trajectories_hidden")
PLASTIC_FIGURES = ("trajectories_M", "m_matrix", "plasticity_course")

BLOCK_PATH = re.compile(r"runs/(?P<run>[^/]+)/seeds_(?P<block>\d+-\d+)/(?P<file>.+)")
_VIDEO = re.compile(r"videos/episode_(?P<seed>\d+)_(?P<episode>\d+)\.gif")
_RULE_OF_FILE = {
    "config.json": "train",
    "training_history.json": "train",
    "checkpoints/best_model.pt": "train",
    "checkpoints/final_model.pt": "train",
    "evaluation.csv": "evaluate",
    "references.csv": "evaluate",
    "analysis/activity.npz": "collect",
    "analysis/pca.csv": "analyse",
    "analysis/pca_projection.npz": "analyse",
    **{f"analysis/{name}.png": "plot" for name in FIGURES},
    **{f"analysis/{name}.png": "plot_plasticity" for name in PLASTIC_FIGURES},
    "summary.pdf": "summarise",
    "summary.csv": "summarise",
    "runs.csv": "summarise",
    "provenance.csv": "summarise",
}


@dataclass(frozen=True)
class Job:
    """A job of the workflow: summarise has no run and block; outputs are relative to results/."""

    rule: str
    run: str
    block: str
    outputs: tuple[str, ...]


def canonical_json(value: Any) -> str:
    """One text per value, as the engine compares params by their text and without their names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def blocks(sweep: Sweep) -> list[str]:
    """The names of the blocks of every run."""
    return [block_name(seeds) for seeds in sweep.blocks]


def rendered_seeds(sweep: Sweep) -> tuple[int, ...]:
    """The seeds whose episodes are animated."""
    return sweep.render.seeds or (sweep.seeds.first,)


def drawn(sweep: Sweep) -> list[str]:
    """Figures and animations of all blocks, relative to results/: what makes a summary stale."""
    rules = ("plot", "plot_plasticity", "render")
    return [file for job in jobs(sweep) if job.rule in rules for file in job.outputs]


def jobs(sweep: Sweep) -> Iterator[Job]:
    """Every job that a sweep asks for when nothing is there yet, `all` aside."""
    files: dict[str, list[str]] = {}
    for file, rule in _RULE_OF_FILE.items():
        files.setdefault(rule, []).append(file)
    at_the_end = tuple(files.pop("summarise"))
    for run, point in sweep.runs.items():
        for block in blocks(sweep):
            home = f"runs/{run}/seeds_{block}"
            for rule, names in files.items():
                if rule != "plot_plasticity" or CORES[point.core].plastic:
                    yield Job(rule, run, block, tuple(f"{home}/{name}" for name in names))
            first, last = map(int, block.split("-"))
            for seed in rendered_seeds(sweep):
                for episode in range(sweep.render.num_episodes if first <= seed <= last else 0):
                    yield Job(
                        "render", run, block, (f"{home}/videos/episode_{seed}_{episode}.gif",)
                    )
    yield Job("summarise", "", "", at_the_end)


def rule_settings(sweep: Sweep, rule: str, run: str | None = None) -> dict[str, Any]:
    """The params of `rule`, its code aside: what it uses of the sweep and nothing else.

    `run` is needed for `train` alone.
    """
    if rule == "train":
        return resolved(sweep.runs[run or ""])
    if rule == "evaluate":
        return sweep.evaluation.model_dump()
    if rule == "collect":
        names = ("num_episodes", "checkpoint", "max_recorded_mb")
        return {name: getattr(sweep.analysis, name) for name in names}
    if rule == "render":
        return {"fps": sweep.render.fps, "checkpoint": sweep.render.checkpoint}
    if rule in ("plot", "plot_plasticity"):
        return {"color_by": sweep.analysis.color_by}
    if rule == "summarise":
        # Without messages as before there were any, so that no summary is stale by the key alone.
        messages = {"messages": list(sweep.messages)} if sweep.messages else {}
        return {
            **messages,
            "name": sweep.name,
            "runs": list(sweep.runs),
            "blocks": blocks(sweep),
            "rendered_seeds": list(rendered_seeds(sweep)),
            "sections": {
                name: getattr(sweep, name).model_dump()
                for name in ("evaluation", "render", "analysis")
            },
        }
    return {}


def recorded_settings(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """The params of a record as `rule_settings` gives them: an episode's number is no setting."""
    return {name: value for name, value in (params or {}).items() if name != "episode"}


def rule_of(path: str) -> str | None:
    """The rule that makes a file; `path` is relative to results/ or to an experiment directory."""
    within = BLOCK_PATH.fullmatch(path)
    file = within["file"] if within else path
    return "render" if _VIDEO.fullmatch(file) else _RULE_OF_FILE.get(file)


def asks_for(sweep: Sweep, path: str) -> bool:
    """Whether the sweep's outputs include the file at `path`, relative to results/."""
    within = BLOCK_PATH.fullmatch(path)
    rule = rule_of(path)
    if within is None:
        return rule == "summarise"
    if rule is None or within["run"] not in sweep.runs or within["block"] not in blocks(sweep):
        return False
    if rule == "plot_plasticity":
        return CORES[sweep.runs[within["run"]].core].plastic
    video = _VIDEO.fullmatch(within["file"])
    if video is None:
        return True
    seed, episode = int(video["seed"]), int(video["episode"])
    first, last = map(int, within["block"].split("-"))
    wanted = seed in rendered_seeds(sweep) and episode < sweep.render.num_episodes
    return wanted and first <= seed <= last


def record_of(path: str) -> str:
    """The record of an output, beside it: `records/{rule}.json` of its folder."""
    rule = rule_of(path)
    within = BLOCK_PATH.fullmatch(path)
    video = _VIDEO.fullmatch(within["file"] if within else path)
    name = f"render_{video['seed']}_{video['episode']}" if video else rule
    file = PurePosixPath("records", f"{name}.json")
    if within is None:
        return str(file)
    return f"runs/{within['run']}/seeds_{within['block']}/{file}"
