"""Analysis of recorded activity: principal components."""

import pandas as pd

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
    spectra = [spectrum for spectrum, _ in found.values()]
    table = pd.concat([t for t in spectra if len(t)] or spectra[:1], ignore_index=True)
    write_pca(given.outputs["pca"], table)
    projection = {name: trajectories for name, (_, trajectories) in found.items()}
    write_projection(given.outputs["projection"], projection)
