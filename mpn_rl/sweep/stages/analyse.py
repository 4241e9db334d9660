"""Analysis of recorded activity: principal components."""

import numpy as np

from mpn_rl.analysis.pca import analyse_trajectories
from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.pca import write_pca, write_projection
from mpn_rl.sweep.stages.runner import Given


def analyse(given: Given) -> None:
    """Write pca.csv and pca_projection.npz of the hidden states and, where recorded, of M."""
    activity = read_activity(given.inputs["activity"])
    seeds, lengths = activity.seeds.tolist(), activity.lengths
    recorded = {"hidden": activity.h}
    if activity.M is not None:
        recorded["M"] = activity.M
    found = {n: analyse_trajectories(seeds, lengths, values, n) for n, values in recorded.items()}
    write_pca(given.outputs["pca"], np.concatenate([table for table, _ in found.values()]))
    projection = {name: trajectories for name, (_, trajectories) in found.items()}
    write_projection(given.outputs["projection"], projection)
