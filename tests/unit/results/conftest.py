"""A results folder of two small runs, trained and evaluated, and recorded where it is plastic."""

from pathlib import Path
from typing import Any

import pytest

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from tests.fixtures.stages import run_rule, train

SMALL: dict[str, Any] = {
    "delay": 1,
    "encoder_dim": 4,
    "hidden_dim": 4,
    "learner": "pqn",
    "num_steps": 512,
    "num_envs": 4,
    "validation_period": 128,
    "validation_episodes": 4,
}


def made(block: Path, seeds: tuple[int, ...], **changes: Any) -> Path:
    """A trained and evaluated block of seeds."""
    point = Hyperparameters(**{**SMALL, **changes})
    train(block, run_id(point), resolved(point), seeds=seeds)
    run_rule(block, "evaluate", run_id(point), num_episodes=20, checkpoint="final")
    return block


@pytest.fixture(scope="session")
def sweep_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("sweep") / "results"
    for core in ("mpn", "mpn-frozen"):
        run = run_id(Hyperparameters(**SMALL, core=core))
        for seed in (0, 1):
            made(results / "runs" / run / f"seeds_{seed}-{seed}", (seed,), core=core)
    run = run_id(Hyperparameters(**SMALL, core="mpn"))
    block = results / "runs" / run / "seeds_0-0"
    run_rule(block, "collect", run, num_episodes=6, checkpoint="final", max_recorded_mb=1.0)
    run_rule(block, "analyse", run, checkpoint="final")
    return results
