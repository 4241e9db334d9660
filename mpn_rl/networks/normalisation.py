"""Running mean and deviation of what is seen."""

import torch
from torch import Tensor, nn

# As in Gymnasium's NormalizeObservation: the weight that mean and variance begin with, and what is
# added to the variance.
FIRST_COUNT = 1e-4
EPSILON = 1e-8
# As VecNormalize of stable-baselines3: an entry that never varied until now would else be huge.
LARGEST = 10.0


class RunningNormalisation(nn.Module):
    """x -> (x - mean) / sqrt(variance + 1e-8), cut to ±10, per entry.

    Mean and variance are those of all that `update` was given, in float64, from 0 and 1 with the
    weight 1e-4 on; they are buffers, which a checkpoint holds. Source: Chan et al. 1983,
    "Algorithms for computing the sample variance".
    """

    mean: Tensor
    variance: Tensor
    count: Tensor

    def __init__(self, entries: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(entries, dtype=torch.float64))
        self.register_buffer("variance", torch.ones(entries, dtype=torch.float64))
        self.register_buffer("count", torch.tensor(FIRST_COUNT, dtype=torch.float64))

    @torch.no_grad()
    def update(self, x: Tensor) -> None:
        """Take in x (batch, entries)."""
        x = x.double()
        size, total = len(x), self.count + len(x)
        distance = x.mean(0) - self.mean
        squares = self.variance * self.count + x.var(0, correction=0) * size
        squares += distance.square() * self.count * size / total
        self.mean += distance * size / total
        self.variance.copy_(squares / total)
        self.count.copy_(total)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x (…, entries) float32."""
        scaled = (x.double() - self.mean) / torch.sqrt(self.variance + EPSILON)
        return scaled.clamp(-LARGEST, LARGEST).float()
