"""How exploration falls while an agent learns."""


def exploration_epsilon(
    schedule: str,
    start: float,
    end: float,
    decay: float,
    steps: int,
    episodes: int,
) -> float:
    """Probability of a random action; `schedule` is linear or exponential.

    linear: epsilon = start + (end - start) min(1, steps / decay), `decay` in environment steps.
    exponential: epsilon = max(end, start decay^episodes), `decay` a factor per episode
    (min instead of max where epsilon rises).
    """
    if schedule == "linear":
        return start + (end - start) * min(1.0, steps / decay)
    value = start * decay**episodes
    return max(end, value) if end <= start else min(end, value)


def learning_rate(start: float, decay: float | None, steps: int) -> float:
    """Step size after `steps` environment steps: start max(0, 1 - steps / decay).

    It stays `start` where `decay` is None.
    """
    return start if decay is None else start * max(0.0, 1.0 - steps / decay)
