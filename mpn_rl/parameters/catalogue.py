"""The memory cores, tasks and learners of the project, by name.

No class that it names is imported here, so that a config is read without torch or gymnasium. A new
one is one entry more, with the model of the parameters that its constructor takes.
"""

from dataclasses import dataclass

from mpn_rl.parameters.fields import Parameters
from mpn_rl.parameters.learners import DQNParameters, PQNParameters
from mpn_rl.parameters.networks import (
    FrozenMPNParameters,
    GatedParameters,
    MPNParameters,
    RNNParameters,
)
from mpn_rl.parameters.tasks import (
    DelayParameters,
    EvidenceParameters,
    MemoryLengthParameters,
    NoiseParameters,
    RepeatPreviousParameters,
    TMazeParameters,
)


@dataclass(frozen=True)
class Entry:
    """A class, "module:Class", and the model of its own parameters; whether a core has an M."""

    target: str
    model: type[Parameters] = Parameters
    plastic: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its own hyper-parameters."""
        return tuple(self.model.model_fields)


CORES: dict[str, Entry] = {
    "mpn": Entry("mpn_rl.networks.mpn:MPN", MPNParameters, plastic=True),
    "mpn-frozen": Entry("mpn_rl.networks.mpn_frozen:FrozenMPN", FrozenMPNParameters),
    "rnn": Entry("mpn_rl.networks.rnn:RNN", RNNParameters),
    "gru": Entry("mpn_rl.networks.gru:GRU", GatedParameters),
    "lstm": Entry("mpn_rl.networks.lstm:LSTM", GatedParameters),
}

TASKS: dict[str, Entry] = {
    "DelayedMatch-v0": Entry("mpn_rl.tasks.delayed_match:DelayedMatch", DelayParameters),
    "ContextDecision-v0": Entry(
        "mpn_rl.tasks.context_decision:ContextDecision", EvidenceParameters
    ),
    "GoNogo-v0": Entry("mpn_rl.tasks.go_nogo:GoNogo", DelayParameters),
    "DelayedComparison-v0": Entry(
        "mpn_rl.tasks.delayed_comparison:DelayedComparison", DelayParameters
    ),
    "DelayedPairedAssociation-v0": Entry(
        "mpn_rl.tasks.delayed_paired_association:DelayedPairedAssociation", DelayParameters
    ),
    "PerceptualDecision-v0": Entry(
        "mpn_rl.tasks.perceptual_decision:PerceptualDecision", EvidenceParameters
    ),
    "RepeatPrevious-v0": Entry(
        "mpn_rl.tasks.repeat_previous:RepeatPrevious", RepeatPreviousParameters
    ),
    "RepeatFirst-v0": Entry("mpn_rl.tasks.repeat_first:RepeatFirst", MemoryLengthParameters),
    "MemoryLength-v0": Entry("mpn_rl.tasks.memory_length:MemoryLength", MemoryLengthParameters),
    "TMaze-v0": Entry("mpn_rl.tasks.t_maze:TMaze", TMazeParameters),
    "PositionCartPole-v1": Entry("mpn_rl.tasks.cartpole:PositionCartPole"),
    "VelocityCartPole-v1": Entry("mpn_rl.tasks.cartpole:VelocityCartPole"),
    "NoisyPositionCartPole-v1": Entry(
        "mpn_rl.tasks.noisy_cartpole:NoisyPositionCartPole", NoiseParameters
    ),
}

LEARNERS: dict[str, Entry] = {
    "dqn": Entry("mpn_rl.learning.dqn:RecurrentDQN", DQNParameters),
    "pqn": Entry("mpn_rl.learning.pqn:PQN", PQNParameters),
}
