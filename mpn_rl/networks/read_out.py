"""From what the core puts out to Q-values."""

import torch
from torch import Tensor, nn

from mpn_rl.networks.initialisation import undrawn
from mpn_rl.parameters.networks import NetworkParameters

# Small first Q-values: the first targets are then the rewards, not the noise of the read-out.
Q_HEAD_GAIN = 0.1


class DuelingHead(nn.Module):
    """Q(a) = V + A(a) - mean over actions of A; h (…, hidden) → q (…, action).

    Source: Wang et al. 2016, "Dueling network architectures", eq. 9.
    """

    def __init__(self, hidden_dim: int, action_dim: int, generator: torch.Generator | None) -> None:
        super().__init__()
        self.value = _linear(hidden_dim, 1, generator)
        self.advantage = _linear(hidden_dim, action_dim, generator)

    def forward(self, h: Tensor) -> Tensor:
        """Read out (…, hidden) → (…, action)."""
        advantage = self.advantage(h)
        return self.value(h) + advantage - advantage.mean(-1, keepdim=True)


def make_read_out(
    parameters: NetworkParameters,
    hidden_dim: int,
    action_dim: int,
    generator: torch.Generator | None = None,
) -> nn.Module:
    """Build the read-out; with `layer_norm` it reads LayerNorm(h).

    Weights start orthogonal with gain 0.1, drawn from `generator`, and biases at zero.
    """
    make = DuelingHead if parameters.dueling else _linear
    head = make(hidden_dim, action_dim, generator)
    return nn.Sequential(nn.LayerNorm(hidden_dim), head) if parameters.layer_norm else head


def _linear(hidden_dim: int, width: int, generator: torch.Generator | None) -> nn.Linear:
    layer = undrawn(nn.Linear, hidden_dim, width)
    nn.init.orthogonal_(layer.weight, Q_HEAD_GAIN, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
