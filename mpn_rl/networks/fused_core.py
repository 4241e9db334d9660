"""Cores that one compiled layer works, with their equations in torch beside it."""

from abc import abstractmethod

import torch
from torch import Tensor

from mpn_rl.networks import fused_layer
from mpn_rl.networks.arrays import suited
from mpn_rl.networks.core import Core, Own


class FusedCore(Core[Own]):
    """A core whose sequences a kernel works on the CPU, and elsewhere its `plain` loop.

    `build` sets `own`, its parameters, and `declared`, what declares the kernel: None where numba
    is missing.
    """

    own: Own
    W: torch.nn.Parameter
    declared: fused_layer.Declared | None

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state (batch, …) → h (batch, hidden), state."""
        start = torch.zeros(1, x.shape[0], dtype=torch.bool, device=x.device)
        h, state = self.unroll(x.unsqueeze(0), state, start)
        return h.squeeze(0), state

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), state (batch, …), start (time, batch)."""
        if self.declared is None or not suited(x, state, self.W):
            return self.plain(x, state, start)
        weights = dict(self.named_parameters(prefix="core"))
        return fused_layer.unroll(self.declared, self.own, weights, x, state, start)

    @abstractmethod
    def plain(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """As `unroll`, one step after the other in torch: what the kernel is held against."""
