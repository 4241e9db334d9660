"""A made-up sweep: two tasks, one with a right answer, four cores, a failed seed."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.analysis.summary_data import BlockData, SweepData

VERSIONS = {"mpn-rl": "0.1.0", "torch": "2.13.0", "numpy": "2.4.6", "snakemake": "9.20.0"}
TASK_PARAMETERS = frozenset({"delay", "observation_noise", "coherence", "max_episode_steps"})
REACHED = {"mpn": 0.98, "mpn-frozen": 0.5, "gru": 0.97, "lstm": 0.9, "rnn": 0.75}


def sweep(name: str = "memory") -> SweepData:
    return SweepData(name, "0f3c2a9b11d2", TASK_PARAMETERS, {"eta": "", "delay": "steps"})


def block(
    core: str, seeds: Sequence[int], failed: Sequence[int] = (), **settings: Any
) -> BlockData:
    """A block whose curves rise to what its core can reach, more slowly with a longer delay."""
    point = {"task": "DelayedMatch-v0", "core": core, "hidden_dim": 64, **settings}
    run = f"{point['task']}_{core}_{zlib.crc32(repr(sorted(point.items())).encode()):08x}"
    generator = np.random.default_rng([zlib.crc32(run.encode()), *seeds])
    judged = point["task"] != "CartPole-v1"
    history = {
        seed: entry(core, generator, judged, seed in failed, point.get("eta", 0.1))
        for seed in seeds
    }
    return BlockData(
        run=run,
        seeds=tuple(seeds),
        hyperparameters=point,
        history=history,
        evaluation=evaluation(history, generator, judged),
        pca=spectra([seed for seed in seeds if seed not in failed], core, generator),
        records=records(run, seeds),
        references=references(core, judged),
    )


def references(core: str, judged: bool) -> pd.DataFrame:
    """Random and best memoryless agents at chance and a perfect oracle, or CartPole's returns."""
    returns = (0.0, 0.0, 1.0) if judged else (22.0, 45.0, 500.0)
    correct = [0.5, 0.5, 1.0] if judged else [np.nan] * 3
    return pd.DataFrame(
        {
            "agent": ["random", "memoryless", "oracle", core],
            "return": [*returns, np.nan],
            "correct": [*correct, np.nan],
            "num_episodes": pd.array([1000, 1000, 1000 if judged else 0, 0], "Int64"),
            "parameters": pd.array([None, None, None, 4482 + 97 * len(core)], "Int64"),
        }
    )


def entry(
    core: str, generator: np.random.Generator, judged: bool, failed: bool, eta: float
) -> dict[str, Any]:
    steps = 20_000 if failed else 80_000
    top = 0.5 + (REACHED.get(core, 0.8) - 0.5) * min(1.0, 10 * eta if core == "mpn" else 1.0)
    middle = generator.normal(40_000, 5_000)
    validated = np.arange(5_000, steps + 1, 5_000)
    correct = 0.5 + (top - 0.5) / (1 + np.exp((middle - validated) / 6_000))
    correct = np.clip(correct + generator.normal(0, 0.01, len(correct)), 0, 1)
    ends = np.arange(9, steps, 90)
    chance = 0.5 + (top - 0.5) / (1 + np.exp((middle - ends) / 6_000))
    scale = 1.0 if judged else 250.0
    returns = scale * np.where(generator.random(len(ends)) < chance, 1.0, -1.0 if judged else 0.0)
    return {
        "status": "failed" if failed else "completed",
        "failure": "loss is not finite" if failed else None,
        "steps": steps,
        "updates": steps // 36,
        "episode_return": returns.tolist(),
        "episode_length": [9] * len(ends),
        "episode_end_step": ends.tolist(),
        "exploration_epsilon": np.clip(1 - ends / 20_000, 0.05, 1).tolist(),
        "loss": [],
        "loss_step": [],
        "gradient_norm": [],
        "validation_step": validated.tolist(),
        "validation_return": (scale * (2 * correct - 1 if judged else correct)).tolist(),
        "validation_correct": correct.tolist() if judged else None,
        "best_step": steps,
    }


def evaluation(
    history: dict[int, dict[str, Any]], generator: np.random.Generator, judged: bool
) -> pd.DataFrame:
    parts = [pd.DataFrame({name: pd.Series(dtype=float) for name in EVALUATION})]
    for seed, found in history.items():
        if found["status"] == "failed":
            continue
        if judged:
            correct = (generator.random(100) < found["validation_correct"][-1]).astype(float)
            returns = 2 * correct - 1
        else:
            correct, returns = (
                np.full(100, np.nan),
                generator.normal(found["validation_return"][-1], 20, 100),
            )
        table = {
            "seed": seed,
            "episode": np.arange(100),
            "return": returns,
            "length": 9,
            "correct": correct,
        }
        parts.append(pd.DataFrame(table))
    return pd.concat(parts[1:] or parts, ignore_index=True)


EVALUATION = ("seed", "episode", "return", "length", "correct")


def spectra(seeds: Sequence[int], core: str, generator: np.random.Generator) -> pd.DataFrame:
    parts = []
    for seed in seeds:
        for variable in ("hidden", "M") if core == "mpn" else ("hidden",):
            width = (4.0 if variable == "hidden" else 2.5) + len(core) / 4
            variance = np.exp(-np.arange(30) / width) * generator.lognormal(0, 0.15, 30)
            variance = np.sort(variance)[::-1]
            ratio = variance / variance.sum()
            table = {
                "seed": seed,
                "variable": variable,
                "component": np.arange(1, 31),
                "variance": variance,
                "variance_ratio": ratio,
                "cumulative_ratio": np.cumsum(ratio),
                "participation_ratio": 1 / np.square(ratio).sum(),
            }
            parts.append(pd.DataFrame(table))
    columns = ("seed", "variable", "component", "variance", "variance_ratio", "cumulative_ratio")
    empty = pd.DataFrame(
        {name: pd.Series(dtype=float) for name in (*columns, "participation_ratio")}
    )
    return pd.concat(parts, ignore_index=True) if parts else empty


def records(run: str, seeds: Sequence[int]) -> list[dict[str, Any]]:
    seconds = {"train": 41.5, "evaluate": 3.2, "collect": 2.9, "analyse": 5.1}
    return [
        {
            "stage": stage,
            "run": run,
            "seeds": list(seeds),
            "versions": VERSIONS,
            "commit": "4f07de7c450d3bc299e71f434a945fa056912",
            "host": "node1",
            "started": "2026-01-01T00:00:00+00:00",
            "finished": "2026-01-01T00:01:00+00:00",
            "wall_seconds": wall,
            "cpu_seconds": 0.9 * wall,
        }
        for stage, wall in seconds.items()
    ]


def small_sweep() -> list[BlockData]:
    """Three cores on one task, one run each, in two blocks; one seed failed."""
    return [
        block(core, seeds, failed=[3] if core == "gru" and 3 in seeds else [])
        for core in ("mpn", "mpn-frozen", "gru")
        for seeds in ((0, 1), (2, 3))
    ]


def large_sweep(runs_per_core: int = 10) -> list[BlockData]:
    """Two tasks, the first at two delays; eta, learning rate and gamma swept."""
    blocks: dict[str, BlockData] = {}
    for core in ("mpn", "mpn-frozen", "rnn", "gru", "lstm"):
        for number in range(runs_per_core):
            settings: dict[str, Any] = {"learning_rate": (5e-4, 1e-3, 2e-3, 4e-3)[number % 4]}
            settings["gamma"] = round(0.9 + 0.0001 * (number // 3), 4)
            if core == "mpn":
                settings["eta"] = (0.01, 0.05, 0.1, 0.2, 0.4)[number % 5]
            if number % 3 == 0:
                settings |= {"task": "CartPole-v1"}
            else:
                settings |= {"delay": (6, 12)[number % 2]}
            made = block(core, (0, 1, 2), failed=[2] if number == 4 else [], **settings)
            blocks[made.run] = made
    return list(blocks.values())
