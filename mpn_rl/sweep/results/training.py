"""Training from Python: as `mpn-rl train` does it, with the same files and the same bytes."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from operator import index
from pathlib import Path
from typing import Any

import numpy as np

from mpn_rl.errors import UserError
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.points import read_point, without_effect
from mpn_rl.parameters.values import show
from mpn_rl.sweep.config.settings import RunningSettings
from mpn_rl.sweep.results.beginning import claim, looked_at, train_claimed
from mpn_rl.sweep.results.devices import device_here
from mpn_rl.sweep.results.experiment import Experiment

log = logging.getLogger(__name__)


def train(
    directory: str | Path,
    seeds: Iterable[int] = (0,),
    *,
    device: str = "cpu",
    seeds_at_once: int = 1,
    **hyperparameters: Any,
) -> Experiment:
    """Train agents into a directory, and return them as an `Experiment`.

    `hyperparameters` have the names of the config's keys (task, core, num_steps, eta, …); what is
    not given is at its default. `seeds_at_once` of the `seeds` train at once on a CPU, each in a
    process of its own. A training that was cut off goes on where it was; one that is complete is
    returned as it is. Raises ConfigError for hyper-parameters that cannot be, or if another
    experiment is in the directory; UserError for one without effect.
    """
    # what numpy's functions give, such as a grid of learning rates
    hyperparameters = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in hyperparameters.items()
    }
    point = read_point(hyperparameters)
    if unused := without_effect(hyperparameters, point):
        raise UserError(unused[0])
    numbers, device = _read_seeds(seeds), device_here(device)
    running = RunningSettings.read({"seeds_at_once": seeds_at_once}, "")
    home = Path(directory)
    for message in looked_at(point):
        log.warning("%s", message)
    if not claim(home, point, numbers, refuse_finished=False):
        train_claimed(home, point, numbers, device, seeds_at_once=running.seeds_at_once)
    return Experiment(home)


def _read_seeds(seeds: Iterable[int]) -> list[int]:
    """The seeds in rising order; ConfigError for what is no list of different ones."""
    with suppress(TypeError):
        numbers = sorted(map(index, seeds))
        if numbers and numbers[0] >= 0 and numbers[-1] < 2**63 and len({*numbers}) == len(numbers):
            return numbers
    raise ConfigError(f"seeds: {show(seeds)} is not a list of different seeds from 0 up")
