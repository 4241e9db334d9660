"""The memoryless layer that sees the last few inputs side by side."""

import torch
from torch import Tensor, nn

from mpn_rl.networks.activations import ACTIVATIONS
from mpn_rl.networks.core import zero_where
from mpn_rl.networks.fused_core import FusedCore
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.parameters.networks import FrameStackParameters

try:
    from mpn_rl.compiled.frame_stack import core as compiled
except ImportError:  # numba is missing here: the plain loop serves
    compiled = None  # type: ignore[assignment]


class FrameStack(FusedCore[FrameStackParameters]):
    """h_t = φ(b + W_0 x_t + W_1 x_{t−1} + … + W_{k−1} x_{t−k+1}), and x is 0 before an episode.

    The frame stack of k = num_frames observations (Mnih et al. 2015), behind the encoder, which is
    the same for all of them: `FrozenMPN` over the k inputs side by side. W is (k, hidden, input)
    and starts as that layer's. The state (batch, hidden, k − 1) is what the inputs so far add to
    the next steps, s_j = W_j x_t + … + W_{k−1} x_{t−k+1+j}, so that every unit holds its own.
    """

    def build(self, parameters: FrameStackParameters, generator: torch.Generator | None) -> None:
        """Draw W; as `Core.build`."""
        self.own, self.declared, frames = parameters, compiled, parameters.num_frames
        self.state_shape = (self.hidden_dim, frames - 1)
        beside = input_weights(
            self.hidden_dim, frames * self.input_dim, generator, parameters.W_init
        )
        of_frames = beside.detach().view(self.hidden_dim, frames, self.input_dim).transpose(0, 1)
        self.W = nn.Parameter(of_frames.contiguous())
        self.b = nn.Parameter(torch.zeros(self.hidden_dim)) if parameters.bias else None

    def plain(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """As `FusedCore.plain`."""
        activation, outputs = ACTIVATIONS[self.own.activation], []
        added = torch.einsum("tnj,kij->tnik", x, self.W)
        for added_t, start_t in zip(added.unbind(0), start.unbind(0), strict=True):
            waiting = nn.functional.pad(zero_where(start_t, state), (0, 1)) + added_t
            z, state = waiting[..., 0], waiting[..., 1:]
            outputs.append(activation(z if self.b is None else z + self.b))
        return torch.stack(outputs), state
