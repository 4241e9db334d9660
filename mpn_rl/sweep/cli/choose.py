"""Choose the best run of each problem and core, and print the config that reports on it.

The sweep of CONFIG, which tunes, is complete in results/. Its runs are chosen by their validations
during training; the config that is printed trains the chosen ones with other seeds, because scores
on the seeds that chose would flatter them. Analyses that CONFIG leaves out are done in the report.
"""

import argparse
import sys

from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.sweep.cli.flags import Parser, add_directory, add_path, add_setting, named_path
from mpn_rl.sweep.config.settings import SeedSettings

_SEEDS = {"first": ("--first", 0), "count": ("--count", 5), "per_job": ("--per-job", 5)}


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl choose`."""
    add_path(parser, "config", "config/choose.yaml", "the sweep that tunes", "FILE")
    add_directory(parser)
    declared = declared_fields(SeedSettings)
    for name, (flag, default) in _SEEDS.items():
        about = f"{declared[name].meaning[0]}, of the report (default {default})"
        add_setting(parser, flag, declared[name], default=default, dest=name, help=about)
    about = "write the config to FILE instead"
    parser.add_argument("--output", type=named_path, metavar="FILE", help=about)


def run(arguments: argparse.Namespace) -> int:
    """Print the config, and say on standard error what was chosen."""
    from mpn_rl.sweep.compare.choosing import chosen_runs, report_config, tuned
    from mpn_rl.sweep.config.sweep import load_sweep

    seeds = SeedSettings.read({name: getattr(arguments, name) for name in _SEEDS}, "--")
    config = load_sweep(arguments.config)
    chosen = chosen_runs(tuned(config, arguments.directory / "results"), config)
    text = report_config(config, list(chosen), seeds.model_dump())
    if arguments.output is None:
        print(text, end="")
    else:
        atomic_write_text(arguments.output, text)
    for run_name, what in chosen.items():
        print(f"{what}: {run_name}", file=sys.stderr)
    return 0
