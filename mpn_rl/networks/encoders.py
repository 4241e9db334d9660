"""What stands between the observation and the memory core, the same for every core.

An MPN layer is blind to its M where the input is zero, and with one-hot inputs modulation acts only
where the very same symbol comes again (Aitken & Mihalas 2023 project inputs by a random W and b for
this reason).
"""

import torch
from torch import Tensor, nn

from mpn_rl.networks.conv import ConvEncoder
from mpn_rl.networks.initialisation import uniform_linear
from mpn_rl.observations import ObservationForm, without_image
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.networks import NetworkParameters


class DenseEncoder(nn.Module):
    """x = tanh(W o + b), trained; o (…, observation) → x (…, encoder).

    With `layer_norm`, x = tanh(LayerNorm(W o + b)).
    """

    def __init__(
        self,
        obs_dim: int,
        encoder_dim: int,
        layer_norm: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.linear = uniform_linear(obs_dim, encoder_dim, generator)
        self.norm = nn.LayerNorm(encoder_dim) if layer_norm else nn.Identity()

    def forward(self, observation: Tensor) -> Tensor:
        """Encode observations (…, observation) → (…, encoder)."""
        return torch.tanh(self.norm(self.linear(observation)))


class RandomEncoder(nn.Module):
    """x = W o + b with W and b drawn once and never trained; o (…, observation) → x (…, encoder).

    W has mean 0 and variance 1/observation, b mean 0 and variance 1/observation.
    """

    def __init__(
        self, obs_dim: int, encoder_dim: int, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        scale = obs_dim**-0.5
        self.register_buffer("W", scale * torch.randn(encoder_dim, obs_dim, generator=generator))
        self.register_buffer("b", scale * torch.randn(encoder_dim, generator=generator))

    def forward(self, observation: Tensor) -> Tensor:
        """Encode observations (…, observation) → (…, encoder)."""
        return nn.functional.linear(observation, self.get_buffer("W"), self.get_buffer("b"))


def make_encoder(
    parameters: NetworkParameters, form: ObservationForm, generator: torch.Generator | None = None
) -> tuple[nn.Module, int]:
    """Build the encoder, and say how wide what it puts out is: the core's input.

    Without a name it is conv where there is an image, and dense elsewhere. `layer_norm` acts in
    trained encoders alone: what is not trained is not normalised. Raises ConfigError for conv where
    there is no image.
    """
    width, normed = parameters.encoder_dim, parameters.layer_norm
    name = parameters.encoder or ("conv" if form.has_image else "dense")
    if name == "conv":
        if why := without_image(form):
            raise ConfigError(why)
        return ConvEncoder(form, width, normed, generator), width
    if name == "dense":
        return DenseEncoder(form.seen_dim, width, normed, generator), width
    if name == "random":
        return RandomEncoder(form.seen_dim, width, generator), width
    return nn.Identity(), form.seen_dim
