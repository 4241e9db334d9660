"""The replay learner beside Stable-Baselines3's DQN on CartPole-v1 at equal steps, and by itself.

Both step the same environment; ours trains 96 transitions for each step, in windows, the DQN a
batch of 64. The recipe of stored states replays 320 rows for each step.
"""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.peers import peer
from benchmarks.turns import Measured, Worker, in_turns

STEPS = 4800
# 64 windows of 32 rows, 24 of them trained, for 16 steps: 96 transitions a step.
CARTPOLE: dict[str, Any] = {
    "task": "CartPole-v1",
    "learner": "dqn",
    "batch_size": 64,
    "replay_start": "stored",
    "sequence_length": 32,
    "burn_in_length": 8,
    "update_period": 16,
}
RECIPE: dict[str, Any] = {
    "task": "PositionCartPole-v1",
    "learner": "dqn",
    "replay_start": "stored",
    "sequence_length": 40,
    "burn_in_length": 8,
    "return_lambda": 0.8,
    "update_period": 8,
    "batch_size": 64,
    "learning_rate": 1e-3,
    "layer_norm": True,
    "buffer_size": 100_000,
}
SETTINGS = {"CartPole-v1": CARTPOLE, "the replay recipe": RECIPE}
CANDIDATES = {
    "CartPole-v1, mpn": ("CartPole-v1", "mpn"),
    "the replay recipe, mpn": ("the replay recipe", "mpn"),
    "the replay recipe, gru": ("the replay recipe", "gru"),
}


def prepare(settings: str, core: str, steps: str) -> Callable[[], dict[str, float]]:
    """What measures a training that goes on from call to call, validations left out."""
    from mpn_rl.learning.training import make_training
    from mpn_rl.parameters.hyperparameters import Hyperparameters

    endless = {"num_steps": 10**9, "validation_period": 10**9}
    given: dict[str, Any] = {**SETTINGS[settings], **endless, "core": core}
    hp = Hyperparameters(**given)
    training = make_training(hp, 0)
    while training.steps < 2 * hp.learning_starts:
        training.advance()
    rows = (hp.sequence_length or 0) - hp.burn_in_length

    def measure() -> dict[str, float]:
        before, updates = training.steps, training.learner.updates
        begin = time.process_time()
        while training.steps < before + int(steps):
            training.advance()
        seconds = time.process_time() - begin
        trained = (training.learner.updates - updates) * hp.batch_size * rows
        return {
            "rate": (training.steps - before) / seconds,
            "transitions": trained / seconds,
        }

    return measure


def measure(quick: bool) -> Part:
    """Measure all in turns."""
    steps = str(STEPS // 8 if quick else STEPS)
    workers = {
        name: Worker("benchmarks.replay:prepare", *given, steps)
        for name, given in CANDIDATES.items()
    }
    workers["Stable-Baselines3 DQN"] = peer("benchmarks.stable_baselines:dqn")
    measured = in_turns(workers, 1 if quick else 3)
    return Part({"replay": _rates(measured)}, _marks(measured))


def _marks(measured: Measured) -> list[Mark | Missing]:
    ours, theirs = "CartPole-v1, mpn", "Stable-Baselines3 DQN"
    pairs = {key: ((ours, key), (theirs, key)) for key in ("rate", "transitions")}
    return [
        measured.mark("environment steps/s, Stable-Baselines3 DQN (MLP 64)", pairs["rate"], 2.0),
        measured.mark("transitions trained/s, the same", pairs["transitions"], 2.0),
    ]


def _rates(measured: Measured) -> list[list[str]]:
    rows = [["training by replay", "steps/s", "transitions trained/s"]]
    for name in (*CANDIDATES, "Stable-Baselines3 DQN"):
        trained = "" if "Delayed" in name else measured.text(name, "transitions")
        rows.append([name, measured.text(name, "rate"), trained])
    return rows
