"""Convolutions before the memory core, for observations that hold images."""

import math

import torch
from torch import Tensor, nn

from mpn_rl.networks.initialisation import undrawn, uniform_linear
from mpn_rl.observations import ObservationForm, Part

# (channels, kernel, stride) of each layer, by the shorter side that they are for at least.
# Mnih et al. 2015, "Human-level control through deep reinforcement learning"
LARGE = ((32, 8, 4), (64, 4, 2), (64, 3, 1))
LARGE_SIDE = 36
# what agents on MiniGrid have (Willems et al., torch-ac's starter files), where it fits with its
# pooling behind the first layer, and without
SMALL = ((16, 2, 1), (32, 2, 1), (64, 2, 1))
POOLED_SIDE = 7


class Convolutions(nn.Sequential):
    """Convolutions of one image part as the front gives it: (batch, seen) → (batch, features).

    Channels are what `Part.image_sides` leaves over, of all images of a stack and, of symbols, of
    all classes. From 36 × 36 on they are those of Mnih et al. 2015 (32 of 8 × 8 by 4, 64 of 4 × 4
    by 2, 64 of 3 × 3), below 16, 32 and 64 of 2 × 2, with maxima over 2 × 2 behind the first from
    7 × 7 on. ReLU follows each. `activations` is how many numbers the layers put out of an image.
    """

    def __init__(self, part: Part, generator: torch.Generator | None) -> None:
        sides = part.image_sides
        assert sides is not None, part
        height, width = (part.shape[side] for side in sides)
        channels = part.seen_size // (height * width)
        shorter = min(height, width)
        layers: list[nn.Module] = []
        activations = 0
        for number, (out, kernel, stride) in enumerate(LARGE if shorter >= LARGE_SIDE else SMALL):
            layers += [
                _convolution(channels, out, kernel, stride, generator),
                nn.ReLU(inplace=True),
            ]
            channels = out
            height, width = ((side - kernel) // stride + 1 for side in (height, width))
            activations += channels * height * width
            if number == 0 and POOLED_SIDE <= shorter < LARGE_SIDE:
                layers.append(nn.MaxPool2d(2))
                height, width = height // 2, width // 2
        super().__init__(*layers, nn.Flatten())
        self.features, self.activations = channels * height * width, activations
        self._shape = (*part.shape, part.seen_size // part.size)
        rest = [axis for axis in range(len(self._shape)) if axis not in sides]
        self._order = [0, *(axis + 1 for axis in (*rest, *sides))]
        self._sides = tuple(part.shape[side] for side in sides)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve what is seen of the part, (batch, seen) → (batch, features)."""
        image = x.reshape(-1, *self._shape).permute(self._order)
        features: Tensor = super().forward(image.reshape(len(x), -1, *self._sides))
        return features


class ConvEncoder(nn.Module):
    """x = tanh(W [c(image), rest] + b), trained; o (…, seen) → x (…, encoder).

    c are `Convolutions` of each image among the parts; what else is observed is put behind their
    features, in the order of the parts. With `layer_norm`, x = tanh(LayerNorm(W … + b)).
    """

    def __init__(
        self,
        form: ObservationForm,
        encoder_dim: int,
        layer_norm: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self._sizes = [part.seen_size for part in form.parts]
        self._images = [part.image_sides is not None for part in form.parts]
        self.convolutions = nn.ModuleList(
            Convolutions(part, generator) for part in form.parts if part.image_sides is not None
        )
        features = sum(image.features for image in self.convolutions)  # type: ignore[misc]
        rest = sum(n for n, image in zip(self._sizes, self._images, strict=True) if not image)
        self.linear = uniform_linear(features + rest, encoder_dim, generator)
        self.norm = nn.LayerNorm(encoder_dim) if layer_norm else nn.Identity()

    def forward(self, observation: Tensor) -> Tensor:
        """Encode what is seen (…, seen) → (…, encoder)."""
        seen = observation.reshape(-1, observation.shape[-1])
        parts = list(zip(seen.split(self._sizes, -1), self._images, strict=True))
        images = [x for x, image in parts if image]
        columns = [c(x) for c, x in zip(self.convolutions, images, strict=True)]
        columns += [x for x, image in parts if not image]
        x = torch.tanh(self.norm(self.linear(torch.cat(columns, -1))))
        return x.unflatten(0, observation.shape[:-1])


def _convolution(
    channels: int, out: int, kernel: int, stride: int, generator: torch.Generator | None
) -> nn.Conv2d:
    """Weights from U(±√(6/fan_in)), which keep the size of what a ReLU follows; biases zero."""
    layer = undrawn(nn.Conv2d, channels, out, kernel, stride)
    bound = math.sqrt(6.0 / (channels * kernel * kernel))
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
