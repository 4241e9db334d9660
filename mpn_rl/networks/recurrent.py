"""What the recurrent layers of torch have in common as memory cores."""

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks import fused_recurrent
from mpn_rl.networks.arrays import suited
from mpn_rl.networks.core import Core, Own, zero_where
from mpn_rl.networks.initialisation import draw_gates, undrawn
from mpn_rl.networks.rates import spread_decays


class RecurrentCore(Core[Own]):
    """A core around a one-layer recurrent module of torch.

    W starts Xavier uniform, U orthogonal, gate by gate, the biases at zero. On the CPU a sequence
    runs in compiled kernels. Elsewhere one in which no episode begins runs in torch's own loop, if
    that is `fused`, and any other in the plain loop of `advance`, the reference.
    """

    fused = True
    kernel: fused_recurrent.Kernel | None = None

    def made(
        self, kind: Callable[..., nn.RNNBase], generator: torch.Generator | None, **options: Any
    ) -> Any:
        """The module of torch, its weights drawn."""
        layer = undrawn(kind, self.input_dim, self.hidden_dim, **options)
        draw_gates(layer, self.hidden_dim, generator)
        return layer

    def spread_gate(self, gate: int, sign: float = 1.0) -> None:
        """Start a gate's biases at ±ln λ/(1 − λ): by themselves they keep λ of a unit's state.

        The λ are those of an MPN's units (`rates.spread_decays`); biases against time constants are
        the chrono initialisation's (Tallec & Ollivier 2018), which draws them.
        """
        n = self.hidden_dim
        biases = [sign * math.log(decay / (1.0 - decay)) for decay in spread_decays(n)]
        self.layer.bias_ih_l0.detach()[gate * n : (gate + 1) * n] = torch.tensor(biases)

    @property
    def layer(self) -> Any:
        """The module of torch."""
        return next(iter(self._modules.values()))

    def prepare(self) -> None:
        """Compile the kernels for this core (seconds, once on a machine) or load them."""
        x = self.init_state(1).new_zeros(1, 1, self.input_dim).requires_grad_()
        start = torch.ones(1, 1, dtype=torch.bool, device=x.device)
        h, _ = self.unroll(x, self.init_state(1), start)
        torch.autograd.grad(h.sum(), x)

    def weights(self) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        """Return (W, U) and their biases, None without."""
        layer = self.layer
        if not layer.bias:
            return layer.weight_ih_l0, layer.weight_hh_l0, None, None
        return layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), state (batch, …), start (time, batch)."""
        if self.kernel is not None and suited(x, state, *self.weights()):
            return fused_recurrent.unroll(self.kernel, x, state, start, self.weights())
        if self.fused and not start[1:].any():
            return self.sequence(x, zero_where(start[0], state))
        return self.plain(x, state, start)

    def plain(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """As `unroll`, one step after the other in torch: what the kernels are held against."""
        W, U, b, c = self.weights()
        inputs = functional.linear(x, W, b)
        outputs = []
        for input_t, start_t in zip(inputs.unbind(0), start.unbind(0), strict=True):
            h, state = self.advance(input_t, zero_where(start_t, state), U, c)
            outputs.append(h)
        return torch.stack(outputs), state

    def sequence(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input) in torch's own loop."""
        h, last = self.layer(x, state.unsqueeze(0))
        return h, last.squeeze(0)

    @abstractmethod
    def advance(
        self, input_t: Tensor, state: Tensor, U: Tensor, c: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """One step from W x_t + b (batch, gates) and the state → h (batch, hidden), state."""
