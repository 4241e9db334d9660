"""Every training hyper-parameter but the seed: default, unit, range and meaning in one place.

The names are the keys of the config and the flags of the command line (`--hidden-dim`). Hard
ranges stand only where beyond them nothing is defined. A new one is a field here; one that only
some cores or tasks have is also listed with them in `catalogue`.
"""

from dataclasses import Field, dataclass, fields
from typing import Any

from mpn_rl.parameters.catalogue import CORES, LEARNERS
from mpn_rl.parameters.spec import Spec, parameter
from mpn_rl.parameters.task_ids import TASK_PATTERN

_RATE_SHAPES = ("scalar", "pre", "post", "full")
_RATES = "one number (scalar), one per input (pre), hidden unit (post) or synapse (full)"
_CUT_SEQUENCES = ("replay_start", ("stored", "zero"))


@dataclass(frozen=True)
class Hyperparameters:
    """One point of a sweep."""

    task: str = parameter(
        "DelayedMatch-v0",
        "task to learn: one of the project's or any Gymnasium id, also module:id",
        pattern=TASK_PATTERN,
        form="a task of this project or a Gymnasium id such as CartPole-v1 or module:name-v0",
    )
    core: str = parameter("mpn", "memory core", choices=tuple(CORES))
    delay: int = parameter(6, "steps between stimulus and decision", unit="steps", minimum=0)
    observation_noise: float = parameter(
        0.1, "standard deviation of the Gaussian noise on observations", minimum=0
    )
    stimulus_steps: int = parameter(10, "length of the stimulus", unit="steps", minimum=1)
    coherence: float = parameter(
        1.0, "evidence of one step: mean over standard deviation", minimum=0
    )
    k: int = parameter(
        2, "how many steps back the symbol to repeat was shown", unit="steps", minimum=1
    )
    memory_length: int = parameter(
        16, "how long what is shown first has to be remembered", unit="steps", minimum=1
    )
    corridor_length: int = parameter(
        10, "steps from the start of the maze to its junction", unit="steps", minimum=1
    )
    max_episode_steps: int | None = parameter(
        None,
        "truncate episodes at this length; null: the task's own limit",
        unit="steps",
        minimum=1,
    )
    previous_action: bool = parameter(False, "append the previous action, one-hot, to observations")
    previous_reward: bool = parameter(False, "append the previous reward to observations")

    encoder: str = parameter(
        "dense",
        "layer before the core: trained dense + tanh, fixed random projection, none",
        choices=("dense", "random", "none"),
    )
    encoder_dim: int = parameter(
        32, "width of the encoder", unit="units", minimum=1, when=("encoder", ("dense", "random"))
    )
    hidden_dim: int = parameter(64, "width of the memory core", unit="units", minimum=1)
    activation: str = parameter(
        "tanh", "nonlinearity of the core", choices=("tanh", "relu", "sigmoid", "linear")
    )
    bias: bool = parameter(True, "whether the core has biases")
    eta: float = parameter(0.1, "Hebbian rate of the modulations M; initial value if learned")
    learn_eta: bool = parameter(True, "train eta")
    lambda_decay: float = parameter(
        0.95, "decay of M per step; initial value if learned", minimum=0, maximum=1
    )
    learn_lambda: bool = parameter(True, "train lambda_decay")
    lambda_max: float = parameter(
        0.99,
        "upper bound of a trained lambda_decay",
        minimum=0,
        above=True,
        maximum=1,
        when=("learn_lambda", (True,)),
    )
    eta_shape: str = parameter("scalar", f"eta is {_RATES}", choices=_RATE_SHAPES)
    lambda_shape: str = parameter("scalar", f"lambda_decay is {_RATES}", choices=_RATE_SHAPES)
    hebbian_rule: str = parameter(
        "associative",
        "what eta multiplies in the update of M: hidden times input, input alone or hidden alone",
        choices=("associative", "presynaptic", "postsynaptic"),
    )
    modulation: str = parameter(
        "multiplicative",
        "how M acts on the weights: W (1 + M) or W + M",
        choices=("multiplicative", "additive"),
    )
    M_bound: float | None = parameter(
        None, "largest absolute value of an entry of M; null: no bound", minimum=0, above=True
    )
    W_init: str = parameter("xavier", "distribution that W starts from", choices=("xavier", "he"))
    num_layers: int = parameter(1, "layers of the core", unit="layers", minimum=1)
    dueling: bool = parameter(
        False, "read out a value and the actions' advantages, Q = V + A - mean A"
    )
    layer_norm: bool = parameter(
        False, "normalise what enters the encoder's tanh and what leaves the core"
    )

    num_steps: int | None = parameter(
        80_000,
        "length of training, summed over environments; the earlier of num_steps and num_episodes "
        "ends it; null: num_episodes alone",
        unit="environment steps",
        minimum=1,
    )
    num_episodes: int | None = parameter(
        None, "length of training; null: num_steps alone", unit="episodes", minimum=1
    )
    num_envs: int = parameter(16, "environments stepped together", minimum=1)
    learner: str = parameter(
        "dqn",
        "dqn: double Q-learning from replayed sequences; pqn: from rollouts, without replay",
        choices=tuple(LEARNERS),
    )
    gamma: float = parameter(0.99, "discount per step", minimum=0, maximum=1)
    return_lambda: float | None = parameter(
        None,
        "lambda of the lambda-returns that Q-values are moved towards; null: n-step returns",
        minimum=0,
        maximum=1,
    )
    n_step: int = parameter(
        1,
        "rewards summed before the bootstrap",
        unit="steps",
        minimum=1,
        when=("return_lambda", (None,)),
    )
    value_rescaling: bool = parameter(
        False, "learn h(Q), h(x) = sign(x) (sqrt(abs(x) + 1) - 1) + 0.001 x, for large returns"
    )
    learning_rate: float = parameter(2e-3, "step size of Adam", minimum=0)
    learning_rate_decay: float | None = parameter(
        None,
        "environment steps over which learning_rate falls linearly to 0; null: it stays",
        unit="environment steps",
        minimum=0,
        above=True,
    )
    gradient_clip: float = parameter(
        10.0, "largest global norm of the gradient", minimum=0, above=True
    )
    batch_size: int = parameter(64, "sequences per update", unit="sequences", minimum=1)
    buffer_size: int = parameter(
        20_000, "capacity of the replay buffer", unit="environment steps", minimum=1
    )
    replay_start: str = parameter(
        "episode",
        "state at the start of a replayed sequence: sequences begin with their episode, the state "
        "stored when acting, or zero",
        choices=("episode", "stored", "zero"),
    )
    sequence_length: int | None = parameter(
        None,
        "length of replayed sequences; required for stored and zero, null (whole episodes) for "
        "episode",
        unit="steps",
        minimum=1,
        when=_CUT_SEQUENCES,
    )
    burn_in_length: int = parameter(
        0,
        "first steps of a sequence, unrolled without loss; less than sequence_length",
        unit="steps",
        minimum=0,
        when=_CUT_SEQUENCES,
    )
    priority_exponent: float = parameter(
        0.0,
        "exponent of the priorities by which sequences are drawn; 0: uniformly",
        minimum=0,
        maximum=10,
    )
    priority_max_weight: float = parameter(
        0.9,
        "weight of a sequence's largest error in its priority, beside its mean error; without "
        "effect where priority_exponent is 0",
        minimum=0,
        maximum=1,
    )
    update_period: int = parameter(
        36, "environment steps per gradient update", unit="environment steps", minimum=1
    )
    learning_starts: int = parameter(
        1_000, "steps taken before the first update", unit="environment steps", minimum=0
    )
    target_update_rate: float = parameter(
        0.01,
        "target network <- (1 - rate) target + rate online; 1 copies",
        minimum=0,
        maximum=1,
    )
    target_update_period: int = parameter(
        1, "updates between target updates", unit="updates", minimum=1
    )
    rollout_length: int = parameter(
        32, "steps of each environment between the updates of pqn", unit="steps", minimum=2
    )
    rollout_epochs: int = parameter(4, "how often a rollout is gone through", minimum=1)
    rollout_minibatches: int = parameter(
        4, "parts of a rollout's environments, an update each; at most num_envs count", minimum=1
    )
    epsilon_start: float = parameter(
        1.0, "exploration_epsilon at the start of training", minimum=0, maximum=1
    )
    epsilon_end: float = parameter(
        0.05, "exploration_epsilon at the end of its decay", minimum=0, maximum=1
    )
    epsilon_schedule: str = parameter(
        "linear", "shape of the decay of exploration_epsilon", choices=("linear", "exponential")
    )
    epsilon_decay: float = parameter(
        20_000.0,
        "linear: environment steps from epsilon_start to epsilon_end; exponential: factor per "
        "episode, in (0, 1]",
        minimum=0,
        above=True,
    )
    validation_period: int = parameter(
        5_000, "steps between greedy validations", unit="environment steps", minimum=1
    )
    validation_episodes: int = parameter(
        64, "episodes per greedy validation", unit="episodes", minimum=1
    )


FIELDS: dict[str, Field] = {field.name: field for field in fields(Hyperparameters)}
SPECS: dict[str, Spec] = {name: field.metadata["spec"] for name, field in FIELDS.items()}
DEFAULTS: dict[str, Any] = {name: field.default for name, field in FIELDS.items()}
