"""What an arm of the contest costs: numbers of its state, operations of a step. All is pure."""

from collections.abc import Callable, Mapping
from typing import Any

Point = Mapping[str, Any]
FRAMES_RATE = 0.0002  # the one that was tuned


def arm_of(point: Point) -> str:
    """The name of an arm: its core, its size where that is not 64 units, what was changed.

    rnn is the one with relu, which was tuned."""
    name = str(point["core"])
    if name == "frame-stack":
        name = f"{point['num_frames']} frames"
        if point["learning_rate"] != FRAMES_RATE:
            name += f", rate {point['learning_rate']:g}"
    if point["hidden_dim"] != 64:
        name += f" of {point['hidden_dim']}"
    if point["core"] == "rnn" and point["activation"] != "relu":
        name += f", {point['activation']}"
    if point.get("hebbian_rule", "associative") != "associative":
        name += f", {point['hebbian_rule']}"
    if point.get("lambda_decay") == 0 and not point.get("learn_lambda", True):
        name += ", λ = 0"
    return name


def state_size(point: Point) -> int:
    """The numbers that a core carries from step to step."""
    n, e = point["hidden_dim"], point["encoder_dim"]
    sizes: dict[str, Callable[[], int]] = {
        "mpn-frozen": lambda: 0,
        "frame-stack": lambda: (point["num_frames"] - 1) * e,
        "rnn": lambda: n,
        "gru": lambda: n,
        "lstm": lambda: 2 * n,
        "mpn": lambda: n * e,
        "mpn-random": lambda: n * e,
        "mpn-recurrent": lambda: n * (e + n) + n,
        "delta": lambda: n * (point.get("key_dim") or e),
    }
    return sizes[point["core"]]()


def core_operations(point: Point) -> int:
    """Multiplications and additions of a core in one step of acting, without activations.

    An MPN reads W ∘ (M + 1), three for each synapse and one to add up, and writes λM + ηhxᵀ, three.
    """
    n, e = point["hidden_dim"], point["encoder_dim"]
    k = point.get("key_dim") or e
    operations: dict[str, Callable[[], int]] = {
        "mpn-frozen": lambda: 2 * n * e,
        "frame-stack": lambda: 2 * n * e * point["num_frames"],
        "rnn": lambda: 2 * n * (e + n),
        "gru": lambda: 6 * n * (e + n),
        "lstm": lambda: 8 * n * (e + n),
        "mpn": lambda: 7 * n * e,
        "mpn-random": lambda: 7 * n * e,
        "mpn-recurrent": lambda: 7 * n * (e + n),
        # what W makes of the input; M k, M + β (v − M k) kᵀ, M q
        "delta": lambda: 2 * e * (2 * n + 2 * k + 1) + 6 * n * k,
    }
    return operations[point["core"]]()
