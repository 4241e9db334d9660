"""A network as compiled loops take it: functions by address, weights in one vector, memory."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from mpn_rl.learning.adam import trained_parameters
from mpn_rl.networks import kernel_layers
from mpn_rl.networks.arrays import empty, one_thread
from mpn_rl.networks.encoders import DenseEncoder
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.networks.read_out import DuelingHead

_FLOAT = np.dtype(np.float32)


class Layers(NamedTuple):
    """Encoder, core and read-out.

    theta (size,) has the trained weights in Adam's order, then what stays as it is; gradient is
    laid out likewise.
    """

    forward: tuple[Any, Any, Any]
    backward: tuple[Any, Any, Any]
    plans: tuple[np.ndarray, np.ndarray, np.ndarray]
    widths: tuple[int, int, int]
    theta: np.ndarray
    gradient: np.ndarray
    room: tuple[np.ndarray, ...]
    trained: np.ndarray

    def enter(self) -> None:
        """Take the trained weights from the network."""
        self.theta[: self.trained.size] = self.trained

    def leave(self) -> None:
        """Give them back."""
        self.trained[...] = self.theta[: self.trained.size]


class _Vector:
    """Where each weight of a network begins in one vector; others are added behind."""

    def __init__(self, network: nn.Module) -> None:
        self.begin: dict[int, int] = {}
        self.size = 0
        self.tail: list[np.ndarray] = []
        for parameter in trained_parameters(network):
            self.begin[id(parameter)] = self.size
            self.size += parameter.numel()

    def __call__(self, weight: Tensor | float | None) -> int:
        """Where it begins; -1 of None."""
        if weight is None:
            return -1
        if id(weight) not in self.begin:
            tensor = torch.as_tensor(weight, dtype=torch.float32).detach()
            self.begin[id(weight)] = self.size
            self.tail.append(tensor.reshape(-1).numpy().copy())
            self.size += tensor.numel()
        return self.begin[id(weight)]

    def plan(self, *weights: Tensor | float | None) -> list[int]:
        return [self(weight) for weight in weights]


def layers_of(network: MPNDQN, rows: int, envs: int, validating: int) -> Layers:
    """The network's layers with room for `rows` rows, at most `envs` or `validating` at a time."""
    one_thread()
    vector, core = _Vector(network), network.core
    most = max(rows, validating)
    batch = max(envs, validating)
    hidden, inputs = core.hidden_dim, core.input_dim
    encoder = network.encoder
    assert isinstance(encoder, DenseEncoder)
    plans = [vector.plan(encoder.linear.weight, encoder.linear.bias, *_norm(encoder.norm))]
    passes = core.passes(most, batch, most // envs)
    assert passes is not None
    plans.append([*vector.plan(*passes.weights), *passes.codes])
    plans.append(vector.plan(*_read_out(network.q_head)))
    actions = network.action_dim
    room = (
        most * inputs,
        most * hidden,
        most * actions,
        most * (inputs + 1),
        passes.kept,
        most * (2 * hidden + 1),
        most * hidden,
        most * inputs,
        max(passes.work, most * inputs),
    )
    theta = empty((vector.size,), _FLOAT)
    trained = trained_parameters(network)
    # the parameters are views of Adam's vector, one behind the other
    flat = torch.as_strided(trained[0].detach(), (sum(p.numel() for p in trained),), (1,))
    given = flat.numpy()
    theta[given.size :] = np.concatenate([*vector.tail, np.zeros(0, np.float32)])
    forward = (kernel_layers.dense_forward, passes.forward, kernel_layers.head_forward)
    backward = (kernel_layers.dense_backward, passes.backward, kernel_layers.head_backward)
    return Layers(
        forward,
        backward,
        (np.array(plans[0]), np.array(plans[1]), np.array(plans[2])),
        (inputs, hidden, actions),
        theta,
        np.zeros_like(theta),
        tuple(empty((size,), _FLOAT) for size in room),
        given,
    )


def _read_out(head: nn.Module) -> list[Tensor | None]:
    """W and b of the actions, what normalises before them, W and b of a dueling head's value."""
    norm: nn.Module | None = None
    if isinstance(head, nn.Sequential):
        norm, head = head
    if isinstance(head, DuelingHead):
        actions, value = head.advantage, head.value
        return [actions.weight, actions.bias, *_norm(norm), value.weight, value.bias]
    assert isinstance(head, nn.Linear)
    return [head.weight, head.bias, *_norm(norm), None, None]


def _norm(norm: nn.Module | None) -> tuple[Tensor | None, Tensor | None]:
    if isinstance(norm, nn.LayerNorm):
        return norm.weight, norm.bias
    return None, None
