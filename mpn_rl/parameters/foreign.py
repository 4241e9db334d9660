"""Hyper-parameters in files that anybody may have written."""

from typing import Any

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import point_of


def sound_point(values: Any) -> Hyperparameters:
    """The point that `point_of` gives, whatever is in `values`.

    Raises ConfigError, a line per problem, also for what is no value of a hyper-parameter at all.
    """
    given = values
    if isinstance(values, dict):  # an encoder is also written in words that no config may use
        given = {name: value for name, value in values.items() if name != "encoder"}
    Hyperparameters.read(given, whole=False)
    return point_of(values)
