"""The MPN whose rates η are drawn and stay as they are: is it the learned plasticity that helps?"""

import math

import torch

from mpn_rl.networks.mpn import MPN
from mpn_rl.parameters.networks import MPNParameters, RandomMPNParameters


class RandomMPN(MPN):
    """An MPN whose η is never trained: the control for a learned sign and size of plasticity.

        η = η₀ ζ,    ζ ~ U(−√3, √3), of mean 0 and variance 1

    One draw for each entry of η in its shape: a unit (post), a synapse (full), an input (pre) or
    the layer (scalar). η₀ is where the MPN's η starts; W starts as the MPN's.
    """

    def build(  # type: ignore[override]
        self, parameters: RandomMPNParameters, generator: torch.Generator | None
    ) -> None:
        """Draw W of each layer, then each η; as `Core.build`."""
        super().build(MPNParameters(**vars(parameters), learn_eta=False), generator)
        for layer in self.layers:
            eta = layer.get_parameter("eta").detach()
            draw = torch.rand(eta.shape, generator=generator)
            eta.mul_(math.sqrt(3.0) * (2.0 * draw - 1.0))
