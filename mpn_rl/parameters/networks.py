"""The parameters of the network and of each memory core, whose constructors take these models."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from mpn_rl.parameters.fields import (
    AsWhole,
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
_SHAPE = f"{_RATES}; null: post where hidden units start apart, else scalar"
# Between which decays a layer's units start where no single one is named: 1 − λ falls from unit to
# unit by the same factor.
LAMBDA_RANGE = (0.2, 0.97)


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
        True, "normalise what enters the encoder's tanh and what leaves the core"
    )


class BiasParameters(Parameters):
    """What every core has."""

    bias: bool = parameter(True, "whether the core has biases")


class GatedParameters(BiasParameters):
    """What GRU and LSTM have."""

    gate_spread: bool = parameter(
        False,
        "start the biases of the gates that keep the state so that the hidden units forget at the "
        "rates at which an mpn's modulations decay",
    )

    def contradictions(self) -> Iterable[str]:
        """What is spread in the biases has biases."""
        if self.gate_spread and not self.bias:
            yield "gate_spread: true with bias: false, though it is the biases that it spreads"


class ActivationParameters(Parameters):
    """What every core has whose activation can be chosen."""

    activation: Literal["tanh", "relu", "sigmoid", "linear"] = parameter(
        "tanh", "nonlinearity of the core"
    )


class RNNParameters(BiasParameters, ActivationParameters):
    """What the plain recurrent layer has."""


class WeightParameters(RNNParameters):
    """What every core has whose W can start in several ways."""

    W_init: Literal["xavier", "he"] = parameter("xavier", "distribution that W starts from")


class FrozenMPNParameters(WeightParameters):
    """What the MPN has beside its plasticity."""

    num_layers: Count = parameter(1, "layers of the core [layers]")


class FrameStackParameters(WeightParameters):
    """What the memoryless layer over the last inputs has."""

    num_frames: Annotated[int, Field(ge=2), AsWhole] = parameter(
        2, "how many of the last encoded observations are seen side by side [steps]"
    )


class DeltaParameters(WeightParameters):
    """What fast weights by the delta rule have."""

    key_dim: Count | None = parameter(
        None, "width of keys and queries; null: that of the core's input [units]"
    )


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


class RateParameters(WeightParameters, Variant):
    """What every layer has that is plastic, whether or not its eta is trained."""

    eta: Number | None = parameter(
        None,
        "Hebbian rate of the modulations M, initial value if learned; null: 4 (1 - lambda_decay), "
        "in mpn-recurrent 1 - lambda_decay, in the units of the rule",
    )
    lambda_decay: Fraction | None = parameter(
        None,
        "decay of M per step, initial value if learned; null: spread from {:g} to {:g}".format(
            *LAMBDA_RANGE
        ),
    )
    learn_lambda: bool = parameter(True, "train lambda_decay")
    lambda_max: PositiveFraction = parameter(
        0.99, "upper bound of a trained lambda_decay", when=("learn_lambda", (True,))
    )
    eta_shape: RateShape | None = parameter(None, f"eta is {_SHAPE}")
    lambda_shape: RateShape | None = parameter(None, f"lambda_decay is {_SHAPE}")
    lambda_spread: Literal["units", "seeds"] = parameter(
        "units",
        "spread lambda_decay over the hidden units of a layer, or over seeds, one number each",
        when=("lambda_decay", (None,)),
    )

    def rate_shapes(self) -> tuple[RateShape, RateShape]:
        """The shapes of eta and lambda_decay: as they are named, or as their start asks for."""
        spread: RateShape = "post" if self.spread_over_units() else "scalar"
        of_eta: RateShape = spread if self.eta is None else "scalar"
        return self.eta_shape or of_eta, self.lambda_shape or spread

    def spread_over_units(self) -> bool:
        """Whether the hidden units start apart."""
        return self.lambda_decay is None and self.lambda_spread == "units"

    def contradictions(self) -> Iterable[str]:
        """Decays start inside what they can be trained to, rates in a shape that holds them."""
        top = show(self.lambda_max)
        if self.learn_lambda and self.lambda_decay is None and self.lambda_max <= LAMBDA_RANGE[1]:
            yield (
                f"lambda_max: {top} with lambda_decay: null, which starts at up to "
                f"{LAMBDA_RANGE[1]}; name a lambda_decay below lambda_max"
            )
        elif (
            self.learn_lambda
            and self.lambda_decay is not None
            and not 0 < self.lambda_decay < self.lambda_max
        ):
            yield (
                f"lambda_decay: {show(self.lambda_decay)} cannot be learned, only values between 0 "
                f"and lambda_max = {top}; with learn_lambda: false it stays fixed"
            )
        if self.eta is None and self.lambda_decay == 1:
            yield "eta: null with lambda_decay: 1, of which it would be 0; name an eta"
        if not self.spread_over_units():
            return
        for name, start, shape in (
            ("eta", self.eta, self.eta_shape),
            ("lambda", self.lambda_decay, self.lambda_shape),
        ):
            if start is None and shape in ("scalar", "pre"):
                yield (
                    f"{name}_shape: {shape} with lambda_decay: null, where hidden units start "
                    "apart; allowed is post, full, or null, or else name a lambda_decay"
                )


class PlasticParameters(RateParameters):
    """What every layer has that is plastic."""

    learn_eta: bool = parameter(True, "train eta")


class RandomMPNParameters(RateParameters, FrozenMPNParameters):
    """What the MPN has whose eta is drawn."""


class MPNParameters(PlasticParameters, FrozenMPNParameters):
    """What the Multi-Plasticity Network has."""
