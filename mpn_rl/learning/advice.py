"""What a training says of its task: how it is validated, numbers too large, nothing to learn."""

import logging
from collections.abc import Sequence

import numpy as np

from mpn_rl.learning.validation import Validations
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.values import show

log = logging.getLogger(__name__)

# Numbers beyond this are far from what the first weights are made for. So many steps are looked at.
LARGE, LOOKED_AT = 10.0, 10_000
# So many episodes of one and the same return are no coincidence on any task worth learning.
DEAD_EPISODES = 100


class ScaleWatch:
    """Advises once where these `entries` of observations are large, as they are not normalised."""

    def __init__(self, seed: int, task: str, entries: list[int]) -> None:
        self._seed, self._task, self._entries = seed, task, entries

    def look(self, observation: np.ndarray, steps: int) -> None:
        """Look at observations (env, entry), after so many steps of training."""
        if not self._entries or steps >= LOOKED_AT:
            return
        size = np.abs(observation[:, self._entries].astype(np.float64)).max(axis=0)
        if (largest := float(size.max())) > LARGE:
            log.warning(
                "seed %d: task %r shows %.6g in entry %d of its observations, but networks learn "
                "best from about -1 to 1; observation_normalisation: true scales observations",
                self._seed,
                self._task,
                largest,
                self._entries[int(size.argmax())],
            )
            self._entries = []


def tell_validations(hp: Hyperparameters, seed: int, validations: Validations) -> None:
    """Log how a training is validated, where the hyper-parameters say something else or nothing."""
    given = hp.validation_period, hp.validation_episodes
    if validations != given:
        log.info(
            "seed %d: validated every %s steps with %d episodes%s (validation_share: %s)",
            seed,
            f"{validations.period:,}",
            validations.episodes,
            "" if None in given else ", as episodes may be long",
            show(hp.validation_share),
        )


def nothing_learned(updates: int, steps: int, returns: Sequence[float]) -> str | None:
    """Why there was nothing to learn from in a whole training; None where there was.

    returns (episode,) are those of its episodes.
    """
    if updates == 0:
        return f"no gradient update in {steps} steps and {len(returns)} episodes"
    if len(returns) >= DEAD_EPISODES and min(returns) == max(returns):
        return (
            f"dead exploration: each of {len(returns)} episodes returned {returns[0]:g}, so "
            "that no action could be told from another"
        )
    return None
