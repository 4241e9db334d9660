"""The commands that run stages of the workflow on one experiment."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.spec import declared_field
from mpn_rl.sweep.cli.experiments import add_checkpoint, add_experiment, directory_of, load
from mpn_rl.sweep.cli.flags import Parser, add_setting
from mpn_rl.sweep.cli.machine import add_device, chosen_device, logged
from mpn_rl.sweep.config.settings import SECTIONS, SeedSettings
from mpn_rl.sweep.layout import RULES, setting_id, task_setting
from mpn_rl.sweep.ledger.in_force import code_in_force


@dataclass(frozen=True)
class StageCommand:
    """Runs `rules` on an experiment, with a flag for each of their settings; then `tell` prints.

    `flags` names those that are not called as their setting; `about` is the help.
    """

    about: str
    rules: tuple[str, ...]
    tell: Callable[[argparse.Namespace, Path], None]
    flags: Mapping[str, str] = field(default_factory=dict)
    add_more: Callable[[Parser], None] | None = None
    check: Callable[[argparse.Namespace, Path, Sequence[int]], None] | None = None

    def add_flags(self, parser: Parser) -> None:
        """The flags of the command."""
        add_experiment(parser)
        if self.add_more is not None:
            self.add_more(parser)
        sections = {name: RULES[rule].section for rule in self.rules for name in _settings(rule)}
        for name, section in sections.items():
            if name != "checkpoint":
                flag = self.flags.get(name, f"--{name.replace('_', '-')}")
                add_setting(parser, flag, declared_field(SECTIONS[section], name), dest=name)
        if "checkpoint" in sections:
            add_checkpoint(parser)
            add_device(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the stages, and say where their outputs are or what they hold."""
        directory = directory_of(arguments)
        point, seeds, run_name = load(directory)
        if self.check is not None:
            self.check(arguments, directory, seeds)
        device = chosen_device(getattr(arguments, "device", "cpu"))
        with logged(directory, self.rules[0]):
            from mpn_rl.sweep.stages.runner import function_of, given_at, run_stage

            for rule in self.rules:
                if RULES[rule].plastic and not CORES[point.core].plastic:
                    continue
                settings = {name: getattr(arguments, name) for name in _settings(rule)}
                wildcards = _wildcards(rule, arguments, point)
                if rule == "baselines":
                    settings |= {"first_seed": seeds[0], "task_setting": task_setting(point)}
                code = code_in_force(rule, point)
                given = given_at(directory, rule, run_name, settings, wildcards, device=device)
                if getattr(arguments, "output", None) is None:
                    run_stage(given, code)
                else:  # elsewhere than in the experiment, where no record is kept
                    given.outputs[next(iter(given.outputs))] = arguments.output
                    function_of(rule)(given)
        self.tell(arguments, directory)
        return 0


def _settings(rule: str) -> tuple[str, ...]:
    return RULES[rule].settings


def _wildcards(
    rule: str, arguments: argparse.Namespace, point: Hyperparameters
) -> Mapping[str, str]:
    if rule == "baselines":
        return {"setting": setting_id(task_setting(point))}
    if rule == "render":
        return {"seed": str(arguments.seed), "episode": str(arguments.episode)}
    return {}


def _tell_scores(arguments: argparse.Namespace, directory: Path) -> None:
    """Print the returns of each seed, of agents that learn nothing, and of all."""
    from mpn_rl.artifacts.baselines import read_baselines
    from mpn_rl.artifacts.evaluation import read_evaluation

    del arguments
    point, _, _ = load(directory)
    table = read_evaluation(directory / RULES["evaluate"].outputs["evaluation"])
    if not len(table):
        raise UserError(f"{directory}: no seed came through training; see training_history.json")
    for seed, episodes in table.groupby("seed"):
        print(f"seed {seed}: {_line(episodes)}")
    setting = setting_id(task_setting(point))
    path = directory / RULES["baselines"].outputs["baselines"].format(setting=setting)
    for _, row in read_baselines(path).iterrows():
        judged = f", correct {row['correct']:.3f}" if row["correct"] == row["correct"] else ""
        print(f"{row['agent']} agent: {row['return']:.3f}{judged}")
    print(f"return {_line(table)}")
    print(f"mean_return {float(table['return'].mean())!r}")


def _line(episodes: Any) -> str:
    returns, correct = episodes["return"], episodes["correct"].dropna()
    judged = f", correct {correct.mean():.3f}" if len(correct) else ""
    return (
        f"{returns.mean():.3f} ± {returns.std(ddof=0):.3f}, min {returns.min():g}, "
        f"max {returns.max():g}, {len(returns)} episodes{judged}"
    )


def _tell_outputs(*rules: str) -> Callable[[argparse.Namespace, Path], None]:
    def tell(arguments: argparse.Namespace, directory: Path) -> None:
        point, _, _ = load(directory)
        wanted = [rule for rule in rules if CORES[point.core].plastic or not RULES[rule].plastic]
        for pattern in (path for rule in wanted for path in RULES[rule].outputs.values()):
            file = directory / pattern.format(**vars(arguments))
            print(getattr(arguments, "output", None) or file)

    return tell


def _add_animation(parser: Parser) -> None:
    first = declared_field(SeedSettings, "first")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE.gif",
        help="where the GIF goes (default videos/ of the experiment)",
    )
    about = "which agent, by its training seed (the first)"
    add_setting(parser, "--seed", first, default=None, help=about)
    about = "which of the agent's episodes (default 0)"
    add_setting(parser, "--episode", first, default=0, help=about)


def _check_animation(arguments: argparse.Namespace, directory: Path, seeds: Sequence[int]) -> None:
    del directory
    if arguments.seed is None:
        arguments.seed = seeds[0]
    if arguments.seed not in seeds:
        raise UserError(f"--seed: {arguments.seed} is not a seed of the experiment; it has {seeds}")
    if arguments.output is not None and arguments.output.suffix != ".gif":
        raise UserError(f"--output: {arguments.output} does not end in .gif")


def _check_recorded(arguments: argparse.Namespace, directory: Path, seeds: Sequence[int]) -> None:
    del arguments, seeds
    activity = directory / RULES["collect"].outputs["activity"]
    if not activity.exists():
        raise ArtifactError(
            f"{activity}: is missing; `mpn-rl analyze collect --experiment-name "
            f"{directory.name}` records it"
        )


EVAL = StageCommand(
    "Evaluate a trained agent greedily on episodes that training never saw.",
    ("evaluate", "baselines"),
    _tell_scores,
    flags={"num_episodes": "--num-eval-episodes"},
)
RENDER = StageCommand(
    "Animate a greedy episode: the environment beside the memory.",
    ("render",),
    _tell_outputs("render"),
    add_more=_add_animation,
    check=_check_animation,
)
COLLECT = StageCommand(
    "Record hidden states, M matrices and behaviour of greedy episodes.",
    ("collect",),
    _tell_outputs("collect"),
)
PLOT = StageCommand(
    "Find principal components of what was recorded, and draw the figures.",
    ("analyse", "plot", "plot_plasticity"),
    _tell_outputs("plot", "plot_plasticity"),
    check=_check_recorded,
)
