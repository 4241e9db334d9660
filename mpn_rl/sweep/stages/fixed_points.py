"""Where the memory of recorded agents comes to rest, and how long it lasts."""

import logging
from pathlib import Path

from mpn_rl.analysis.rest import Recorded, Row, as_table, rest_tables
from mpn_rl.artifacts.activity import Activity, read_activity
from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.fixed_points import (
    POINTS,
    TIMESCALES,
    write_fixed_points,
    write_timescales,
)
from mpn_rl.parameters.points import point_of
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def fixed_points(given: Given) -> None:
    """Write fixed_points.csv and timescales.csv, of each seed under each phase's mean input.

    They have no rows where the core has no memory that is known here, or where what it was given
    is not recorded.
    """
    activity = read_activity(given.inputs["activity"])
    checkpoint = read_checkpoint(given.inputs["checkpoint"])
    points: list[Row] = []
    scales: list[Row] = []
    for place, seed in enumerate(activity.seeds.tolist()):
        weights = _weights(checkpoint, given.inputs["checkpoint"], seed)
        found = rest_tables(
            point_of(checkpoint.hyperparameters),
            weights,
            _recorded(activity, place),
            activity.phase_names,
            given.settings["num_states"],
        )
        points += [{"seed": seed, **row} for row in found[0]]
        scales += [{"seed": seed, **row} for row in found[1]]
        if found[1]:
            log.info("seed %d: %d points at rest", seed, len(found[0]))
    if not scales:
        log.info("no fixed points: %s", _why_none(activity, checkpoint))
    write_fixed_points(given.outputs["fixed_points"], as_table(points, POINTS))
    write_timescales(given.outputs["timescales"], as_table(scales, TIMESCALES))


def _weights(checkpoint: Checkpoint, path: Path, seed: int) -> dict[str, object]:
    if seed not in checkpoint.seeds:
        raise ArtifactError(f"{path}: has no seed {seed}, of which there is a recording")
    return dict(checkpoint.seeds[seed])


def _recorded(activity: Activity, place: int) -> Recorded:
    """One seed's episodes, as far as x is recorded."""
    count = activity.x.shape[1]
    return Recorded(
        activity.x[place],
        activity.h[place, :count],
        activity.phases[place, :count],
        {name: values[place, :count] for name, values in activity.variables.items()},
    )


def _why_none(activity: Activity, checkpoint: Checkpoint) -> str:
    if not activity.x.size:
        return "what the core is given is not recorded"
    core = checkpoint.hyperparameters.get("core")
    return f"core {core} has no memory that is known here, or one that with lambda = 1 never rests"
