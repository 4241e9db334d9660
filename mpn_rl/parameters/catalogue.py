"""The memory cores, tasks and learners of the project, by name.

Plain data: nothing that it names is imported here, so that a config is read without torch or
gymnasium. A new one is one entry more; its parameters are fields of `Hyperparameters`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class CoreEntry:
    """A memory core: `target` "module:Class", the hyper-parameters it has, whether M changes."""

    target: str
    parameters: tuple[str, ...]
    plastic: bool


@dataclass(frozen=True)
class TaskEntry:
    """A task: `target` "module:Class" and the hyper-parameters it has."""

    target: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class LearnerEntry:
    """A learner: `target` "module:Class" and the hyper-parameters that it alone has."""

    target: str
    parameters: tuple[str, ...]


CORES: dict[str, CoreEntry] = {
    "mpn": CoreEntry(
        "mpn_rl.networks.mpn:MPN",
        (
            "activation",
            "bias",
            "eta",
            "learn_eta",
            "lambda_decay",
            "learn_lambda",
            "lambda_max",
            "eta_shape",
            "lambda_shape",
            "hebbian_rule",
            "modulation",
            "M_bound",
            "W_init",
            "num_layers",
        ),
        plastic=True,
    ),
    "mpn-frozen": CoreEntry(
        "mpn_rl.networks.mpn_frozen:FrozenMPN",
        ("activation", "bias", "W_init", "num_layers"),
        plastic=False,
    ),
    "rnn": CoreEntry("mpn_rl.networks.rnn:RNN", ("activation", "bias"), plastic=False),
    "gru": CoreEntry("mpn_rl.networks.gru:GRU", ("bias",), plastic=False),
    "lstm": CoreEntry("mpn_rl.networks.lstm:LSTM", ("bias",), plastic=False),
}

TASKS: dict[str, TaskEntry] = {
    "DelayedMatch-v0": TaskEntry(
        "mpn_rl.tasks.delayed_match:DelayedMatch", ("delay", "observation_noise")
    ),
    "ContextDecision-v0": TaskEntry(
        "mpn_rl.tasks.context_decision:ContextDecision", ("stimulus_steps", "coherence")
    ),
    "GoNogo-v0": TaskEntry("mpn_rl.tasks.go_nogo:GoNogo", ("delay", "observation_noise")),
    "DelayedComparison-v0": TaskEntry(
        "mpn_rl.tasks.delayed_comparison:DelayedComparison", ("delay", "observation_noise")
    ),
    "DelayedPairedAssociation-v0": TaskEntry(
        "mpn_rl.tasks.delayed_paired_association:DelayedPairedAssociation",
        ("delay", "observation_noise"),
    ),
    "PerceptualDecision-v0": TaskEntry(
        "mpn_rl.tasks.perceptual_decision:PerceptualDecision", ("stimulus_steps", "coherence")
    ),
    "RepeatPrevious-v0": TaskEntry("mpn_rl.tasks.repeat_previous:RepeatPrevious", ("k",)),
    "RepeatFirst-v0": TaskEntry("mpn_rl.tasks.repeat_first:RepeatFirst", ("memory_length",)),
    "MemoryLength-v0": TaskEntry("mpn_rl.tasks.memory_length:MemoryLength", ("memory_length",)),
    "TMaze-v0": TaskEntry("mpn_rl.tasks.t_maze:TMaze", ("corridor_length",)),
    "PositionCartPole-v1": TaskEntry("mpn_rl.tasks.cartpole:PositionCartPole", ()),
    "VelocityCartPole-v1": TaskEntry("mpn_rl.tasks.cartpole:VelocityCartPole", ()),
    "NoisyPositionCartPole-v1": TaskEntry(
        "mpn_rl.tasks.noisy_cartpole:NoisyPositionCartPole", ("observation_noise",)
    ),
}

LEARNERS: dict[str, LearnerEntry] = {
    "dqn": LearnerEntry(
        "mpn_rl.learning.dqn:RecurrentDQN",
        (
            "batch_size",
            "buffer_size",
            "replay_start",
            "sequence_length",
            "burn_in_length",
            "priority_exponent",
            "priority_max_weight",
            "update_period",
            "learning_starts",
            "target_update_rate",
            "target_update_period",
        ),
    ),
    "pqn": LearnerEntry(
        "mpn_rl.learning.pqn:PQN", ("rollout_length", "rollout_epochs", "rollout_minibatches")
    ),
}
