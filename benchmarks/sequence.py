"""Time of one sequence through the memory cores, forward and backward, side by side.

Ours as `MPNDQN.unroll` calls them, with the kernels; the MPN also as one jitted program of jax with
its gradient, and torch's own layers, which know no resets.
"""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.peers import peer
from benchmarks.turns import Measured, Worker, in_turns

SIZES = ((32, 32, 4, 64), (32, 64, 16, 128), (64, 12, 32, 64))  # batch, time, input, hidden
# The MPN's time over nn.LSTM's at these sizes, at most.
AGAINST_LSTM = (0.35, 0.35, 1.0)
SMALL = (4, 64, 32, 64)  # a minibatch of PQN
WITH_RESETS, RESET_EVERY = 1.2, 16
PASSES = 5
Pass = Callable[[], object]


def ours() -> Callable[[], dict[str, float]]:
    """What measures our cores and torch's layers."""
    import torch

    torch.set_num_threads(1)
    passes: dict[str, Pass] = {}
    for size in SIZES:
        passes |= {f"mpn {size}": _core("mpn", size), f"LSTM {size}": _layer("LSTM", size)}
    for core in ("rnn", "gru", "lstm"):
        passes[f"{core} {SMALL}"] = _core(core, SMALL)
        passes[f"{core} {SMALL} resets"] = _core(core, SMALL, resets=True)
        passes[f"{core.upper()} {SMALL}"] = _layer(core.upper(), SMALL)
    return _timed(passes)


def jitted() -> Callable[[], dict[str, float]]:
    """What measures the jitted MPN."""
    import jax
    import jax.numpy as jnp

    def passed(W: Any, x: Any) -> Any:
        def step(M: Any, x: Any) -> Any:
            h = jnp.tanh(jnp.einsum("bhi,bi->bh", W * (M + 1), x))
            return 0.95 * M + 0.1 * h[:, :, None] * x[:, None, :], h

        return jax.lax.scan(step, jnp.zeros((x.shape[1], *W.shape)), x)[1].sum()

    def once(size: tuple[int, ...]) -> Pass:
        batch, steps, inputs, hidden = size
        W = 0.1 * jax.random.normal(jax.random.key(0), (hidden, inputs))
        x = jax.random.normal(jax.random.key(1), (steps, batch, inputs))
        both = jax.jit(jax.value_and_grad(passed, (0, 1)))
        return lambda: jax.block_until_ready(both(W, x))

    return _timed({f"mpn {size}": once(size) for size in SIZES})


def _core(name: str, size: tuple[int, ...], resets: bool = False) -> Pass:
    import torch

    from mpn_rl.networks import make_core

    batch, steps, inputs, hidden = size
    generator = torch.Generator().manual_seed(0)
    core = make_core(name, input_dim=inputs, hidden_dim=hidden, generator=generator)
    x = torch.randn(steps, batch, inputs, generator=generator, requires_grad=True)
    target = torch.randn(steps, batch, hidden, generator=generator)
    start = torch.zeros(steps, batch, dtype=torch.bool)
    start[:: RESET_EVERY if resets else steps] = True
    state = core.init_state(batch)
    return lambda: torch.autograd.backward(core.unroll(x, state, start)[0], target)


def _layer(name: str, size: tuple[int, ...]) -> Pass:
    import torch

    batch, steps, inputs, hidden = size
    layer = getattr(torch.nn, name)(inputs, hidden)
    x = torch.randn(steps, batch, inputs, requires_grad=True)
    target = torch.randn(steps, batch, hidden)
    return lambda: torch.autograd.backward(layer(x)[0], target)


def _timed(passes: dict[str, Pass]) -> Callable[[], dict[str, float]]:
    """What measures every pass: ms of processor time."""
    for once in passes.values():
        once()

    def measure() -> dict[str, float]:
        found = {}
        for name, once in passes.items():
            begin = time.process_time()
            for _ in range(PASSES):
                once()
            found[name] = 1e3 * (time.process_time() - begin) / PASSES
        return found

    return measure


def measure(quick: bool) -> Part:
    """Measure all in turns."""
    target = "benchmarks.sequence"
    workers = {"ours": Worker(f"{target}:ours"), "jitted": peer(f"{target}:jitted")}
    measured = in_turns(workers, 2 if quick else 20)
    tables = {"sequence": _rows(measured), "sequence_resets": _resets(measured)}
    return Part(tables, _marks(measured))


def _marks(measured: Measured) -> list[Mark | Missing]:
    found: list[Mark | Missing] = []
    for size, mark in zip(SIZES, AGAINST_LSTM, strict=True):
        ours, what = ("ours", f"mpn {size}"), f"ms of a sequence {size}, mpn"
        found.append(
            measured.mark(f"{what}, against jax.jit", (ours, ("jitted", ours[1])), 1, True)
        )
        pair = (ours, ("ours", f"LSTM {size}"))
        found.append(measured.mark(f"{what}, against nn.LSTM", pair, mark, True))
    for core in ("rnn", "gru", "lstm"):
        pair = (("ours", f"{core} {SMALL} resets"), ("ours", f"{core} {SMALL}"))
        what = f"ms of a sequence {SMALL}, {core}, resets inside against none"
        found.append(measured.mark(what, pair, WITH_RESETS, True))
    return found


def _rows(measured: Measured) -> list[list[str]]:
    rows = [["batch, time, input, hidden: ms", "mpn", "mpn, jax.jit", "nn.LSTM"]]
    for size in SIZES:
        found = (("ours", f"mpn {size}"), ("jitted", f"mpn {size}"), ("ours", f"LSTM {size}"))
        rows.append([", ".join(map(str, size)), *(measured.text(*each) for each in found)])
    return rows


def _resets(measured: Measured) -> list[list[str]]:
    rows = [[f"{SMALL}: ms", "resets inside", "none", "torch's layer, none"]]
    for core in ("rnn", "gru", "lstm"):
        names = (f"{core} {SMALL} resets", f"{core} {SMALL}", f"{core.upper()} {SMALL}")
        rows.append([core, *(measured.text("ours", name) for name in names)])
    return rows
