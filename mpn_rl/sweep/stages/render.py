"""Animation of one greedy episode of one trained agent."""

import logging

from mpn_rl.artifacts.files import atomic_path
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.episode import Episode, record_episode
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.rendering import notice, render_episode, write_gif
from mpn_rl.sweep.config.settings import LATER_SETTINGS
from mpn_rl.sweep.stages.agents import failed_seeds, load_trained
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def render(given: Given) -> None:
    """Write the GIF of one episode of a seed's render stream, `fps` frames per second.

    After `max_steps` it is cut. Of a seed that failed in training one frame says so.
    """
    seed, episode = int(given.wildcards["seed"]), int(given.wildcards["episode"])
    title = f"{given.run}, seed {seed}, episode {episode}"
    if seed in failed_seeds(given.inputs["checkpoint"]):
        log.warning("seed %d failed in training: the animation only says so, in one frame", seed)
        frames = notice(title, f"Seed {seed} failed in training: it plays no episode.")
    else:
        frames = render_episode(_played(given, seed, episode, title))
    with atomic_path(given.outputs["video"]) as temporary, temporary.open("wb") as file:
        write_gif(file, frames, given.settings["fps"])


def _played(given: Given, seed: int, episode: int, title: str) -> Episode:
    trained = load_trained(given.inputs["checkpoint"], [seed], given.device)
    task = trained.task(1, render=True)
    [(_, agent)] = trained.agents(1)
    core = CORES[trained.hyperparameters.core]
    return record_episode(
        agent,
        task,
        integer_seed(seed, "render_task", episode),
        plastic=core.plastic,
        recurrent=core.recurrent,
        max_steps=given.settings.get("max_steps", LATER_SETTINGS["max_steps"]),
        title=title,
    )
