"""Animation of one greedy episode of one trained agent."""

from pathlib import Path

import torch

from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.episode import record_episode
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.rendering import gif_bytes, render_episode
from mpn_rl.sweep.ledger import recording
from mpn_rl.sweep.stages.agents import load_agents
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
    stream = integer_seed(seed, "render_task", episode)
    played = record_episode(
        network,
        task,
        stream,
        plastic=CORES[hyperparameters.core].plastic,
        title=f"{run}, seed {seed}, episode {episode}",
    )
    return gif_bytes(render_episode(played), fps)
