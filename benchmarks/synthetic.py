"""Made-up results of many runs, of the size that the default sweep's blocks have.

Contents repeat from run to run and are hard links of one set of files: a summary reads and holds as
much as if they differed.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.artifacts.baselines import BASELINES, write_baselines
from mpn_rl.artifacts.evaluation import write_evaluation
from mpn_rl.artifacts.experiment import write_config
from mpn_rl.artifacts.history import write_history
from mpn_rl.artifacts.paths import PATHS, write_paths
from mpn_rl.artifacts.pca import write_pca
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import canonical, resolved, run_id
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.ledger import recording

SEEDS = tuple(range(10))
SETTING = "DelayedMatch-v0_00000000"
STEPS, EPISODE, EPISODES, COMPONENTS = 50_000, 9, 100, 64


def write_results(results: Path, runs: int) -> dict[str, Any]:
    """Write `runs` runs of one block each; return the params of the summary."""
    points = [Hyperparameters(eta=round(0.001 * (n + 1), 4)) for n in range(runs)]
    names = [run_id(point) for point in points]
    assert len(set(map(canonical, points))) == runs
    homes = [results / "runs" / name / f"seeds_{SEEDS[0]}-{SEEDS[-1]}" for name in names]
    _write_block(homes[0])
    for name, point, home in zip(names, points, homes, strict=True):
        for old, new in zip(_shared(homes[0]), _shared(home), strict=True):
            if home != homes[0]:
                new.parent.mkdir(parents=True, exist_ok=True)
                os.link(old, new)
        path = file_in(home, "config")
        write_config(path, run=name, hyperparameters=resolved(point), seeds=list(SEEDS))
        about: dict[str, Any] = {"code": "0", "params": {}, "inputs": [], "seeds": SEEDS}
        with recording(home, "train", run=name, outputs=[path, *_shared(home)], **about):
            pass
    _write_baselines(results)
    sections = {
        "evaluation": {"num_episodes": EPISODES},
        "render": {"num_episodes": 0},
        "analysis": {"num_episodes": EPISODES},
    }
    return {
        "name": "synthetic",
        "baselines": dict.fromkeys(names, SETTING),
        "runs": names,
        "rendered_seeds": [SEEDS[0]],
        "blocks": [f"{SEEDS[0]}-{SEEDS[-1]}"],
        "sections": sections,
    }


def _shared(experiment: Path) -> list[Path]:
    return [file_in(experiment, name) for name in ("history", "evaluation", "pca", "paths")]


def _write_block(experiment: Path) -> None:
    generator = np.random.default_rng(0)
    write_history(file_in(experiment, "history"), {seed: _history(generator) for seed in SEEDS})
    rows = len(SEEDS) * EPISODES
    right = generator.integers(0, 2, rows).astype(float)
    table = {
        "seed": np.repeat(SEEDS, EPISODES),
        "episode": np.tile(np.arange(EPISODES), 10),
        "return": 2 * right - 1,
        "length": EPISODE,
        "correct": right,
    }
    write_evaluation(file_in(experiment, "evaluation"), pd.DataFrame(table))
    variance = np.sort(generator.random(COMPONENTS))[::-1] / COMPONENTS
    spectra = [
        pd.DataFrame(
            {
                "seed": seed,
                "variable": variable,
                "component": np.arange(COMPONENTS) + 1,
                "variance": variance,
                "variance_ratio": variance,
                "cumulative_ratio": variance.cumsum(),
                "participation_ratio": 3.0,
            }
        )
        for seed in SEEDS
        for variable in ("hidden", "M")
    ]
    write_pca(file_in(experiment, "pca"), pd.concat(spectra, ignore_index=True))
    write_paths(file_in(experiment, "paths"), _paths(generator))


def _paths(generator: np.random.Generator) -> pd.DataFrame:
    """A row per seed, state, value of the sample and step, as DelayedMatch leaves them."""
    each = [
        (seed, state, "sample", level, time, *generator.normal(size=2), EPISODES // 2)
        for seed in SEEDS
        for state in ("hidden", "M")
        for level in (0.0, 1.0)
        for time in range(EPISODE)
    ]
    return pd.DataFrame(each, columns=list(PATHS.names or ()))


def _write_baselines(results: Path) -> None:
    agents = [("random", 0.0, 0.5, 10_000), ("memoryless", 0.0, 0.5, 10_000)]
    table = pd.DataFrame(
        [*agents, ("oracle", 1.0, 1.0, 10_000)], columns=list(BASELINES.names or ())
    )
    path = results / "baselines" / f"{SETTING}.csv"
    about: dict[str, Any] = {"run": None, "code": "0", "params": {}, "inputs": [], "seeds": []}
    with recording(results, "baselines", outputs=[path], name=f"baselines_{SETTING}", **about):
        write_baselines(path, table)


def _history(generator: np.random.Generator) -> dict[str, Any]:
    ends = np.arange(EPISODE, STEPS, EPISODE)
    updates = np.arange(1000, STEPS, 36)
    validated = np.arange(5_000, STEPS + 1, 5_000)
    returns = generator.choice([-1.0, 1.0], len(ends))
    return {
        "status": "completed",
        "failure": None,
        "steps": STEPS,
        "updates": len(updates),
        "episode_return": returns.tolist(),
        "episode_length": [EPISODE] * len(ends),
        "episode_end_step": ends.tolist(),
        "exploration_epsilon": generator.random(len(ends)).tolist(),
        "loss": generator.random(len(updates)).tolist(),
        "loss_step": updates.tolist(),
        "gradient_norm": generator.random(len(updates)).tolist(),
        "validation_step": validated.tolist(),
        "validation_return": generator.random(len(validated)).tolist(),
        "validation_correct": generator.random(len(validated)).tolist(),
        "best_step": STEPS,
    }
