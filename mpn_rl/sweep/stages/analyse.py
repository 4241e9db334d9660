"""Analysis of recorded activity: principal components."""

from pathlib import Path

import pandas as pd

from mpn_rl.analysis.pca import analyse_trajectories
from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.artifacts.pca import write_pca, write_projection
from mpn_rl.sweep.ledger import recording


def analyse(directory: Path, *, run: str, code: str) -> None:
    """Write pca.csv and pca_projection.npz of the hidden states and, where recorded, of M."""
    experiment = Experiment(directory)
    with recording(
        directory,
        "analyse",
        run=run,
        code=code,
        params={},
        inputs=[experiment.activity],
        outputs=[experiment.pca, experiment.projection],
    ):
        activity = read_activity(experiment.activity)
        seeds, lengths = activity.seeds.tolist(), activity.lengths
        spectrum, hidden = analyse_trajectories(seeds, lengths, activity.h, "hidden")
        spectra, projection = [spectrum], {"hidden": hidden}
        if activity.M is not None:
            spectrum, projection["M"] = analyse_trajectories(seeds, lengths, activity.M, "M")
            spectra.append(spectrum)
        table = pd.concat([t for t in spectra if len(t)] or spectra[:1], ignore_index=True)
        write_pca(experiment.pca, table)
        write_projection(experiment.projection, projection)
