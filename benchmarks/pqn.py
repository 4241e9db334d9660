"""Steps per second of PQN on CartPole-v1, with every core, beside others and beside the limit.

Ours is a whole training through the API, from the first step to its result, with all that it does:
history, validations, finite checks. `jax_pqn` is the same algorithm as one jitted program, which
does none of these, and goes on from call to call.
"""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.peers import peer
from benchmarks.turns import Measured, Worker, in_turns, number

CORES = ("mpn", "gru", "lstm", "rnn")
MARKS = {"mpn": 2.5, "gru": 2.5, "lstm": 2.0, "rnn": 2.0}
OF_LIMIT = 0.4
STEPS, FEW_STEPS = 100_000, 20_000
SETTINGS: dict[str, Any] = {
    "task": "CartPole-v1",
    "learner": "pqn",
    "hidden_dim": 64,
    "num_envs": 16,
    "rollout_length": 64,
    "rollout_epochs": 4,
    "rollout_minibatches": 4,
    "layer_norm": True,
    "return_lambda": 0.9,
    "learning_rate": 1e-3,
}
# Parts of a training step are told by what it costs without them.
WITHOUT = {
    "all": {},
    "validation": {"validation_period": 10**9},
    "epochs": {"validation_period": 10**9, "rollout_epochs": 1},
}


def prepare(core: str, steps: str, without: str) -> Callable[[], dict[str, float]]:
    """What trains a new seed each time."""
    from mpn_rl.learning.training import make_training
    from mpn_rl.parameters.hyperparameters import Hyperparameters

    settings = SETTINGS | WITHOUT[without] | {"core": core, "num_steps": int(steps)}
    hp = Hyperparameters(**settings)
    make_training(Hyperparameters(**settings | {"num_steps": 4096}), 0).run(_nothing)
    seed = 0

    def measure() -> dict[str, float]:
        nonlocal seed
        seed += 1
        begin = time.process_time()
        result = make_training(hp, seed).run(_nothing)
        return {"rate": result.steps / (time.process_time() - begin)}

    return measure


def _nothing() -> None:
    pass


def measure(quick: bool) -> Part:
    """Measure all in turns."""
    steps = str(FEW_STEPS if quick else STEPS)
    target = "benchmarks.pqn:prepare"
    workers = {core: Worker(target, core, steps, "all") for core in CORES}
    if not quick:
        for core in CORES:
            for name in ("validation", "epochs"):
                workers[f"{core} without {name}"] = Worker(target, core, steps, name)
    workers |= {f"jax {core}": peer("benchmarks.jax_pqn:prepare", core) for core in CORES}
    workers["ppo"] = peer("benchmarks.stable_baselines:ppo")
    workers["limit"] = Worker("benchmarks.limit:prepare")
    measured = in_turns(workers, 1 if quick else 4)
    tables = {"pqn": _rates(measured), "pqn_compile": _compiling(measured)}
    if not quick:
        tables["pqn_parts"] = _parts(measured)
    return Part(tables, [mark for core in CORES for mark in _marks(measured, core)])


def _marks(measured: Measured, core: str) -> list[Mark | Missing]:
    ours, jitted = (core, "rate"), (f"jax {core}", "rate")
    what = f"PQN steps/s, {core}"
    return [
        measured.mark(f"{what}, against one jitted program", (ours, jitted), MARKS[core]),
        measured.mark(f"{what}, against the limit", (ours, ("limit", core)), OF_LIMIT),
    ]


def _rates(measured: Measured) -> list[list[str]]:
    """A row per core: steps per second of ours, of others, the limit, and ratios."""
    head = ["core", "mpn-rl", "one jitted program", "ratio", "limit", "share of the limit"]
    rows = [[*head, "RecurrentPPO"]]
    for core in CORES:
        jitted = measured.ratio(core, "rate", f"jax {core}")
        share = measured.ratio(core, "rate", "limit", core)
        rows.append(
            [
                core,
                measured.text(core, "rate"),
                measured.text(f"jax {core}", "rate"),
                "" if jitted is None else f"{jitted:.2f} ×",
                measured.text("limit", core),
                "" if share is None else f"{share:.2f}",
                measured.text("ppo", "rate") if core == "lstm" else "",
            ]
        )
    return rows


def _compiling(measured: Measured) -> list[list[str]]:
    """Processor seconds until a process has measured what it is to measure for the first time."""
    rows = [["seconds to the first measurement", *CORES]]
    for name, prefix in (("one jitted program", "jax "), ("mpn-rl, kernels on disk", "")):
        taken = (measured.prepared.get(prefix + core) for core in CORES)
        rows.append([name, *("" if seconds is None else f"{seconds:.1f}" for seconds in taken)])
    return rows


def _parts(measured: Measured) -> list[list[str]]:
    """µs of a step by part, each part told by what a training costs without it."""
    rows = [["µs per step", "all", "validation", "learning, 4 epochs", "the rest"]]
    for core in CORES:
        names = (core, f"{core} without validation", f"{core} without epochs")
        found = [measured.spread(name, "rate") for name in names]
        if None in found:
            continue
        whole, unvalidated, one_epoch = (1e6 / rate.median for rate in found if rate is not None)
        learning = 4 / 3 * (unvalidated - one_epoch)
        parts = (whole, whole - unvalidated, learning, unvalidated - learning)
        rows.append([core, *map(number, parts)])
    return rows
