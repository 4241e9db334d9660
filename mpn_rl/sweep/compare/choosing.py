"""From a sweep that tunes to the config of one that reports: the best run of each problem and core.

Runs are chosen by their validations while they trained, on the seeds of that sweep. The config that
reports has other seeds: scores on those by which a run was chosen would flatter it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import DEFAULTS, Hyperparameters
from mpn_rl.parameters.points import applicable
from mpn_rl.sweep.compare.subjects import OF_TASK
from mpn_rl.sweep.config.sweep import Sweep as Config
from mpn_rl.sweep.results.scores import block_data
from mpn_rl.sweep.results.sweep import Sweep
from mpn_rl.sweep.summary.data import rows_by
from mpn_rl.sweep.summary.facts import run_table
from mpn_rl.sweep.summary.scores import choose_runs, grouped, pooled, seed_scores


def chosen_runs(sweep: Sweep, config: Config) -> dict[str, str]:
    """The chosen runs, each with its core and problem in words, in the order of the config.

    Raises ArtifactError where a block of the config is missing: the best may be among those.
    """
    there = {(block.run, *block.seeds) for block in sweep.blocks}
    missing = [run for run in config.runs for own in config.blocks if (run, *own) not in there]
    if missing:
        raise ArtifactError(
            f"{sweep.directory}: {len(missing)} blocks are not trained yet, of {missing[0]} the "
            "first; choose when the sweep is complete"
        )
    blocks = [block_data(block) for block in sweep.blocks]
    runs = run_table(blocks, OF_TASK)
    scores = seed_scores(blocks, runs)
    by_run = grouped(scores, ["task", "setting", "run", "core", "metric"], pooled)
    rows = rows_by(choose_runs(runs, blocks, by_run), "run")
    heads = {run: (rows[run]["core"], rows[run]["task"], rows[run]["setting"]) for run in rows}
    chosen = [run for run in config.runs if rows[run]["chosen"]]
    return {run: ", ".join(filter(None, map(str, heads[run]))) for run in chosen}


def report_config(config: Config, chosen: Sequence[str], seeds: Mapping[str, int]) -> str:
    """A config in YAML that trains the chosen runs with other seeds; `seeds`: that section.

    What was left out while tuning (`enabled: false`) is done in the report. Raises UserError for
    seeds that are among those by which was chosen.
    """
    tuning = {seed for block in config.blocks for seed in block}
    first, last = seeds["first"], seeds["first"] + seeds["count"] - 1
    if tuning & {*range(first, last + 1)}:
        raise UserError(
            f"seeds {first} to {last}: some are among those that chose, {min(tuning)} to "
            f"{max(tuning)}; report on others (--first)"
        )
    points = [given(config.runs[run]) for run in chosen]
    base = {n: v for n, v in points[0].items() if all(n in p and p[n] == v for p in points)}
    own = [{n: v for n, v in point.items() if n not in base} for point in points]
    data: dict[str, Any] = {"sweep": {"name": f"{config.name} - chosen"[:80], "base": base}}
    if len(points) > 1:
        data["sweep"]["points"] = own
    data["seeds"] = dict(seeds)
    kept = {n: v for n, v in config.document.items() if n not in ("sweep", "seeds")}
    data |= {n: v for n, v in kept.items() if not _left_out(v)}
    text: str = yaml.safe_dump(data, sort_keys=False, default_flow_style=None, width=100)
    return text


def _left_out(section: Any) -> bool:
    return isinstance(section, Mapping) and section.get("enabled") is False


def given(point: Hyperparameters) -> dict[str, Any]:
    """What a config has to say for a run to be this one: what is not at its default."""
    names = ("task", "core", *applicable(vars(point)))
    values = {name: getattr(point, name) for name in names}
    if point.learner is not None:
        values["learner"] = point.learner
    return {n: v for n, v in values.items() if n in ("task", "core") or v != DEFAULTS[n]}


def tuned(config: Config, results: Path) -> Sweep:
    """The results of a config; ArtifactError without any."""
    names = set(config.blocks)
    found = Sweep(results)
    blocks = [b for b in found.blocks if b.run in config.runs and tuple(b.seeds) in names]
    if not blocks:
        raise ArtifactError(f"{results}: no trained blocks of this config are here")
    return Sweep.of(results, blocks)
