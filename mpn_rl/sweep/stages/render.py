"""Animation of one greedy episode of one trained agent."""

import torch

from mpn_rl.artifacts.files import atomic_path
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.episode import record_episode
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.rendering import render_episode, write_gif
from mpn_rl.sweep.config.settings import LATER_SETTINGS
from mpn_rl.sweep.stages.agents import load_agents, task_of
from mpn_rl.sweep.stages.runner import Given


def render(given: Given) -> None:
    """Write the GIF of one episode of a seed's render stream, `fps` frames per second.

    After `max_steps` it is cut.
    """
    torch.set_num_threads(1)
    seed, episode = int(given.wildcards["seed"]), int(given.wildcards["episode"])
    hyperparameters, agents = load_agents(given.inputs["checkpoint"], [seed], given.device)
    task = task_of(hyperparameters, agents, 1, render=True)
    [(_, network)] = agents
    played = record_episode(
        network,
        task,
        integer_seed(seed, "render_task", episode),
        plastic=CORES[hyperparameters.core].plastic,
        max_steps=given.settings.get("max_steps", LATER_SETTINGS["max_steps"]),
        title=f"{given.run}, seed {seed}, episode {episode}",
    )
    with atomic_path(given.outputs["video"]) as temporary, temporary.open("wb") as file:
        write_gif(file, render_episode(played), given.settings["fps"])
