"""Animation of one greedy episode of one trained agent."""

from pathlib import Path

import numpy as np
import torch

from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.rollout import Step, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.rendering import Episode, gif_bytes, render_episode
from mpn_rl.sweep.ledger import recording
from mpn_rl.sweep.stages.agents import load_agents
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task


def render(
    directory: Path,
    *,
    run: str,
    seed: int,
    episode: int,
    fps: int,
    checkpoint: str,
    code: str,
    device: str = "cpu",
    output: Path | None = None,
) -> Path:
    """Write the GIF of episode number `episode` of `seed`'s render stream; return its path.

    `checkpoint` is "final" or "best"; `fps` in frames per second; `output` None is the place in
    the experiment directory, and only there a record is kept.
    """
    torch.set_num_threads(1)
    experiment = Experiment(directory)
    source = experiment.checkpoint(f"{checkpoint}_model")
    video = experiment.video(seed, episode)
    if output is not None:
        atomic_write_bytes(output, _animation(source, run, seed, episode, fps, device))
        return output
    params = {"fps": fps, "checkpoint": checkpoint, "episode": episode}
    with recording(
        directory,
        "render",
        run=run,
        seeds=[seed],
        code=code,
        params=params,
        inputs=[source],
        outputs=[video],
        name=f"render_{seed}_{episode}",
    ):
        atomic_write_bytes(video, _animation(source, run, seed, episode, fps, device))
    return video


def _animation(source: Path, run: str, seed: int, episode: int, fps: int, device: str) -> bytes:
    hyperparameters, [(_, network)] = load_agents(source, [seed], device)
    task = build_task(hyperparameters, 1, render=True)
    plastic = CORES[hyperparameters.core].plastic
    played = play(network, task, integer_seed(seed, "render_task", episode), plastic)
    title = f"{run}, seed {seed}, episode {episode}"
    return gif_bytes(render_episode(Episode(**played, title=title)), fps)


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
