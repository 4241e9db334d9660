"""What is to be reached on a task, and how a training on its way there is validated and noted.

    python -m benchmarks.reached MODULE TASK SETTING SEED,… SECONDS

runs `MODULE.reach` by each seed and prints what came of it as a line of JSON.
"""

import json
import sys
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import Agent, run_episodes
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task

THRESHOLDS = {
    "PositionCartPole-v1": 450.0,
    "DelayedMatch-v0": 0.95,
    "popgym-RepeatPreviousEasy-v0": 0.6,
}
PERIOD, EPISODES, ENVS = 5_000, 64, 32


@dataclass
class Run:
    """A training until its validation passes the threshold: None where it never has.

    Seconds of processor time and steps are those of the last validation; `scores` are (step,
    seconds, score) of all.
    """

    reached: bool | None = None
    seconds: float = 0.0
    steps: int = 0
    best: float = -np.inf
    scores: list[tuple[int, float, float]] = field(default_factory=list)

    def due(self, step: int) -> bool:
        """Whether a validation is due at this step."""
        return step // PERIOD > self.steps // PERIOD

    def enter(self, task: str, step: int, score: float) -> None:
        """Note a validation."""
        self.steps, self.best = step, max(self.best, score)
        self.scores.append((step, round(self.seconds, 3), round(score, 4)))
        if score >= THRESHOLDS[task]:
            self.reached = True


@cache
def task_of(task: str, num_envs: int) -> VectorTask:
    """So many environments of a task in lockstep."""
    return build_task(Hyperparameters(task=task), num_envs)


def validated(task: str, agent: Agent) -> float:
    """The fraction of right answers, or else the mean return, of episodes that are the same."""
    scores = run_episodes(agent, task_of(task, ENVS), EPISODES, seed=0)
    judged = scores.correct[~np.isnan(scores.correct)]
    return float(judged.mean() if judged.size else scores.returns.mean())


def main() -> None:
    """Reach it."""
    module, task, setting, seeds, seconds = sys.argv[1:]
    reach: Any = import_module(f"benchmarks.{module}").reach
    for seed in map(int, seeds.split(",")):
        print(json.dumps(asdict(reach(task, setting, seed, float(seconds)))), flush=True)


if __name__ == "__main__":
    main()
