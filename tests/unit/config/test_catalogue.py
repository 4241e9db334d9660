"""The catalogue of cores and tasks."""

from mpn_rl.parameters.catalogue import CORES, TASKS
from mpn_rl.parameters.hyperparameters import FIELDS


def test_the_catalogue_names_fields_that_exist():
    for entry in [*CORES.values(), *TASKS.values()]:
        assert set(entry.parameters) <= set(FIELDS)
