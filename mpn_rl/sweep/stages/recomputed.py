"""The modulations of recorded agents, from the recording and the checkpoint."""

from collections.abc import Iterator
from pathlib import Path

from mpn_rl.artifacts.activity import Activity
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.memory import Memory, recording_envs
from mpn_rl.sweep.stages.agents import load_trained


def recomputed(
    activity: Activity, checkpoint: Path, device: str = "cpu"
) -> Iterator[tuple[int, Memory]]:
    """(seed, memory) of each recorded seed of a plastic core; nothing of other cores.

    Nothing either where inputs of the core were too wide to be kept. Raises ArtifactError where
    the recorded agents are others than the checkpoint's.
    """
    trained = load_trained(checkpoint, activity.seeds.tolist(), device)
    additive = trained.hyperparameters.modulation == "additive"
    episodes, envs = activity.x.shape[1], recording_envs(activity.lengths.shape[1])
    if not episodes or not CORES[trained.hyperparameters.core].plastic:
        return
    for index, (seed, cores) in enumerate(trained.from_core(envs, -(-episodes // envs))):
        lengths = activity.lengths[index, :episodes]
        memory = Memory(activity.x[index], lengths, cores, envs, trained.modulated(seed), additive)
        if not memory.follows(activity.h[index, :episodes]):
            raise ArtifactError(
                f"{checkpoint}: its agent of seed {seed} is not the recorded one; record it again, "
                "or name the checkpoint that was recorded"
            )
        yield seed, memory
