"""Recording of a block's trained agents, step by step."""

from mpn_rl.artifacts.activity import write_activity
from mpn_rl.playing.activity import record_activity
from mpn_rl.playing.memory import recording_envs
from mpn_rl.sweep.stages.agents import load_trained
from mpn_rl.sweep.stages.recording import RecordingDemands
from mpn_rl.sweep.stages.runner import Given


def collect(given: Given) -> None:
    """Write activity.npz: `num_episodes` greedy episodes of every completed seed.

    `max_recorded_mb` bounds observations, and what the core is given, where they have very many
    entries (10^6 bytes). UserError as soon as the rest is more than this machine has.
    """
    num_episodes = given.settings["num_episodes"]
    trained = load_trained(given.inputs["checkpoint"], device=given.device)
    point = trained.hyperparameters
    task = trained.task(recording_envs(num_episodes))
    widths = trained.core_inputs, point.hidden_dim
    demands = RecordingDemands(widths, task, len(trained.seeds), num_episodes)
    demands.tell()
    activity = record_activity(
        trained.agents(task.num_envs),
        task,
        num_episodes,
        max_recorded_mb=given.settings["max_recorded_mb"],
        check=demands.check,
    )
    write_activity(given.outputs["activity"], activity)
