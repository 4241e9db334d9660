"""How a network sees the entries of an observation, before any weight."""

import torch
from torch import Tensor, nn

from mpn_rl.networks.normalisation import RunningNormalisation
from mpn_rl.observations import ObservationForm, Part


class Front(nn.Module):
    """Observations (…, D) of any type -> what the encoder sees (…, seen) float32.

    Pictures (o - low) / (high - low), symbols one-hot, a symbol's `count` entries one behind the
    other, numbers as they are or, if `normalised`, by `RunningNormalisation`. A symbol that is not
    in [0, count) is zero in all its entries. The parts keep their order.
    """

    statistics: RunningNormalisation | None

    def __init__(self, form: ObservationForm, normalised: bool = False) -> None:
        super().__init__()
        self.form = form
        numbers = sum(part.size for part in form.parts if part.kind == "numbers")
        self.statistics = RunningNormalisation(numbers) if normalised and numbers else None

    def forward(self, observation: Tensor) -> Tensor:
        """See observations (…, D) -> (…, seen)."""
        parts = self._split(observation)
        if self.statistics is not None:
            parts = self._normalised(parts)
        seen = [_seen(part, x) for part, x in zip(self.form.parts, parts, strict=True)]
        return seen[0] if len(seen) == 1 else torch.cat(seen, -1)

    def observe(self, observation: Tensor) -> None:
        """Take observations (batch, D) into the running statistics, if there are some."""
        if self.statistics is not None:
            self.statistics.update(torch.cat(self._numbers(self._split(observation)), -1))

    def _split(self, observation: Tensor) -> list[Tensor]:
        return list(observation.split([part.size for part in self.form.parts], -1))

    def _numbers(self, parts: list[Tensor]) -> list[Tensor]:
        named = zip(self.form.parts, parts, strict=True)
        return [x.float() for part, x in named if part.kind == "numbers"]

    def _normalised(self, parts: list[Tensor]) -> list[Tensor]:
        assert self.statistics is not None
        numbers = self._numbers(parts)
        sizes = [x.shape[-1] for x in numbers]
        scaled = iter(self.statistics(torch.cat(numbers, -1)).split(sizes, -1))
        named = zip(self.form.parts, parts, strict=True)
        return [next(scaled) if part.kind == "numbers" else x for part, x in named]


def make_front(form: ObservationForm, normalised: bool) -> Front | None:
    """The front for this form; None where observations are seen just as they are."""
    front = Front(form, normalised)
    needed = not form.plain or form.dtype != "float32" or front.statistics is not None
    return front if needed else None


def _seen(part: Part, x: Tensor) -> Tensor:
    """One part (…, size) -> (…, seen_size) float32."""
    if part.kind == "picture":
        # one copy, changed in place
        return x.to(torch.float32, copy=True).sub_(part.low).div_(part.high - part.low)
    if part.kind == "symbols":
        symbols = torch.arange(part.count, dtype=torch.float32, device=x.device)
        return (x.float().unsqueeze(-1) == symbols).flatten(-2).float()
    return x.float()
