"""Evaluate a trained agent greedily on episodes that training never saw."""

import argparse
from pathlib import Path
from typing import Any

from mpn_rl.errors import UserError
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.sweep.cli.experiments import add_checkpoint, add_experiment, directory_of, load
from mpn_rl.sweep.cli.flags import Parser, add_setting
from mpn_rl.sweep.cli.machine import add_device, chosen_device, logged
from mpn_rl.sweep.config.settings import EvaluationSettings
from mpn_rl.sweep.ledger.in_force import code_in_force


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl eval`."""
    add_experiment(parser)
    episodes = declared_fields(EvaluationSettings)["num_episodes"]
    add_setting(parser, "--num-eval-episodes", episodes)
    add_checkpoint(parser)
    add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, and print the returns of each seed, of agents that learn nothing, and of all."""
    directory = directory_of(arguments)
    point, _, run_name = load(directory)
    device = chosen_device(arguments.device)
    with logged(directory, "evaluate"):
        from mpn_rl.sweep.stages.evaluate import evaluate

        table = evaluate(
            directory,
            run=run_name,
            num_episodes=arguments.num_eval_episodes,
            checkpoint=arguments.checkpoint,
            code=code_in_force("evaluate", point),
            device=device,
        )
    if not len(table):
        raise UserError(f"{directory}: no seed came through training; see training_history.json")
    for seed, episodes in table.groupby("seed"):
        print(f"seed {seed}: {_line(episodes)}")
    _print_references(directory)
    print(f"return {_line(table)}")
    print(f"mean_return {float(table['return'].mean())!r}")
    return 0


def _print_references(directory: Path) -> None:
    from mpn_rl.artifacts.baselines import read_references, references_of

    table = read_references(references_of(directory))
    for _, row in table[table["parameters"].isna()].iterrows():
        judged = f", correct {row['correct']:.3f}" if row["correct"] == row["correct"] else ""
        print(f"{row['agent']} agent: {row['return']:.3f}{judged}")


def _line(episodes: Any) -> str:
    returns, correct = episodes["return"], episodes["correct"].dropna()
    judged = f", correct {correct.mean():.3f}" if len(correct) else ""
    return (
        f"{returns.mean():.3f} ± {returns.std(ddof=0):.3f}, min {returns.min():g}, "
        f"max {returns.max():g}, {len(returns)} episodes{judged}"
    )
