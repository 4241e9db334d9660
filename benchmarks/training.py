"""Throughput of training on CartPole-v1 beside others, in rates per second of processor time.

One thread each, one after the other in rounds; the figures are the medians over the rounds. What is
timed is the whole loop: acting, storing, sampling, updating.
"""

import statistics
import time
from collections.abc import Callable

from benchmarks.eager_dqn import BATCH, EagerDQN
from benchmarks.marks import Mark, Missing
from benchmarks.peers import PeerError, rates
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters

ROUNDS = 3
STEPS = {"ours": 6400, "eager": 500, "dqn": 2500, "ppo": 512}
OURS = Hyperparameters(
    task="CartPole-v1",
    hidden_dim=64,
    replay_start="stored",
    sequence_length=32,
    burn_in_length=8,
    update_period=16,
    validation_period=10**9,
    num_steps=10**9,
)
Rates = tuple[float, float]  # environment steps, transitions trained, per second


def ours(training: SeedTraining) -> Rates:
    """Rates of this package's training, which goes on from call to call.

    Of each sequence only the part after the burn-in counts as trained.
    """
    steps, updates, begin = training.steps, training.learner.updates, time.process_time()
    while training.steps < steps + STEPS["ours"]:
        training.advance()
    seconds = time.process_time() - begin
    hp = training.hyperparameters
    trained = hp.batch_size * ((hp.sequence_length or 0) - hp.burn_in_length)
    return STEPS["ours"] / seconds, (training.learner.updates - updates) * trained / seconds


def eager(agent: EagerDQN) -> Rates:
    """Rates of the one-transition-at-a-time MPN-DQN."""
    begin = time.process_time()
    for _ in range(STEPS["eager"]):
        agent.act()
        agent.learn()
    rate = STEPS["eager"] / (time.process_time() - begin)
    return rate, rate * BATCH


def marks() -> list[Mark | Missing]:
    """Measure, and compare."""
    training, agent = SeedTraining(OURS, 0), EagerDQN()
    while training.steps < 2 * OURS.learning_starts:
        training.advance()
    for _ in range(BATCH):
        agent.act()
    candidates: dict[str, Callable[[], Rates]] = {
        "ours": lambda: ours(training),
        "eager": lambda: eager(agent),
        "dqn": lambda: _peer("dqn"),
        "ppo": lambda: _peer("ppo"),
    }
    found: dict[str, list[Rates]] = {name: [] for name in candidates}
    failed: dict[str, str] = {}
    for _ in range(ROUNDS):
        for name, measure in candidates.items():
            try:
                found[name].append(measure())
            except PeerError as error:
                failed[name] = str(error)
    kinds = (
        ("eager", "transitions trained/s, eager one-transition MPN-DQN", 1, 4.0),
        ("dqn", "transitions trained/s, Stable-Baselines3 DQN (MLP 64)", 1, 2.0),
        ("ppo", "environment steps/s, sb3-contrib RecurrentPPO (LSTM 64)", 0, 5.0),
    )
    return [
        Missing(what, failed[name]) if name in failed else _mark(found, name, what, kind, mark)
        for name, what, kind, mark in kinds
    ]


def _peer(name: str) -> Rates:
    measured = rates(name, STEPS[name])
    return measured["steps"], measured["transitions"]


def _mark(found: dict[str, list[Rates]], name: str, what: str, kind: int, mark: float) -> Mark:
    mine, theirs = (statistics.median(pair[kind] for pair in found[key]) for key in ("ours", name))
    return Mark(what, f"{mine:,.0f}/s", f"{theirs:,.0f}/s", mine / theirs, mark)
