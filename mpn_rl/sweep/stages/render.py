"""Animation of one greedy episode of one trained agent."""

import numpy as np
import torch

from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.rollout import Step, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.rendering import Episode, gif_bytes, render_episode
from mpn_rl.sweep.stages.agents import load_agents
from mpn_rl.sweep.stages.runner import Given
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task


def render(given: Given) -> None:
    """Write the GIF of one episode of a seed's render stream, `fps` frames per second."""
    torch.set_num_threads(1)
    seed, episode = int(given.wildcards["seed"]), int(given.wildcards["episode"])
    hyperparameters, [(_, network)] = load_agents(given.inputs["checkpoint"], [seed], given.device)
    task = build_task(hyperparameters, 1, render=True)
    plastic = CORES[hyperparameters.core].plastic
    played = play(network, task, integer_seed(seed, "render_task", episode), plastic)
    title = f"{given.run}, seed {seed}, episode {episode}"
    animation = gif_bytes(render_episode(Episode(**played, title=title)), given.settings["fps"])
    atomic_write_bytes(given.outputs["video"], animation)


def play(network: MPNDQN, task: VectorTask, seed: int, plastic: bool) -> dict:
    """One greedy episode as the fields of `mpn_rl.rendering.Episode`, all but its title.

    The state is M (time, hidden, input) where `plastic`, else h (time, hidden).
    """
    steps: list[Step] = []
    run_episodes(network, task, 1, seed, steps.append)
    pictures = [step.pictures[0] for step in steps if step.pictures is not None]
    return {
        "observations": np.stack([step.observation[0] for step in steps]),
        "actions": np.array([step.action[0] for step in steps]),
        "rewards": np.array([step.reward[0] for step in steps]),
        "q_values": np.stack([step.q_values[0].cpu().numpy() for step in steps]),
        "phases": np.array([step.info["phase"][0] for step in steps]),
        "phase_names": task.phase_names,
        "state": np.stack([(step.state if plastic else step.h)[0].cpu().numpy() for step in steps]),
        "frames": pictures or None,
    }
