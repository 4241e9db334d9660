"""What changes while an agent learns: how much it explores, and its step size."""

from mpn_rl.parameters.hyperparameters import Hyperparameters


def exploration_epsilon(hp: Hyperparameters, steps: int, episodes: int) -> float:
    """Probability of a random action, by `epsilon_schedule`, from start to end.

    linear: epsilon = start + (end - start) min(1, steps / decay), `decay` in environment steps.
    exponential: epsilon = max(end, start decay^episodes), `decay` a factor per episode
    (min instead of max where epsilon rises).
    """
    start, end, decay = hp.epsilon_start, hp.epsilon_end, hp.epsilon_decay
    if hp.epsilon_schedule == "linear":
        return start + (end - start) * min(1.0, steps / decay)
    value = start * decay**episodes
    return max(end, value) if end <= start else min(end, value)


def learning_rate(hp: Hyperparameters, steps: int) -> float:
    """Step size after `steps` environment steps: start max(0, 1 - steps / decay)^power.

    Where `learning_rate_decay` is "training", decay is `num_steps` and power `learning_rate_power`;
    power is 1 elsewhere. It stays `start` where decay is None, as where episodes alone end the
    training, or where `learning_rate_decay` is.
    """
    start, decay, power = hp.learning_rate, hp.learning_rate_decay, 1.0
    if decay == "training":
        decay, power = hp.num_steps, hp.learning_rate_power
    return start if decay is None else float(start * max(0.0, 1.0 - steps / decay) ** power)
