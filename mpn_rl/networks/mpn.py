"""The Multi-Plasticity Network, whose memory is the modulation M of its weights."""

import math

import torch
from torch import Tensor, nn

from mpn_rl.networks import fused, plasticity, rates
from mpn_rl.networks.core import Core
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.parameters.networks import MPNParameters, PlasticParameters


class MPNLayer(nn.Module):
    """One layer: W (hidden, input), b (hidden) or None, eta and lambda_decay; see `MPN`.

    `decays` are the units' at the start, `reach` is η over 1 − λ there where eta is not named.
    """

    def __init__(
        self,
        W: nn.Parameter,
        parameters: PlasticParameters,
        decays: list[float],
        reach: float = rates.REACH,
    ) -> None:
        super().__init__()
        own = self.variant = parameters
        self.lambda_max = own.lambda_max
        self.learn_lambda = own.learn_lambda
        hidden_dim, width = W.shape
        self.W = W
        self.b = nn.Parameter(torch.zeros(hidden_dim)) if own.bias else None
        eta_shape, lambda_shape = own.rate_shapes()
        etas = rates.first_etas(own, decays, width, reach)
        raw = [_logit(decay / own.lambda_max) for decay in decays] if own.learn_lambda else decays
        self.eta = nn.Parameter(rates.shaped(etas, eta_shape, width), own.learn_eta)
        self.lambda_raw = nn.Parameter(rates.shaped(raw, lambda_shape, width), own.learn_lambda)

    def extra_repr(self) -> str:
        """Sizes, for `repr`."""
        hidden_dim, width = self.W.shape
        return f"input_dim={width}, hidden_dim={hidden_dim}, bias={self.b is not None}"

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


class MPN(Core[MPNParameters]):
    """Layers with short-term Hebbian plasticity (Aitken & Mihalas, eLife 2023;12:e83035).

        h_t = φ(b + (W ∘ (M_{t−1} + 1)) x_t)    M_t = λ M_{t−1} + η h_t x_tᵀ    M_0 = 0

    The state is M (batch, hidden, input); W is (hidden, input), b (hidden). The defaults are the
    paper's where it differs from common code: W starts Xavier uniform, U(±√(6/(hidden + input))),
    not He normal; modulation is multiplicative; the update is associative; eta and lambda are
    trained; M has no bound. b starts at zero. A trained lambda is lambda_max · sigmoid(raw): inside
    (0, lambda_max), with a gradient everywhere, where a clamp would have none at its ends.

    The paper has one eta and one lambda, and so has a layer of which both are named. By default
    each hidden unit has its own, and they start spread (`rates`): between a unit that has forgotten
    after two steps and one that remembers for dozens there is one for most delays.

    With several layers the outputs of one are the inputs of the next; the state then is
    (batch, hidden, input + (num_layers − 1) · hidden), the layers' M side by side.
    """

    def build(self, parameters: MPNParameters, generator: torch.Generator | None) -> None:
        """Draw W of each layer; as `Core.build`."""
        self.widths = [self.input_dim] + [self.hidden_dim] * (parameters.num_layers - 1)
        self.state_shape = (self.hidden_dim, sum(self.widths))
        decays = rates.first_decays(parameters, self.hidden_dim, generator)
        self.layers = nn.ModuleList(
            MPNLayer(
                input_weights(self.hidden_dim, width, generator, parameters.W_init),
                parameters,
                decays,
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
