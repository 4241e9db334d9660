"""Training from Python: as `mpn-rl train` does it, with the same files and the same bytes."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mpn_rl.errors import UserError
from mpn_rl.parameters.points import applicable, lacking, read_point, resolved, run_id
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.ledger.named import note_named
from mpn_rl.sweep.ledger.probe import look_at_tasks
from mpn_rl.sweep.results.beginning import begin
from mpn_rl.sweep.results.experiment import Experiment
from mpn_rl.sweep.stages.demands import refuse_beyond

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
    meant = {**hyperparameters, "learner": point.learner}
    unused = [name for name in hyperparameters if name not in applicable(meant)]
    if unused:
        raise UserError(f"{unused[0]}: {lacking(unused[0], meant)} has no {unused[0]}")
    numbers = sorted({*seeds})
    home = Path(directory)
    # before there is a folder: what cannot be trained on leaves none
    for message in look_at_tasks([point]):
        log.warning("%s", message)
    note_named([point])
    if not home.exists():
        refuse_beyond(point)
    if not begin(home, point, numbers, refuse_finished=False):
        from mpn_rl.sweep.stages.resuming import MachineSettings, train_block
        from mpn_rl.sweep.stages.runner import given_at

        given = given_at(
            home, "train", run_id(point), resolved(point), seeds=numbers, device=device
        )
        machine = MachineSettings(keep_state=True, seeds_at_once=seeds_at_once)
        train_block(given, code_in_force("train", point), machine)
    return Experiment(home)
