"""Environments that others wrote: what a step costs beside the environment's own."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.turns import Measured, Worker, in_turns, number

ENVS, ACTING = 16, 1000
SLOW, STEPS = ("Acrobot-v1", "benchmarks.twin:SlowCartPole-v1"), 12_000
MARK_US, MARK_SHARE = 150.0, 0.7
# A rollout longer than what is measured: nothing is learned in between.
ACT: dict[str, Any] = {
    "task": "benchmarks.twin:TwinCartPole-v1",
    "learner": "pqn",
    "layer_norm": True,
    "num_envs": ENVS,
    "num_steps": 10**9,
    "validation_period": 10**9,
}
TRAIN: dict[str, Any] = {"learner": "pqn", "layer_norm": True, "core": "mpn"}


def acting(core: str, rounds: str) -> Callable[[], dict[str, float]]:
    """What measures steps of all environments with network, exploration and storing."""
    from mpn_rl.learning.training import make_training
    from mpn_rl.parameters.hyperparameters import Hyperparameters

    given: dict[str, Any] = {**ACT, "core": core, "rollout_length": ACTING * (int(rounds) + 2)}
    training = make_training(Hyperparameters(**given), 0)

    def measure() -> dict[str, float]:
        before, begin = training.steps, time.process_time()
        while training.steps < before + ACTING * ENVS:
            training.advance()
        seconds = time.process_time() - begin
        return {"us": 1e6 * seconds * ENVS / (training.steps - before)}

    measure()
    return measure


def bare(task: str) -> Callable[[], dict[str, float]]:
    """What measures the environment alone, by random actions: steps per second, µs of 16."""
    import gymnasium
    import numpy as np

    env = gymnasium.make(task)
    random = np.random.default_rng(0)

    def measure() -> dict[str, float]:
        actions = random.integers(0, env.action_space.n, 4000).tolist()  # type: ignore[attr-defined]
        env.reset(seed=0)
        begin = time.process_time()
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        seconds = time.process_time() - begin
        return {"rate": len(actions) / seconds, "us": 1e6 * seconds * ENVS / len(actions)}

    return measure


def training(task: str, steps: str) -> Callable[[], dict[str, float]]:
    """What measures whole trainings, validations and all."""
    from mpn_rl.learning.training import make_training
    from mpn_rl.parameters.hyperparameters import Hyperparameters

    hp = Hyperparameters(**TRAIN, task=task, num_steps=int(steps))
    make_training(hp, 0).prepare()

    def measure() -> dict[str, float]:
        begin = time.process_time()
        result = make_training(hp, 0).run(lambda: None)
        return {"rate": result.steps / (time.process_time() - begin)}

    return measure


def measure(quick: bool) -> Part:
    """Measure all in turns."""
    here, rounds = "benchmarks.foreign", 1 if quick else 3
    steps = str(STEPS // 10 if quick else STEPS)
    workers = {
        f"acting {core}": Worker(f"{here}:acting", core, str(rounds)) for core in ("mpn", "gru")
    }
    workers["bare CartPole-v1"] = Worker(f"{here}:bare", "CartPole-v1")
    for task in SLOW:
        workers[task] = Worker(f"{here}:training", task, steps)
        workers[f"bare {task}"] = Worker(f"{here}:bare", task)
    measured = in_turns(workers, rounds)
    return Part({"foreign": _rows(measured)}, _marks(measured))


def _rows(measured: Measured) -> list[list[str]]:
    rows = [["", "mpn", "gru", "the environments alone"]]
    names = ("acting mpn", "acting gru", "bare CartPole-v1")
    texts = [measured.text(name, "us") for name in names]
    rows.append(["16 × CartPole-v1 of Gymnasium, µs a step of all", *texts])
    for task in SLOW:
        ours, alone = (measured.text(name, "rate") for name in (task, f"bare {task}"))
        rows.append([f"training on {_short(task)}, steps/s", ours, "", alone])
    return rows


def _short(task: str) -> str:
    return task.rpartition(":")[2]


def _marks(measured: Measured) -> list[Mark | Missing]:
    found: list[Mark | Missing] = []
    for core in ("mpn", "gru"):
        what = f"a step of 16 CartPole-v1 of Gymnasium, {core}"
        taken = measured.spread(f"acting {core}", "us")
        if taken is None:
            found.append(Missing(what, measured.failed[f"acting {core}"]))
            continue
        text = f"{number(taken.median)} µs"
        found.append(Mark(what, text, "", taken.median, MARK_US, unit="µs", at_most=True))
    for task in SLOW:
        pair = ((task, "rate"), (f"bare {task}", "rate"))
        what = f"training steps/s on {_short(task)}, against its bare step"
        found.append(measured.mark(what, pair, MARK_SHARE))
    return found
