"""Training from Python: as `mpn-rl train` does it, with the same files and the same bytes."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mpn_rl.errors import UserError
from mpn_rl.parameters.points import read_point, without_effect
from mpn_rl.sweep.results.beginning import claim, looked_at, train_claimed
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
    point = read_point(hyperparameters)
    if unused := without_effect(hyperparameters, point):
        raise UserError(unused[0])
    numbers = sorted({*seeds})
    home = Path(directory)
    for message in looked_at(point):
        log.warning("%s", message)
    if not claim(home, point, numbers, refuse_finished=False):
        train_claimed(home, point, numbers, device, seeds_at_once=seeds_at_once)
    return Experiment(home)
