"""The interface that every memory core has."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from mpn_rl.parameters.fields import Parameters

Own = TypeVar("Own", bound=Parameters)


class Core(nn.Module, ABC, Generic[Own]):
    """A memory core: inputs x of width `input_dim` and a state to `hidden_dim` outputs h.

    `state_shape` is the shape of one batch element's state. The state is one tensor
    (batch, *state_shape), zero where an episode begins. No method changes what it is given.
    """

    state_shape: tuple[int, ...]

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        parameters: Own,
        generator: torch.Generator | None = None,
    ) -> None:
        """Build the layers; every weight is drawn from `generator` (None: torch's own)."""
        super().__init__()
        self.input_dim = input_dim
        self.hidden_dim = hidden_dim
        self.build(parameters, generator)

    @abstractmethod
    def build(self, parameters: Own, generator: torch.Generator | None) -> None:
        """Draw the weights, and set `state_shape`."""

    def init_state(self, batch_size: int) -> Tensor:
        """Return the state (batch, *state_shape) at an episode's start: zeros."""
        weight = next(self.parameters())
        return torch.zeros(batch_size, *self.state_shape, dtype=weight.dtype, device=weight.device)

    def prepare(self) -> None:
        """Compile or load in advance what the first step needs; nothing for most cores."""

    def rates(self) -> list[tuple[Tensor, Tensor]]:
        """Return (eta, lambda_decay) of each plastic layer, in order; none for most cores."""
        return []

    def modulations(self, state: Tensor) -> Tensor:
        """Return M (batch, hidden, synapses) of a plastic core's state, which is M for most."""
        return state

    @abstractmethod
    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state → h (batch, hidden), next state."""

    @abstractmethod
    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over a sequence: x (time, batch, input), state → h (time, batch, hidden), state.

        `start` (time, batch) is True where an episode begins: there the state is zeroed before
        the step.
        """

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step, as `step`."""
        return self.step(x, state)


def parameter_count(module: nn.Module) -> int:
    """Return the number of trained scalars in `module`."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def zero_where(start: Tensor, state: Tensor) -> Tensor:
    """Return `state` (batch, …) with zeros for the batch elements where `start` (batch) is True."""
    mask = start.reshape(-1, *(1,) * (state.dim() - 1))
    return state.masked_fill(mask, 0.0)
