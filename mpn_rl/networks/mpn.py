"""The Multi-Plasticity Network, whose memory is the modulation M of its weights."""

import math

import torch
from torch import Tensor, nn

from mpn_rl.networks import fused, plasticity
from mpn_rl.networks.core import Core
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.networks.plasticity import Variant
from mpn_rl.parameters.errors import ConfigError


class MPNLayer(nn.Module):
    """One layer: W (hidden, input), b (hidden) or None, eta and lambda_decay; see `MPN`."""

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        variant: Variant,
        *,
        bias: bool,
        eta: float,
        learn_eta: bool,
        eta_shape: str,
        lambda_decay: float,
        learn_lambda: bool,
        lambda_max: float,
        lambda_shape: str,
        W_init: str,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        self.variant = variant
        self.lambda_max = lambda_max
        self.learn_lambda = learn_lambda
        self.W = input_weights(hidden_dim, input_dim, generator, W_init)
        self.b = nn.Parameter(torch.zeros(hidden_dim)) if bias else None
        start = _logit(lambda_decay / lambda_max) if learn_lambda else lambda_decay
        eta_values = torch.full(_rate_shape("eta_shape", eta_shape, self.W), float(eta))
        lambda_values = torch.full(_rate_shape("lambda_shape", lambda_shape, self.W), float(start))
        self.eta = nn.Parameter(eta_values, requires_grad=learn_eta)
        self.lambda_raw = nn.Parameter(lambda_values, requires_grad=learn_lambda)

    @property
    def lambda_decay(self) -> Tensor:
        """The decay λ per step: a scalar, or what broadcasts against (hidden, input)."""
        if self.learn_lambda:
            return self.lambda_max * torch.sigmoid(self.lambda_raw)
        return self.lambda_raw

    def unroll(self, x: Tensor, M: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), M (batch, hidden, input), start (time, batch)."""
        W, b, eta = self.W, self.b, self.eta
        if not fused.available(x, M, W, b):
            return plasticity.unroll(x, M, start, W, b, eta, self.lambda_decay, self.variant)
        lambda_max = self.lambda_max if self.learn_lambda else None
        return fused.unroll(x, M, start, W, b, eta, self.lambda_raw, self.variant, lambda_max)


class MPN(Core):
    """Layers with short-term Hebbian plasticity (Aitken & Mihalas, eLife 2023;12:e83035).

        h_t = φ(b + (W ∘ (M_{t−1} + 1)) x_t)    M_t = λ M_{t−1} + η h_t x_tᵀ    M_0 = 0

    The state is M (batch, hidden, input); W is (hidden, input), b (hidden). The defaults are the
    paper's where it differs from common code: W starts Xavier uniform, U(±√(6/(hidden + input))),
    not He normal; modulation is multiplicative; the update is associative; eta and lambda are
    scalars, and trained; M has no bound. b starts at zero. A trained lambda is
    lambda_max · sigmoid(raw): inside (0, lambda_max), with a gradient everywhere, where a clamp
    would have none at its ends.

    With several layers the outputs of one are the inputs of the next; the state then is
    (batch, hidden, input + (num_layers − 1) · hidden), the layers' M side by side.
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        activation: str = "tanh",
        bias: bool = True,
        eta: float = 0.1,
        learn_eta: bool = True,
        eta_shape: str = "scalar",
        lambda_decay: float = 0.95,
        learn_lambda: bool = True,
        lambda_max: float = 0.99,
        lambda_shape: str = "scalar",
        hebbian_rule: str = "associative",
        modulation: str = "multiplicative",
        M_bound: float | None = None,
        W_init: str = "xavier",
        num_layers: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        """Build the layers; with `learn_…`, `eta` and `lambda_decay` are where they start.

        `eta_shape` and `lambda_shape` say how many there are: one ("scalar"), one per input
        ("pre"), per hidden unit ("post") or per synapse ("full"). `hebbian_rule`, `modulation` and
        `M_bound` as in `plasticity.Variant`; `W_init` "xavier" or "he". Raises ConfigError for an
        unknown name or a value out of range.
        """
        super().__init__(input_dim, hidden_dim)
        _check_rates(eta, lambda_decay, lambda_max, learn_lambda)
        if num_layers < 1:
            raise ConfigError(f"num_layers: {num_layers} is below 1")
        self.widths = [input_dim] + [hidden_dim] * (num_layers - 1)
        self.state_shape = (hidden_dim, sum(self.widths))
        variant = Variant(activation, hebbian_rule, modulation, M_bound)
        self.layers = nn.ModuleList(
            MPNLayer(
                width,
                hidden_dim,
                variant,
                bias=bias,
                eta=eta,
                learn_eta=learn_eta,
                eta_shape=eta_shape,
                lambda_decay=lambda_decay,
                learn_lambda=learn_lambda,
                lambda_max=lambda_max,
                lambda_shape=lambda_shape,
                W_init=W_init,
                generator=generator,
            )
            for width in self.widths
        )

    @property
    def first(self) -> MPNLayer:
        """The layer that sees the input."""
        layer = self.layers[0]
        assert isinstance(layer, MPNLayer)
        return layer

    @property
    def W(self) -> nn.Parameter:
        """The first layer's weights (hidden, input)."""
        return self.first.W

    @property
    def b(self) -> nn.Parameter | None:
        """The first layer's biases (hidden), None without."""
        return self.first.b

    @property
    def eta(self) -> Tensor:
        """The first layer's learning rate η: a scalar, or what broadcasts against W."""
        return self.first.eta

    @property
    def lambda_decay(self) -> Tensor:
        """The first layer's decay λ per step: a scalar, or what broadcasts against W."""
        return self.first.lambda_decay

    def init_state(self, batch_size: int) -> Tensor:
        """Return M (batch, hidden, input) at an episode's start: zeros."""
        hidden_dim, width = self.state_shape
        # the layout that the kernels read without a copy
        return self.W.detach().new_zeros(batch_size, width, hidden_dim).transpose(1, 2)

    def prepare(self) -> None:
        """Compile the kernels for these layers (seconds, once on a machine) or load them."""
        weight = self.W.detach()
        x = weight.new_zeros(1, 1, self.input_dim).requires_grad_()
        start = torch.ones(1, 1, dtype=torch.bool, device=weight.device)
        h, _ = self.unroll(x, self.init_state(1), start)
        torch.autograd.grad(h.sum(), x)

    def rates(self) -> list[tuple[Tensor, Tensor]]:
        """Return (eta, lambda_decay) of each layer, in the shapes that were asked for."""
        return [(layer.eta, layer.lambda_decay) for layer in self.layers]  # type: ignore[misc]

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), M (batch, hidden, input) → h (batch, hidden), M."""
        start = torch.zeros(1, x.shape[0], dtype=torch.bool, device=x.device)
        h, state = self.unroll(x.unsqueeze(0), state, start)
        return h.squeeze(0), state

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), M (batch, hidden, input), start (time, batch)."""
        if len(self.widths) == 1:
            return self.first.unroll(x, state, start)
        last = []
        for layer, M in zip(self.layers, state.split(self.widths, 2), strict=True):
            assert isinstance(layer, MPNLayer)
            x, M_last = layer.unroll(x, M, start)
            last.append(M_last)
        return x, torch.cat(last, 2)


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def _rate_shape(key: str, name: str, W: Tensor) -> tuple[int, ...]:
    """Return the shape of an eta or lambda so that it broadcasts against W (hidden, input)."""
    hidden_dim, input_dim = W.shape
    shapes = {
        "scalar": (),
        "pre": (input_dim,),
        "post": (hidden_dim, 1),
        "full": (hidden_dim, input_dim),
    }
    if name not in shapes:
        raise ConfigError(f"{key}: {name!r} is unknown; allowed are {', '.join(shapes)}")
    return shapes[name]


def _check_rates(eta: float, lambda_decay: float, lambda_max: float, learn_lambda: bool) -> None:
    if not math.isfinite(eta):
        raise ConfigError(f"eta: {eta} is not finite")
    if not 0.0 <= lambda_decay <= 1.0:
        raise ConfigError(f"lambda_decay: {lambda_decay} is outside [0, 1]")
    if learn_lambda and not 0.0 < lambda_decay < lambda_max <= 1.0:
        raise ConfigError(
            f"lambda_decay: {lambda_decay} must lie inside (0, lambda_max) to be learned, with "
            f"lambda_max at most 1 (it is {lambda_max})"
        )
