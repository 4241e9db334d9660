"""Every training hyper-parameter but the seed, in one flat model.

The names are the keys of the config and the flags of the command line (`--hidden-dim`). What only
some cores, tasks or learners have is declared in `networks`, `tasks` and `learners`, the rest here.
Hard ranges stand only where beyond them nothing is defined.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, WithJsonSchema, model_validator

from mpn_rl.parameters import learners, networks, tasks
from mpn_rl.parameters.catalogue import CORES, LEARNERS, TASKS
from mpn_rl.parameters.fields import (
    ByRecipe,
    Count,
    DeclaredField,
    Fraction,
    NonNegative,
    Positive,
    declared_fields,
    matching,
    parameter,
)
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS
from mpn_rl.parameters.plugins import PLUGIN_PATTERN
from mpn_rl.parameters.task_ids import TASK_PATTERN, known_core, known_task
from mpn_rl.parameters.values import show

_TASK = rf"(?:{TASK_PATTERN})|(?:{PLUGIN_PATTERN})|[A-Za-z][\w-]*\(.*\)"
PluginCore = Annotated[
    str,
    AfterValidator(known_core),
    WithJsonSchema({"type": "string", "pattern": ":"}),  # others of installed packages aside
]
_OF_LEARNERS = {name for entry in LEARNERS.values() for name in entry.parameters}


class Hyperparameters(
    networks.MPNParameters,
    networks.FrameStackParameters,
    networks.DeltaParameters,
    networks.GatedParameters,
    networks.NetworkParameters,
    tasks.DelayParameters,
    tasks.EvidenceParameters,
    tasks.RepeatPreviousParameters,
    tasks.MemoryLengthParameters,
    tasks.TMazeParameters,
    tasks.GymnasiumParameters,
    learners.DQNParameters,
    learners.PQNParameters,
):
    """The hyper-parameters of one point of a sweep."""

    task: Annotated[str, matching(_TASK), AfterValidator(known_task)] = parameter(
        "DelayedMatch-v0",
        "task to learn: one of the project's, any Gymnasium id, also module:id, or a plug-in's "
        "module:Class",
        pattern=f"^({_TASK})$",
        form="a task of this project or a Gymnasium id such as CartPole-v1 or module:name-v0",
    )
    core: Literal[tuple(CORES)] | PluginCore = parameter(  # type: ignore[valid-type]
        "mpn", "memory core: one of the project's, or a plug-in's module:Class"
    )
    max_episode_steps: Count | None = parameter(
        None, "truncate episodes at this length; null: the task's own limit [steps]"
    )
    previous_action: bool = parameter(False, "append the previous action, one-hot, to observations")
    previous_reward: bool = parameter(False, "append the previous reward to observations")
    hidden_dim: Count = parameter(64, "width of the memory core [units]")
    num_steps: Count | None = parameter(
        None,
        "length of training, summed over environments; the earlier of num_steps and num_episodes "
        "ends it; null: num_episodes alone, and by the task where that is null too "
        "[environment steps]",
    )
    num_episodes: Count | None = parameter(
        None, "length of training; null: num_steps alone [episodes]"
    )
    num_envs: ByRecipe[Count] = parameter(
        None, "environments stepped together; null: by the learner"
    )
    learner: ByRecipe[Literal[tuple(LEARNERS)]] = parameter(  # type: ignore[valid-type]
        None,
        "dqn: double Q-learning from replayed sequences; pqn: from rollouts, without replay; null: "
        "the one that has a parameter that is given, else pqn on tasks that step in microseconds "
        "(the project's own and CartPole-v1) and dqn on all others",
    )
    gamma: Fraction = parameter(0.99, "discount per step")
    return_lambda: Fraction | None = parameter(
        0.8, "lambda of the lambda-returns that Q-values are moved towards; null: n-step returns"
    )
    n_step: Count = parameter(
        1, "rewards summed before the bootstrap [steps]", when=("return_lambda", (None,))
    )
    value_rescaling: bool = parameter(
        False, "learn h(Q), h(x) = sign(x) (sqrt(abs(x) + 1) - 1) + 0.001 x, for large returns"
    )
    reward_scale: Positive | None = parameter(
        None,
        "factor of rewards in what is learned, never in scores; null: 1 over the running deviation "
        "of their discounted sum, or over the largest reward where that is larger, and at most 1",
    )
    learning_rate: ByRecipe[NonNegative] = parameter(
        None, "step size of Adam; null: by the learner"
    )
    learning_rate_decay: Positive | Literal["training"] | None = parameter(
        "training",
        "environment steps over which learning_rate falls linearly to 0; training: num_steps, by "
        "learning_rate_power, and it stays where that is unknown; null: it stays "
        "[environment steps]",
    )
    learning_rate_power: ByRecipe[Positive] = parameter(
        None,
        "power of the part of training that is left, as which learning_rate falls: 1 linearly, 2 "
        "faster at first and slower at the end; null: by the learner",
        when=("learning_rate_decay", ("training",)),
    )
    gradient_clip: Positive = parameter(10.0, "largest global norm of the gradient")
    weight_averaging: Fraction | None = parameter(
        0.999,
        "part of the old in the running average of the weights, at each update and less at the "
        "first ones; validations play the average, and it is what is kept; null: the weights "
        "themselves",
    )
    epsilon_start: Fraction = parameter(1.0, "exploration_epsilon at the start of training")
    epsilon_end: ByRecipe[Fraction] = parameter(
        None, "exploration_epsilon at the end of its decay; null: by the learner"
    )
    epsilon_schedule: Literal["linear", "exponential"] = parameter(
        "linear", "shape of the decay of exploration_epsilon"
    )
    epsilon_decay: ByRecipe[Positive] = parameter(
        None,
        "linear: environment steps from epsilon_start to epsilon_end, null: a fifth of num_steps; "
        "exponential: factor per episode, in (0, 1]",
    )
    validation_period: Count | None = parameter(
        None,
        "steps between greedy validations; null: a twentieth of num_steps [environment steps]",
    )
    validation_episodes: Count | None = parameter(
        None,
        "episodes per greedy validation; null: as many as validation_share pays, 10 to 256 where "
        "episodes are not long [episodes]",
    )
    validation_share: Positive | None = parameter(
        0.1,
        "work of validations beside that of training, at most; where episodes are long, "
        "validations are rarer, then of fewer episodes; null: as period and episodes say",
    )

    @model_validator(mode="before")
    @classmethod
    def _learner_that_is_meant(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Parameters that learners alone have name the first learner that has all of them."""
        named = _OF_LEARNERS & values.keys()
        able = [name for name, entry in LEARNERS.items() if named <= {*entry.parameters}]
        if values.get("learner") is None and named and able:
            return {**values, "learner": able[0]}
        return values

    def contradictions(self) -> Iterable[str]:
        """One learner is meant, its exploration decays, and what core and learner have agrees."""
        if self.learner is None and (named := self.model_fields_set & _OF_LEARNERS):
            listed = ", ".join(name for name in type(self).model_fields if name in named)
            yield f"learner: null with parameters of more than one ({listed}); name the learner"
        if self.encoder == "conv" and self.task in TASKS:
            yield (
                f"encoder: conv with task {self.task}, which shows no images; allowed is dense, "
                "random, none, or null"
            )
        yield from CORES[self.core].model.contradictions(self)
        if self.learner is not None:
            yield from LEARNERS[self.learner].model.contradictions(self)
        if self.epsilon_schedule == "exponential" and not 0 < (self.epsilon_decay or 0) <= 1:
            yield (
                f"epsilon_decay: {show(self.epsilon_decay)} with epsilon_schedule: exponential, "
                "where it is a factor per episode; allowed is a number in (0, 1]"
            )


# What is null until the recipe fills it in; num_steps is, where num_episodes is null too, and
# sequence_length where replay_start is.
BY_RECIPE = (
    *("learner", "num_envs", "learning_rate", "learning_rate_power"),
    *("epsilon_end", "epsilon_decay"),
    *("buffer_size", "replay_start", "burn_in_length"),
)
# in the order in which they are written
FIELDS: dict[str, DeclaredField] = {
    name: declared_fields(Hyperparameters)[name]
    for name in dict.fromkeys((*FIRST_DEFAULTS, *Hyperparameters.model_fields))
}
DEFAULTS: dict[str, Any] = {name: field.default for name, field in FIELDS.items()}
