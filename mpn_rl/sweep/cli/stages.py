"""The commands that run stages of the workflow on one experiment: their help, flags and output."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.cli.experiments import (
    add_checkpoint,
    add_experiment,
    add_trust,
    directory_of,
    failures,
    load,
)
from mpn_rl.sweep.cli.flags import FlagError, Parser, add_setting, named_path
from mpn_rl.sweep.cli.machine import add_device, chosen_device, logged
from mpn_rl.sweep.config.settings import SECTIONS, SeedSettings, written
from mpn_rl.sweep.layout import RULES, Job
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.plan import recorded_settings, setting_id, task_setting

# Why each seed failed in training; None for one that completed.
Fates = Mapping[int, str | None]


@dataclass(frozen=True)
class StageCommand:
    """Runs `rules` on an experiment, with a flag for each of their settings, and names the outputs.

    `about` is the help; `flags` names those that are not called as their setting.
    """

    about: str
    rules: tuple[str, ...]
    flags: Mapping[str, str] = field(default_factory=dict)

    def add_flags(self, parser: Parser) -> None:
        """The flags of the command."""
        add_experiment(parser)
        add_trust(parser)
        rules = [RULES[rule] for rule in self.rules]
        sections = {n: rule.section for rule in rules for n in rule.settings if rule.section}
        if all(rule.of_recording or "checkpoint" not in rule.settings for rule in rules):
            sections.pop("checkpoint", None)  # that which was recorded
        for name, section in sections.items():
            if name != "checkpoint":
                flag = self.flags.get(name, f"--{name.replace('_', '-')}")
                add_setting(parser, flag, declared_fields(SECTIONS[section])[name], dest=name)
        if "checkpoint" in sections:
            add_checkpoint(parser)
            add_device(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the stages, and say where their outputs are or what they hold."""
        directory = directory_of(arguments)
        point, seeds, run_name = load(directory, trusted=arguments.trust)
        failed = failures(directory)
        self.check(arguments, directory, {seed: failed.get(seed) for seed in seeds})
        device = chosen_device(getattr(arguments, "device", "cpu"))
        plastic, wildcards = CORES[point.core].plastic, self.wildcards(arguments, point)
        jobs = [Job(r, wildcards) for r in self.rules if plastic or not RULES[r].plastic]
        with logged(directory, self.rules[0]):
            from mpn_rl.sweep.stages.runner import function_of, given_at, run_stage

            for job in jobs:
                settings = self.settings(arguments, directory, job.rule)
                if job.rule == "baselines":
                    settings = {"first_seed": seeds[0], "task_setting": task_setting(point)}
                code = code_in_force(job.rule, point)
                given = given_at(
                    directory, job.rule, run_name, settings, job.wildcards, device=device
                )
                if (output := getattr(arguments, "output", None)) is None:
                    run_stage(given, code)
                else:  # elsewhere than in the experiment, where no record is kept
                    function_of(job.rule)(replace(given, outputs={"video": output}))
        self.tell(arguments, directory, jobs)
        return 0

    def check(self, arguments: argparse.Namespace, directory: Path, seeds: Fates) -> None:
        """Complete the arguments; UserError where they do not fit the experiment."""
        activity = directory / RULES["collect"].outputs["activity"]
        if any(RULES[rule].of_recording for rule in self.rules) and not activity.exists():
            raise ArtifactError(
                f"{activity}: is missing; `mpn-rl analyze collect --experiment-name "
                f"{directory.name}` records it"
            )

    def settings(self, arguments: argparse.Namespace, directory: Path, rule: str) -> dict[str, Any]:
        """What a rule is given: what flags say, and the checkpoint that was recorded."""
        given = dict(vars(arguments))
        if RULES[rule].of_recording:
            record = read_record(directory / Job("collect", {}).record) or {}
            given["checkpoint"] = recorded_settings(record.get("params")).get("checkpoint", "final")
        return written({name: given[name] for name in RULES[rule].settings})

    def wildcards(self, arguments: argparse.Namespace, point: Hyperparameters) -> dict[str, str]:
        """What the rules' paths are named by."""
        return {"setting": setting_id(task_setting(point))}

    def tell(self, arguments: argparse.Namespace, directory: Path, jobs: Sequence[Job]) -> None:
        """Print the outputs' paths, but those of analyses, which figures show."""
        for path in (path for job in jobs if job.rule != "analyse" for path in job.outputs):
            print(directory / path)


class Eval(StageCommand):
    """Says what the episodes came to, beside the baselines."""

    def tell(self, arguments: argparse.Namespace, directory: Path, jobs: Sequence[Job]) -> None:
        from mpn_rl.artifacts.baselines import read_baselines
        from mpn_rl.artifacts.evaluation import read_evaluation

        evaluation, baselines = (directory / job.outputs[0] for job in jobs)
        table = read_evaluation(evaluation)
        for seed, episodes in table.groupby("seed"):
            print(f"seed {seed}: {_line(episodes)}")
        for seed, failure in failures(directory).items():
            if failure is not None:
                print(f"seed {seed}: failed in training: {failure}")
        for _, row in read_baselines(baselines).iterrows():
            judged = f", correct {row['correct']:.3f}" if row["correct"] == row["correct"] else ""
            print(f"{row['agent']} agent: {row['return']:.3f}{judged}")
        print(f"return {_line(table)}")
        print(f"mean_return {float(table['return'].mean())!r}")


class Render(StageCommand):
    """Chooses an agent and an episode, and where the GIF goes."""

    def add_flags(self, parser: Parser) -> None:
        super().add_flags(parser)
        about = "where the GIF goes (default videos/ of the experiment)"
        parser.add_argument("--output", type=named_path, metavar="FILE.gif", help=about)
        first = declared_fields(SeedSettings)["first"]
        about = "which agent, by its training seed (the first)"
        add_setting(parser, "--seed", first, default=None, help=about)
        about = "which of the agent's episodes (default 0)"
        add_setting(parser, "--episode", first, default=0, help=about)

    def check(self, arguments: argparse.Namespace, directory: Path, seeds: Fates) -> None:
        completed = [seed for seed, failure in seeds.items() if failure is None]
        if arguments.seed is None:
            arguments.seed = completed[0]
        seed = arguments.seed
        if seed not in seeds:
            raise UserError(f"--seed: {seed} is not a seed of the experiment; it has {[*seeds]}")
        if seeds[seed] is not None:
            raise UserError(
                f"--seed: {seed} failed in training: {seeds[seed]}; completed are {completed}"
            )
        if arguments.output is not None and arguments.output.suffix != ".gif":
            raise FlagError(f"--output: {arguments.output} does not end in .gif")

    def wildcards(self, arguments: argparse.Namespace, point: Hyperparameters) -> dict[str, str]:
        return {"seed": str(arguments.seed), "episode": str(arguments.episode)}

    def tell(self, arguments: argparse.Namespace, directory: Path, jobs: Sequence[Job]) -> None:
        print(arguments.output or directory / jobs[0].outputs[0])


class Memory(StageCommand):
    """Draws what other commands have found."""

    def settings(self, arguments: argparse.Namespace, directory: Path, rule: str) -> dict[str, Any]:
        """The tables that are there; ArtifactError where there is none."""
        paths = RULES[rule].inputs
        if found := [name for name, path in paths.items() if (directory / path).exists()]:
            return {"tables": found}
        raise ArtifactError(
            f"{directory}: has none of {', '.join(paths.values())}; `mpn-rl analyze decode "
            f"--experiment-name {directory.name}` makes the first"
        )


def _line(episodes: Any) -> str:
    returns, correct = episodes["return"], episodes["correct"].dropna()
    judged = f", correct {correct.mean():.3f}" if len(correct) else ""
    return (
        f"{returns.mean():.3f} ± {returns.std(ddof=0):.3f}, min {returns.min():g}, "
        f"max {returns.max():g}, {len(returns)} episodes{judged}"
    )


EVAL = Eval(
    "Evaluate a trained agent greedily on episodes that training never saw.",
    ("evaluate", "baselines"),
    {"num_episodes": "--num-eval-episodes"},
)
RENDER = Render("Animate a greedy episode: the environment beside the memory.", ("render",))
COLLECT = StageCommand(
    "Record hidden states, M matrices and behaviour of greedy episodes.", ("collect",)
)
PLOT = StageCommand(
    "Find principal components of what was recorded, and draw the figures.",
    ("analyse", "plot", "plot_plasticity"),
)
DECODE = StageCommand(
    "Read the task's variables out of what was recorded, at each time and across times.",
    ("decode",),
)
FIXED_POINTS = StageCommand(
    "Find where the memory of what was recorded comes to rest, and how long it lasts.",
    ("fixed_points",),
)
LESION = StageCommand(
    "See what a trained agent answers when something is done to its memory.", ("lesion",)
)
GENERALISE = StageCommand(
    "See what a trained agent answers where it has to remember for longer.", ("generalise",)
)
MEMORY = Memory(
    "Draw how the memory works, from those tables that `analyze decode` and others made.",
    ("plot_memory",),
)
