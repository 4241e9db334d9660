"""The parameters that learners alone have, each learner's model."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from mpn_rl.parameters.fields import (
    AsNumber,
    AsWhole,
    ByRecipe,
    Count,
    Fraction,
    Natural,
    Parameters,
    parameter,
)
from mpn_rl.parameters.values import show

_CUT_SEQUENCES = ("replay_start", (None, "stored", "zero"))


class DQNParameters(Parameters):
    """What double Q-learning from replayed sequences has."""

    batch_size: Count = parameter(8, "sequences per update [sequences]")
    buffer_size: ByRecipe[Count] = parameter(
        None,
        "capacity of the replay buffer; null: num_steps, at most 100,000 and a gigabyte of "
        "observations [environment steps]",
    )
    replay_start: ByRecipe[Literal["episode", "stored", "zero"]] = parameter(
        None,
        "state at the start of a replayed sequence: sequences begin with their episode, the state "
        "stored when acting, or zero; null: stored",
    )
    sequence_length: Count | None = parameter(
        None,
        "length of replayed sequences; required for stored and zero, null (whole episodes) for "
        "episode; null with replay_start null: 40 [steps]",
        when=_CUT_SEQUENCES,
    )
    burn_in_length: ByRecipe[Natural] = parameter(
        None,
        "first steps of a sequence, unrolled without loss; less than sequence_length; null: a "
        "fifth of it [steps]",
        when=_CUT_SEQUENCES,
    )
    priority_exponent: Annotated[float, Field(ge=0, le=10), AsNumber] = parameter(
        0.0, "exponent of the priorities by which sequences are drawn; 0: uniformly"
    )
    priority_max_weight: Fraction = parameter(
        0.9,
        "weight of a sequence's largest error in its priority, beside its mean error; without "
        "effect where priority_exponent is 0",
    )
    update_period: Count = parameter(4, "environment steps per gradient update [environment steps]")
    learning_starts: Natural = parameter(
        1_000, "steps taken before the first update [environment steps]"
    )
    target_update_rate: Fraction = parameter(
        0.01, "target network <- (1 - rate) target + rate online; 1 copies"
    )
    target_update_period: Count = parameter(1, "updates between target updates [updates]")
    epsilon_hold: Count = parameter(
        50,
        "longest that a random action of dqn is held, n steps with P(n >= k) = 1/k; 1: each step "
        "draws its own [steps]",
    )

    def contradictions(self) -> Iterable[str]:
        """Sequences that are cut have a length, and a part to learn from behind the burn-in."""
        start, length, burn_in = self.replay_start, self.sequence_length, self.burn_in_length or 0
        whole = (
            "with replay_start: episode, which {}; allowed is {}, or replay_start: stored or zero"
        )
        if start == "episode":
            if length is not None:
                why = whole.format("replays whole episodes", "null")
                yield f"sequence_length: {show(length)} {why}"
            if burn_in:
                yield f"burn_in_length: {show(burn_in)} {whole.format('needs none', '0')}"
        elif length is None and start is None:
            pass
        elif length is None:
            yield f"sequence_length: null with replay_start: {start}, which needs a whole number"
        elif burn_in >= length:
            yield (
                f"burn_in_length: {show(burn_in)} is not less than sequence_length = "
                f"{show(length)}; nothing would be left to learn from"
            )


class PQNParameters(Parameters):
    """What Q-learning from rollouts has."""

    rollout_length: Annotated[int, Field(ge=2), AsWhole] = parameter(
        64, "steps of each environment between the updates of pqn [steps]"
    )
    rollout_epochs: Count = parameter(4, "how often a rollout is gone through")
    rollout_minibatches: Count = parameter(
        16, "parts of a rollout's environments, an update each; at most num_envs count"
    )
