"""A cell of the guard's table: a core trained on a task with the default flags, by fresh seeds."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.guard_rows import Outcome, Row, row_of
from mpn_rl.interruption import check
from mpn_rl.learning.training import make_training
from mpn_rl.parameters.catalogue import CORES, TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.evaluation import evaluate_agents
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.sweep.ledger.code.digests import code_digest, stage_digest
from mpn_rl.sweep.stages.agents import Trained
from mpn_rl.sweep.stages.altered import MEMORYLESS
from mpn_rl.tasks.build import build_task

log = logging.getLogger(__name__)

FORMAT = 1  # of a row: another one makes every cell anew
FIRST_SEED, OWN_SEEDS, OTHER_SEEDS = 1000, 10, 3
ENVS, EPISODES = 32, 128
RANDOM_ENVS, RANDOM_EPISODES, RANDOM_STEPS = 10, 200, 4_000
CARTPOLES = {"CartPole-v1": 475.0, "PositionCartPole-v1": 475.0}
SOLVED_CORRECT = 0.95
LEFT_OUT = ("frame-stack", "mpn-random")  # controls, which the defaults were not made for
OTHER_CORES = ("mpn", "gru")


class Problem(NamedTuple):
    """A task in a setting, and the score from which it counts as solved; None where none is set."""

    task: str
    setting: Mapping[str, Any]
    threshold: float | None

    @property
    def name(self) -> str:
        """As tables show it."""
        given = ", ".join(f"{name} {value}" for name, value in self.setting.items())
        return f"{self.task} ({given})" if given else self.task


def _limited(task: str, steps: int) -> Problem:
    return Problem(task, {"max_episode_steps": steps}, None)


OWN = [
    *(Problem(task, {}, SOLVED_CORRECT) for task in TASKS if not task.endswith("CartPole-v1")),
    *(Problem(task, {}, threshold) for task, threshold in CARTPOLES.items()),
]
OTHERS = [
    Problem("MountainCar-v0", {}, None),
    Problem("Taxi-v4", {}, None),
    Problem("LunarLander-v3", {}, None),
    Problem("popgym-RepeatPreviousEasy-v0", {}, None),
    Problem("popgym-PositionOnlyCartPoleEasy-v0", {}, None),
    Problem("popgym-HigherLowerEasy-v0", {}, None),
    _limited("neurogym:DelayMatchSample-v0", 100),
    _limited("minigrid:MiniGrid-MemoryS7-v0", 60),
    Problem("Acrobot-v1", {}, None),
    Problem("FrozenLake-v1", {}, None),
    _limited("CliffWalking-v1", 200),
    Problem("popgym-RepeatFirstEasy-v0", {}, None),
    Problem("popgym-CountRecallEasy-v0", {}, None),
    Problem("popgym-NoisyPositionOnlyCartPoleEasy-v0", {}, None),
    _limited("neurogym:PerceptualDecisionMaking-v0", 100),
    _limited("neurogym:ContextDecisionMaking-v0", 100),
    Problem("shimmy:bsuite/catch-v0", {}, None),
    Problem("tests.packages.own_tasks:MemoryLen-v0", {}, None),
    _limited("minigrid:MiniGrid-DoorKey-5x5-v0", 100),
]


@dataclass(frozen=True)
class Cell:
    """A core on a problem by some seeds."""

    problem: Problem
    core: str
    seeds: Sequence[int]

    def hyperparameters(self) -> Hyperparameters:
        """The default flags."""
        setting = dict(self.problem.setting)
        return Hyperparameters(task=self.problem.task, core=self.core, **setting)

    def code(self) -> str:
        """A digest of what the row comes from: the code that trains, the seeds."""
        train = stage_digest("train", self.hyperparameters())
        return code_digest({"train": train, "row": f"{FORMAT} {list(self.seeds)}"})[:12]


def all_cells() -> list[Cell]:
    """Every cell of the table."""
    cores = [core for core in CORES if core not in (*MEMORYLESS, *LEFT_OUT)]
    own = range(FIRST_SEED, FIRST_SEED + OWN_SEEDS)
    few = range(FIRST_SEED, FIRST_SEED + OTHER_SEEDS)
    cells = [Cell(problem, core, own) for problem in OWN for core in cores]
    return cells + [Cell(problem, core, few) for problem in OTHERS for core in OTHER_CORES]


def make_row(cell: Cell, code: str) -> Row:
    """Train, evaluate and judge every seed of a cell, whose digest is `code`.

    Raises UserError where the task cannot be made here.
    """
    began = time.process_time()
    given = cell.hyperparameters()
    outcomes, filled = [], given
    for seed in cell.seeds:
        outcome, filled = _outcome(given, seed)
        outcomes.append(outcome)
        log.info("%s, %s, seed %d: %s", cell.problem.name, cell.core, seed, outcome.said())
    row = row_of(outcomes, cell.problem.threshold, *random_scores(given))
    head: Row = {"task": cell.problem.name, "core": cell.core, "code": code}
    recipe = filled_in(given, filled)
    told = {"learner": filled.learner, "budget": filled.num_steps, "recipe": recipe}
    return {**head, **told, **row, "cell_seconds": time.process_time() - began}


def filled_in(given: Hyperparameters, filled: Hyperparameters) -> str:
    """What null has come to mean: `learner pqn; num_steps 100000`."""
    before, after = given.model_dump(), filled.model_dump()
    found = {name: value for name, value in after.items() if before.get(name) is None}
    return "; ".join(f"{name} {value}" for name, value in found.items() if value is not None)


def _outcome(given: Hyperparameters, seed: int) -> tuple[Outcome, Hyperparameters]:
    training = make_training(given, seed)
    training.prepare()
    began = time.process_time()
    result = training.run(check)
    seconds = time.process_time() - began
    filled, task = training.hyperparameters, training.task
    form, actions = task.observation_form, task.num_actions
    metric = "correct" if task.has_answer else "return"
    history, scores = result.history, dict.fromkeys(("final", "best"), np.nan)
    if result.failure is None:
        for name in scores:
            network = {name: w.numpy() for name, w in getattr(result, name).items()}
            trained = Trained(Path(name), filled, form, actions, {seed: network}, (seed,))
            scores[name] = _score(trained, metric)
    values = getattr(history, f"validation_{metric}")
    curve = list(zip(history.validation_step, values, strict=True))
    outcome = Outcome(metric, curve, scores["final"], scores["best"], seconds, result.failure)
    return outcome, filled


def _score(trained: Trained, metric: str) -> float:
    """The mean over fresh episodes."""
    played = evaluate_agents(trained.agents(ENVS), trained.task(ENVS), EPISODES)
    return float(played[metric].mean())


def random_scores(hyperparameters: Hyperparameters) -> tuple[float, list[float]]:
    """The random agent's expected score, and those of its episodes where that is not known."""
    task = build_task(hyperparameters, RANDOM_ENVS)
    if (expected := task.expected("random")) is not None:
        return expected[1 if task.has_answer else 0], []
    generator = np.random.default_rng(integer_seed(FIRST_SEED, "evaluation_task", index=1))
    played = run_episodes(
        lambda _, seen: generator.integers(task.num_actions, size=len(seen)),
        task,
        RANDOM_EPISODES,
        integer_seed(FIRST_SEED, "evaluation_task"),
        most_steps=RANDOM_STEPS,
    )
    scores = played.correct if task.has_answer else played.returns
    return float(scores.mean()), scores.tolist()
