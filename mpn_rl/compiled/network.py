"""Networks for compiled functions, from hyper-parameters and named weights: no torch is needed."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from mpn_rl.compiled import acting
from mpn_rl.compiled.acting import Exploring, Functions, Network
from mpn_rl.compiled.compiling import Address, by_address, entry
from mpn_rl.compiled.encoders import encoder
from mpn_rl.compiled.layer import Gradients, Passes, Sequence, Size, Vector, Weights
from mpn_rl.compiled.memory import empty, one_thread, zeros
from mpn_rl.compiled.read_out import read_out
from mpn_rl.observations import ObservationForm
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters


def why_not_network(hp: Hyperparameters, form: ObservationForm | None = None) -> str | None:
    """What of a network with these hyper-parameters is not compiled; None: all is.

    Without a form, observations are taken to be plain numbers.
    """
    plain = hp.observation_kind in (None, "numbers") if form is None else form.told_by_dim
    missing = {
        f"core {hp.core}": CORES[hp.core].compiled == "",
        f"encoder {hp.encoder}": hp.encoder == "conv",
        f"observation_kind {hp.observation_kind}": not plain,
        "observation_normalisation": hp.observation_normalisation,
    }
    return next((name for name, asked in missing.items() if asked), None)


class CompiledNetwork(NamedTuple):
    """A network, its layers encoder, core and read-out, and its functions by address.

    state_dim is how many numbers one batch element's state has.
    """

    network: Network
    layers: tuple[Passes, Passes, Passes]
    state_dim: int
    unroll: Address
    think: Address
    entries: int

    def thinking(self) -> Callable[..., None]:
        """The function think(network, exploring, seen, start, state, action) to be called."""
        example = _thought(self.network, self.entries, self.state_dim)
        step = entry(acting.think, self.unroll, *example)
        return lambda *arguments: step(self.unroll, *arguments)


def compiled_network(
    hp: Hyperparameters,
    form: ObservationForm,
    num_actions: int,
    weights: Mapping[str, np.ndarray],
    batch: int,
    steps: int = 1,
    rows: int = 0,
) -> CompiledNetwork:
    """The network with these weights, named as in a checkpoint, compiled or loaded.

    It has room for a step of `batch` elements, and for `rows` rows of at most `steps` steps. Its
    theta begins with the weights in the order in which they are given.
    """
    rows = max(rows, batch)
    one_thread()
    vector, hidden, inputs = Vector(weights), hp.hidden_dim, form.seen_dim
    width = inputs if hp.encoder == "none" else hp.encoder_dim
    core = CORES[hp.core].load_compiled()
    layers = (
        encoder(hp, vector, Size(inputs, width, rows, batch, steps)),
        core(hp, vector, Size(width, hidden, rows, batch, steps)),
        read_out(hp, vector, Size(hidden, num_actions, rows, batch, steps)),
    )
    theta, widths = vector.laid_out(), (width, hidden, num_actions)
    plans = tuple(np.array(layer.plan) for layer in layers)
    x, h, q = (empty((rows * each,)) for each in widths)
    kept = tuple(empty((layer.kept,)) for layer in layers)
    sequence = example_sequence()
    forward = Functions(
        *(by_address(layer.forward, Weights(theta, plans[0]), sequence) for layer in layers)
    )
    network = Network(forward, theta, plans, widths, x, h, q, kept)
    state_dim = layers[1].state
    seen = zeros((1, 1, form.dim))
    unroll = by_address(acting.unroll, network, seen, sequence.start, sequence.state)
    example = _thought(network, form.dim, state_dim)
    think = by_address(acting.think, unroll, *example)
    return CompiledNetwork(network, layers, state_dim, unroll, think, form.dim)


def backward_functions(layers: tuple[Passes, Passes, Passes]) -> Functions:
    """The layers' ways back, compiled or loaded."""
    weights, sequence = Weights(empty((1,)), np.zeros(1, np.int64)), example_sequence()
    gradients = Gradients(empty((1,)), sequence.h, sequence.state, sequence.h, empty((1,)))
    return Functions(
        *(by_address(layer.backward, weights, sequence, gradients) for layer in layers)
    )


def example_sequence() -> Sequence:
    """A sequence of one number, for its types."""
    start = np.zeros((1, 1), np.bool_)
    return Sequence(zeros((1, 1, 1)), start, zeros((1, 1)), zeros((1, 1, 1)), zeros((1,)))


def _thought(network: Network, entries: int, state_dim: int) -> tuple[Any, ...]:
    """What `acting.think` takes, for its types."""
    exploring = Exploring(0.0, zeros((1,)), np.zeros(1, np.int64))
    start, action = np.zeros(1, np.bool_), np.zeros(1, np.int64)
    return network, exploring, zeros((1, entries)), start, zeros((1, state_dim)), action
