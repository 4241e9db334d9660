"""What agents reach on a task that learn nothing, beside which trained ones are seen."""

from mpn_rl.artifacts.baselines import write_baselines
from mpn_rl.parameters.points import point_of
from mpn_rl.playing.baselines import baseline_table
from mpn_rl.sweep.stages.runner import Given


def baselines(given: Given) -> None:
    """Write the table of a task setting: random, memoryless and oracle agents."""
    point = point_of(given.settings["task_setting"])
    table = baseline_table(point, given.settings["first_seed"])
    write_baselines(given.outputs["baselines"], table)
