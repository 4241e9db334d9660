"""Recording of a block's trained agents, step by step."""

from mpn_rl.artifacts.activity import write_activity
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.activity import record_activity
from mpn_rl.sweep.stages.agents import load_trained
from mpn_rl.sweep.stages.recording import RecordingDemands
from mpn_rl.sweep.stages.runner import Given

COLLECTION_ENVS = 16


def collect(given: Given) -> None:
    """Write activity.npz: `num_episodes` greedy episodes of every completed seed.

    `max_recorded_mb` bounds the recorded M matrices (10^6 bytes), and observations of very many
    entries. UserError as soon as the rest is more than this machine has.
    """
    num_episodes = given.settings["num_episodes"]
    trained = load_trained(given.inputs["checkpoint"], device=given.device)
    point = trained.hyperparameters
    task = trained.task(max(1, min(num_episodes, COLLECTION_ENVS)))
    demands = RecordingDemands(point.hidden_dim, task, len(trained.seeds), num_episodes)
    demands.tell()
    activity = record_activity(
        trained.agents(task.num_envs),
        task,
        num_episodes,
        plastic=CORES[point.core].plastic,
        max_recorded_mb=given.settings["max_recorded_mb"],
        check=demands.check,
    )
    write_activity(given.outputs["activity"], activity)
