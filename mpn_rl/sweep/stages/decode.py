"""Decoding of a task's variables from recorded agents."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.analysis.decoding import Labels, Recording, Split, cross_temporal_scores
from mpn_rl.analysis.phases import decoded_times, typical_phases
from mpn_rl.artifacts.activity import Activity, read_activity
from mpn_rl.artifacts.decoding import DECODED, write_decoding
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.points import core_of
from mpn_rl.playing.memory import Memory
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.sweep.stages.runner import Given

# Of more synapses so many are drawn, which bounds memory and time.
MOST_SYNAPSES = 4096
_DIGITS = 5

log = logging.getLogger(__name__)


def decode(given: Given) -> None:
    """Write decoding.csv: scores of each variable of the task from M, h and x, across times."""
    activity = read_activity(given.inputs["activity"])
    parts = [np.empty(0, DECODED)]
    if not activity.variables:
        log.info("nothing to decode: the task names no variables")
    elif not len(activity.seeds):
        log.info("nothing to decode: no seed completed")
    else:
        times = decoded_times(activity.phases, given.settings["max_times"])
        memories = _memories(given, activity)
        for place, seed in enumerate(activity.seeds.tolist()):
            _, memory = next(memories, (seed, None))
            parts += _of_seed(given, activity, times, place, memory)
            names = ", ".join(activity.variables)
            log.info("seed %d: %s decoded at %d times", seed, names, len(times))
    write_decoding(given.outputs["decoding"], np.concatenate(parts))


def _memories(given: Given, activity: Activity) -> Iterator[tuple[int, Memory]]:
    """(seed, memory) of each seed; nothing where M is not read from."""
    core = core_of(str(given.run))
    if not CORES[core].plastic:
        log.info("nothing is decoded from M: %s has none", core)
    elif not _kept(activity, given.settings["max_episodes"]):
        log.info("nothing is decoded from M and x: x was too wide to be kept of all episodes")
    else:
        from mpn_rl.sweep.stages.recomputed import recomputed  # loads numba, which not all need

        yield from recomputed(activity, given.inputs["checkpoint"], given.device)


def _kept(activity: Activity, most: int) -> bool:
    """Whether the recording has x of all episodes that are used."""
    return activity.x.shape[1] >= min(most, activity.h.shape[1])


def _of_seed(
    given: Given,
    activity: Activity,
    times: NDArray[np.int64],
    place: int,
    memory: Memory | None,
) -> Iterator[NDArray[np.void]]:
    """The rows of one seed, part by part."""
    settings, seed = given.settings, int(activity.seeds[place])
    generator = np.random.default_rng(integer_seed(seed, "collection_task", 1))
    # the same folds and shuffles for every source
    drawn = {}
    for name, values in activity.variables.items():
        labels = Labels.of(_at(times, values[place, : settings["max_episodes"]]))
        split = Split.drawn(labels, settings["folds"], settings["shuffles"], generator)
        drawn[name] = labels, split
    phases = np.array([*activity.phase_names, ""])[typical_phases(activity.phases)[times]]
    most = settings["max_episodes"]
    for source, features in _sources(activity, times, place, most, memory, generator):
        recording = Recording.of(features)
        for name, (labels, split) in drawn.items():
            found = cross_temporal_scores(recording, labels, split, settings["centred"])
            train, test = np.nonzero(np.isfinite(found.score))
            rows = np.empty(len(train), DECODED)
            rows["seed"], rows["variable"], rows["source"] = seed, name, source
            rows["train_time"], rows["test_time"] = times[train], times[test]
            rows["train_phase"], rows["test_phase"] = phases[train], phases[test]
            rows["score"] = found.score[train, test].round(_DIGITS)
            rows["control"] = found.control[train, test].round(_DIGITS)
            rows["chance"], rows["measure"] = found.chance[test].round(_DIGITS), labels.measure
            rows["episodes"] = found.episodes[test]
            yield rows


def _sources(
    activity: Activity,
    times: NDArray[np.int64],
    place: int,
    most: int,
    memory: Memory | None,
    generator: np.random.Generator,
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """What is read from, by name: features (time, episode, feature) at these times."""
    if memory is not None:
        yield "M", _modulations(memory.first(most), times, generator)
    yield "h", _at(times, activity.h[place, :most])
    if _kept(activity, most):
        yield "x", _at(times, activity.x[place, :most])


def _modulations(
    memory: Memory, times: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.float32]:
    """M (time, episode, synapse) at these times, of all synapses or of those that are drawn."""
    chosen = np.arange(memory.W.size)
    if len(chosen) > MOST_SYNAPSES:
        log.info("of %d synapses %d are drawn", len(chosen), MOST_SYNAPSES)
        chosen = np.sort(generator.permutation(len(chosen))[:MOST_SYNAPSES])
    found = np.full((len(times), len(memory.x), len(chosen)), np.nan, np.float32)
    for time, M in enumerate(memory.steps()):
        if time in times:
            found[times == time] = M.reshape(len(M), -1)[:, chosen]
    return found


def _at(times: NDArray[np.int64], recorded: NDArray[Any]) -> NDArray[Any]:
    """What was recorded (episode, time, …) at these times (time, episode, …)."""
    return recorded[:, times].swapaxes(0, 1)
