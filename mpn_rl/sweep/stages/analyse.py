"""Analysis of recorded activity: principal components, and how large modulations are."""

import logging

import numpy as np

from mpn_rl.analysis.modulations import modulation_course
from mpn_rl.analysis.paths import mean_paths
from mpn_rl.analysis.pca import SPECTRUM, analyse_trajectories
from mpn_rl.artifacts.activity import Activity, read_activity
from mpn_rl.artifacts.paths import PATHS, write_paths
from mpn_rl.artifacts.pca import write_pca, write_projection
from mpn_rl.artifacts.plasticity import COURSE, write_plasticity
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.points import core_of
from mpn_rl.playing.memory import Memory
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)

# Of layers with more synapses than this, as many first episodes are analysed as have so many
# numbers: the cost of principal components grows with the cube of the smaller of both.
LARGE_LAYER, MOST_NUMBERS = 4096, 2**24

Found = tuple[np.ndarray, np.ndarray]


def analyse(given: Given) -> None:
    """Write pca.csv, pca_projection.npz and paths.csv of h and of M, and plasticity.csv of M.

    M is that of plastic cores: of others there is none, and plasticity.csv has no rows.
    """
    activity = read_activity(given.inputs["activity"])
    found = {"hidden": [_of_hidden(activity, index) for index in range(len(activity.seeds))]}
    courses = [np.zeros(0, COURSE)]
    if CORES[core_of(str(given.run))].plastic:
        of_memory, own = _of_memory(given, activity)
        found |= {"M": of_memory} if of_memory else {}
        courses += own
    tables = [table for variable in found.values() for table, _ in variable]
    write_pca(given.outputs["pca"], np.concatenate([np.zeros(0, SPECTRUM), *tables]))
    longest = activity.h.shape[2]
    projection = {name: _stacked([p for _, p in each], longest) for name, each in found.items()}
    write_projection(given.outputs["projection"], projection)
    write_plasticity(given.outputs["plasticity"], np.concatenate(courses))
    write_paths(given.outputs["paths"], _paths(activity, projection))


def _paths(activity: Activity, projection: dict[str, np.ndarray]) -> np.ndarray:
    """Mean paths of each seed."""
    rows = [np.zeros(0, PATHS)]
    for index, seed in enumerate(activity.seeds.tolist()):
        variables = {name: values[index] for name, values in activity.variables.items()}
        of_seed = {name: paths[index] for name, paths in projection.items()}
        rows.append(mean_paths(seed, of_seed, variables))
    return np.concatenate(rows)


def _of_hidden(activity: Activity, index: int) -> Found:
    h = activity.h[index]
    seed, lengths = int(activity.seeds[index]), activity.lengths[index]
    return analyse_trajectories(seed, "hidden", lengths, lambda: h.swapaxes(0, 1), h.shape[-1])


def _of_memory(given: Given, activity: Activity) -> tuple[list[Found], list[np.ndarray]]:
    """Spectrum and projection of M of each seed, and its course."""
    from mpn_rl.sweep.stages.recomputed import recomputed  # loads numba, which not all need

    found, courses = [], []
    of_seeds = recomputed(activity, given.inputs["checkpoint"], given.device)
    for index, (seed, memory) in enumerate(of_seeds):
        chosen = _affordable(memory)
        dim = memory.W.size
        found.append(analyse_trajectories(seed, "M", chosen.lengths, chosen.steps, dim))
        phases = activity.phases[index, : len(memory.lengths)]
        names, W = activity.phase_names, memory.W
        courses.append(modulation_course(seed, memory.steps(), phases, names, W, memory.additive))
    return found, courses


def _affordable(memory: Memory) -> Memory:
    """The first episodes of a large layer, one at least; all of any other."""
    dim = memory.W.size
    if dim <= LARGE_LAYER:
        return memory
    count = int(np.searchsorted(np.cumsum(memory.lengths) * dim, MOST_NUMBERS, "right"))
    if count < len(memory.lengths):
        log.info(
            "principal components of M are those of the first %d episodes, as the layer has %s "
            "synapses",
            max(1, count),
            f"{dim:,}",
        )
    return memory.first(max(1, count))


def _stacked(projections: list[np.ndarray], longest: int) -> np.ndarray:
    """(seed, episode, time, 3) of the episodes that every seed has, padded with nan."""
    episodes = min((len(each) for each in projections), default=0)
    stacked = np.full((len(projections), episodes, longest, 3), np.nan, np.float32)
    for own, each in zip(stacked, projections, strict=True):
        own[:, : each.shape[1]] = each[:episodes]
    return stacked
