"""Time of one sequence through the memory cores, side by side in one process and one thread.

    python benchmarks/sequence.py [--rounds N]

Every round times each candidate, a few passes in a row, one candidate after the other, so that a
busy machine slows all alike; the table has the medians over the rounds, in milliseconds of
processor time per pass, and their ratios.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import numba
import torch
from torch import Tensor, nn

from mpn_rl.networks import plasticity
from mpn_rl.networks.mpn import MPN
from mpn_rl.parameters.networks import MPNParameters

SIZES = ((32, 32, 4, 64), (32, 64, 16, 128), (64, 12, 32, 64))  # batch, time, input, hidden
PASSES = 5
Pass = Callable[[], object]


def candidates(batch: int, steps: int, input_dim: int, hidden_dim: int) -> dict[str, Pass]:
    """Return what is timed, by name; each call is one pass over a sequence of that size."""
    generator = torch.Generator().manual_seed(0)
    core = MPN(input_dim, hidden_dim, MPNParameters(), generator)
    x = torch.randn(steps, batch, input_dim, generator=generator, requires_grad=True)
    target = torch.randn(steps, batch, hidden_dim, generator=generator)
    start = torch.zeros(steps, batch, dtype=torch.bool)
    start[0] = True
    state = core.init_state(batch)

    def eager() -> Tensor:
        layer = core.first
        parameters = (layer.W, layer.b, layer.eta, layer.lambda_decay, layer.variant)
        return plasticity.unroll(x, state, start, *parameters)[0]

    def kernel() -> Tensor:
        return core.unroll(x, state, start)[0]

    def trained(output: Callable[[], Tensor]) -> Pass:
        return lambda: torch.autograd.backward(output(), target)

    def layer(module: nn.Module) -> Pass:
        return trained(lambda: module(x)[0])

    def without_gradient() -> Tensor:
        with torch.no_grad():
            return kernel()

    peers = {kind.__name__: kind(input_dim, hidden_dim) for kind in (nn.RNN, nn.GRU, nn.LSTM)}
    return {
        "eager loop": trained(eager),
        "kernel": trained(kernel),
        "kernel, forward": kernel,
        "kernel, no gradient": without_gradient,
        **{f"nn.{name}": layer(module) for name, module in peers.items()},
    }


def medians(passes: dict[str, Pass], rounds: int) -> dict[str, float]:
    """Return the median time of each pass in milliseconds over `rounds` rounds."""
    times: dict[str, list[float]] = {name: [] for name in passes}
    for once in passes.values():
        once()
    for _ in range(rounds):
        for name, once in passes.items():
            begin = time.process_time()
            for _ in range(PASSES):
                once()
            times[name].append(1e3 * (time.process_time() - begin) / PASSES)
    return {name: statistics.median(values) for name, values in times.items()}


def table(rounds: int) -> str:
    """Return the markdown table: milliseconds per pass, then the ratios that have a mark."""
    rows = []
    for size in SIZES:
        ms = medians(candidates(*size), rounds)
        ratios = (
            f"{ms['eager loop'] / ms['kernel']:.1f} ×",
            f"{ms['kernel'] / ms['nn.LSTM']:.3f}",
            f"{ms['kernel'] / ms['kernel, no gradient']:.1f} ×",
        )
        rows.append(
            (", ".join(map(str, size)), *(f"{value:.2f}" for value in ms.values()), *ratios)
        )
    head = ("batch, time, input, hidden", *ms, "eager / kernel", "kernel / nn.LSTM", "gradient")
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print the table and what it was measured with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print(
        f"One sequence, forward and backward unless said otherwise: ms of processor time, one "
        f"thread, medians of {rounds} rounds; torch {torch.__version__}, numba "
        f"{numba.__version__}, {platform.machine()}. The last column: forward and backward "
        f"against forward without gradient.\n"
    )
    print(table(rounds))


if __name__ == "__main__":
    main()
