"""Animate a greedy episode: the environment beside the memory."""

import argparse
from pathlib import Path

from mpn_rl.errors import UserError
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.sweep.cli.experiments import add_checkpoint, add_experiment, directory_of, load
from mpn_rl.sweep.cli.flags import Parser, add_setting
from mpn_rl.sweep.cli.machine import add_device, chosen_device, logged
from mpn_rl.sweep.config.settings import RenderSettings, SeedSettings
from mpn_rl.sweep.ledger.in_force import code_in_force


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl render`."""
    add_experiment(parser)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE.gif",
        help="where the GIF goes (default videos/ of the experiment)",
    )
    first = declared_fields(SeedSettings)["first"]
    add_setting(parser, "--fps", declared_fields(RenderSettings)["fps"])
    add_setting(
        parser, "--seed", first, default=None, help="which agent, by its training seed (the first)"
    )
    add_setting(
        parser, "--episode", first, default=0, help="which of the agent's episodes (default 0)"
    )
    add_checkpoint(parser)
    add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Render, and say where the GIF is."""
    directory = directory_of(arguments)
    point, seeds, run_name = load(directory)
    seed = seeds[0] if arguments.seed is None else arguments.seed
    if seed not in seeds:
        raise UserError(f"--seed: {seed} is not a seed of the experiment; it has {seeds}")
    if arguments.output is not None and arguments.output.suffix != ".gif":
        raise UserError(f"--output: {arguments.output} does not end in .gif")
    device = chosen_device(arguments.device)
    with logged(directory, "render"):
        from mpn_rl.sweep.stages.render import render

        path = render(
            directory,
            run=run_name,
            seed=seed,
            episode=arguments.episode,
            fps=arguments.fps,
            checkpoint=arguments.checkpoint,
            code=code_in_force("render", point),
            device=device,
            output=arguments.output,
        )
    print(path)
    return 0
