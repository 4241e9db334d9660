"""The parameters of the network and of each memory core, whose constructors take these models."""

from collections.abc import Iterable
from typing import Literal

from mpn_rl.parameters.fields import (
    Count,
    Fraction,
    Number,
    Parameters,
    Positive,
    PositiveFraction,
    parameter,
)
from mpn_rl.parameters.values import show

RateShape = Literal["scalar", "pre", "post", "full"]
_RATES = "one number (scalar), one per input (pre), hidden unit (post) or synapse (full)"


class NetworkParameters(Parameters):
    """What the network around a core has, whichever core it is."""

    encoder: Literal["dense", "conv", "random", "none"] | None = parameter(
        None,
        "layers before the core: trained dense + tanh, the same behind trained convolutions, fixed "
        "random projection, none; null: conv for images, dense for all else",
    )
    encoder_dim: Count = parameter(
        32, "width of the encoder [units]", when=("encoder", (None, "dense", "conv", "random"))
    )
    observation_normalisation: bool = parameter(
        False,
        "see numbers less their running mean and over their running deviation, not pictures and "
        "symbols",
    )
    dueling: bool = parameter(
        False, "read out a value and the actions' advantages, Q = V + A - mean A"
    )
    layer_norm: bool = parameter(
        False, "normalise what enters the encoder's tanh and what leaves the core"
    )


class GatedParameters(Parameters):
    """What GRU and LSTM have."""

    bias: bool = parameter(True, "whether the core has biases")


class ActivationParameters(Parameters):
    """What every core has whose activation can be chosen."""

    activation: Literal["tanh", "relu", "sigmoid", "linear"] = parameter(
        "tanh", "nonlinearity of the core"
    )


class RNNParameters(GatedParameters, ActivationParameters):
    """What the plain recurrent layer has."""


class FrozenMPNParameters(RNNParameters):
    """What the MPN has beside its plasticity."""

    W_init: Literal["xavier", "he"] = parameter("xavier", "distribution that W starts from")
    num_layers: Count = parameter(1, "layers of the core [layers]")


class Variant(ActivationParameters):
    """Which of the MPN layer's equations hold; the defaults are the paper's MPN.

    `hebbian_rule`: what η is multiplied by in the update of M (hidden n, input d): associative
    h xᵀ, presynaptic 1 xᵀ/√n, postsynaptic h 1ᵀ/√d. `modulation`: multiplicative reads W ∘ (M + 1),
    additive W + M. `M_bound`: every entry of M is cut to ±M_bound after each update; None is no
    bound.
    """

    hebbian_rule: Literal["associative", "presynaptic", "postsynaptic"] = parameter(
        "associative",
        "what eta multiplies in the update of M: hidden times input, input alone or hidden alone",
    )
    modulation: Literal["multiplicative", "additive"] = parameter(
        "multiplicative", "how M acts on the weights: W (1 + M) or W + M"
    )
    M_bound: Positive | None = parameter(
        None, "largest absolute value of an entry of M; null: no bound"
    )


class MPNParameters(FrozenMPNParameters, Variant):
    """What the Multi-Plasticity Network has."""

    eta: Number = parameter(0.1, "Hebbian rate of the modulations M; initial value if learned")
    learn_eta: bool = parameter(True, "train eta")
    lambda_decay: Fraction = parameter(0.95, "decay of M per step; initial value if learned")
    learn_lambda: bool = parameter(True, "train lambda_decay")
    lambda_max: PositiveFraction = parameter(
        0.99, "upper bound of a trained lambda_decay", when=("learn_lambda", (True,))
    )
    eta_shape: RateShape = parameter("scalar", f"eta is {_RATES}")
    lambda_shape: RateShape = parameter("scalar", f"lambda_decay is {_RATES}")

    def contradictions(self) -> Iterable[str]:
        """A decay that is trained lies inside what it can be trained to."""
        if self.learn_lambda and not 0 < self.lambda_decay < self.lambda_max:
            yield (
                f"lambda_decay: {show(self.lambda_decay)} cannot be learned, only values between 0 "
                f"and lambda_max = {show(self.lambda_max)}; with learn_lambda: false it stays fixed"
            )
