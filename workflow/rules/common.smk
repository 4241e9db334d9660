"""Names, constraints and typed input functions, shared by all rules.

Every cluster job parses this file again: it imports mpn_rl.parameters and the layout and ledger of
mpn_rl.sweep only, and these from the copy of the code that the driver made.
"""

import gc
import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.iocontainers import Wildcards
from snakemake.logging import logger
from snakemake.settings.types import ExecMode
from snakemake.sourcecache import LocalSourceFile

# The importer's file, Snakefile, this one. What names MPN_RL may include it: workflow/Snakefile and
# that of `mpn-rl init`.
IMPORTED = len(workflow.included_stack) > 2 + ("MPN_RL" in globals())
# `use rule *` from a module without `prefix`, which has the importer's own config, as snakedeploy
# writes it: then names, files and the config are where they are without an importer.
AS_IT_IS = not (
    workflow.modifier.is_main_snakefile()  # included
    or workflow.modifier.rule_whitelist
    or workflow.modifier.rule_exclude_list
    or workflow.modifier.local_rulename_modifier
    or workflow.modifier.modify_path("results") != "results"
    or config != workflow.modifier_stack[0].globals["config"]
)
if IMPORTED and not AS_IT_IS:
    # There the engine puts `prefix` before declared files alone: records and saved trainings would
    # lie elsewhere; and what is read is the importer's `configfile`, not what it hands on.
    importer, here = (
        each.get_path_or_uri(secret_free=True) for each in workflow.included_stack[:2]
    )
    print(
        f"{importer}: {here} can be used as a module only as a whole and as it is: `configfile: CONFIG`, "
        "`module mpn_rl:` with `config: config` and no prefix, `use rule * from mpn_rl`. Or run it by "
        "itself, also as a job of yours, by "
        f"snakemake --snakefile {here} --configfile CONFIG --directory FOLDER",
        file=sys.stderr,
    )
    sys.exit(1)

DRIVES = workflow.exec_mode == ExecMode.DEFAULT
if not DRIVES and "MPN_RL_ASKED" in config:
    # a job of a sweep: it imports from the copies that its driver made
    search = json.loads(Path(config["MPN_RL_ASKED"]).read_bytes())["search"]
    sys.path[:0] = [str(Path(folder).absolute()) for folder in search]
if DRIVES:
    # A module of the user's in the current folder is found as by `mpn-rl`, but stands for no
    # other's. With `--directory` the engine has left that folder; the shell still names it.
    sys.path += filter(None, [str(Path.cwd()), os.environ.get("PWD")])

from mpn_rl.errors import UserError
from mpn_rl.sweep.config.settings import LATER_SETTINGS
from mpn_rl.sweep.config.sources import packed, unpacked
from mpn_rl.sweep.config.sweep import Sweep, load_sweep, read_sweep
from mpn_rl.sweep.layout import (
    BLOCK,
    FILES,
    PLASTIC_RUN,
    RULES,
    WILDCARDS,
    Job,
)
from mpn_rl.sweep.plan import (
    DRAWN,
    blocks,
    chosen_rules,
    every_output,
    jobs,
    memory_tables,
    points,
    rule_settings,
    run_labels,
    sections,
    settings_texts,
    told_rules,
)
from mpn_rl.sweep.ledger.aliases import read_aliases
from mpn_rl.sweep.ledger.asked import FOLDER, VARIABLE, ask, hand_on, search_first
from mpn_rl.sweep.ledger.code.digests import named_by
from mpn_rl.sweep.ledger.decisions import Decisions
from mpn_rl.sweep.ledger.engine import Metadata
from mpn_rl.sweep.undeclared import work_folder

# The engine keeps all that it builds: looking through it again and again for garbage took a quarter
# of a dry run of a thousand runs.
gc.set_threshold(100_000, 50, 100)


def read_config() -> Sweep:
    """The sweep of the `--configfile`s, which stand instead of config/config.yaml, and `--config`."""
    home = Path(workflow.basedir)
    home = home.parent if home.name == "workflow" else home
    default = home / "config" / "config.yaml"
    entries = unpacked(workflow.config_settings.config_args or ())
    try:
        sweep = load_sweep(*(workflow.configfiles or [default]), entries=entries)
    except UserError as error:
        # Not raised: the engine would add lines of this file, which are no help to anyone.
        print(error, file=sys.stderr)
        sys.exit(1)
    # The engine hands these on to jobs, which read the config again.
    workflow.config_settings.config_args = packed(entries)
    if DRIVES:
        for message in (*sweep.notes, *sweep.messages):
            logger.info(message)
    return sweep


def look_at_the_tasks_of_others() -> None:
    """Run what the sweep's foreign tasks are made of, once; exit where one cannot be trained on."""
    # Here and not above, as no job of a cluster needs it.
    from mpn_rl.sweep.ledger.named import note_named
    from mpn_rl.sweep.ledger.probe import look_at_tasks

    note_named(SWEEP.runs.values())
    try:
        sound = FOLDER / "sound_tasks.json"
        for message in look_at_tasks(SWEEP.runs.values(), sound, SWEEP.analyses):
            logger.info(message)
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


ASKED = None if DRIVES else hand_on(config.get(VARIABLE))
SWEEP = read_config() if ASKED is None else read_sweep(ASKED.document)
if DRIVES:
    look_at_the_tasks_of_others()
DECISIONS = Decisions(
    Path("results"),
    SWEEP,
    Metadata(),
    read_aliases(Path("results") if DRIVES else None),
)


# Patterns, not lists of the sweep's runs: the engine compiles them anew for each file of a job, which
# at a thousand runs took twice as long as all the rest.
wildcard_constraints:
    **WILDCARDS,


@cache
def params_of(rule: str, of: str) -> dict[str, str]:
    """The params of a rule for a run or task setting, by name."""
    return settings_texts(rule, rule_settings(SWEEP, rule, of))


def setting(rule: str, name: str) -> str | Callable[[Wildcards], str]:
    """A param of `rule`, `fps=4`; `hyperparameters` of train are one text.

    A function only where jobs differ, or where the text looks like a pattern: functions as params
    took the engine a tenth of a dry run.
    """
    if RULES[rule].section and "{" not in (fixed := params_of(rule, "")[name]):
        return fixed

    def text(wildcards: Wildcards) -> str:
        of = Job(rule, dict(wildcards.items())).settled_by
        if name == "hyperparameters" and of not in SWEEP.runs:
            raise WorkflowError(f"{of}: no run of this config has that id")
        if name == "analysis" and of not in SWEEP.analyses:
            raise WorkflowError(f"{of}: no analysis of this config has that name")
        return params_of(rule, of)[name]

    return text


def later_settings(rule: str) -> dict[str, str | Callable[[Wildcards], str]]:
    """The params that came later, where they are away from their first defaults."""
    names = LATER_SETTINGS.keys() & rule_settings(SWEEP, rule).keys()
    return {name: setting(rule, name) for name in sorted(names)}


@cache
def labels_of_runs() -> dict[str, dict[str, str]]:
    """The labels of each run, made where a report is."""
    return run_labels(SWEEP)


def labelled(**further: str) -> Callable[[Wildcards], dict[str, str]]:
    """The labels of an output in the engine's report: those of its run, its wildcards, `further`."""

    def labels(wildcards: Wildcards) -> dict[str, str]:
        own = {key.replace("block", "seeds"): text for key, text in wildcards.items()}
        found = {**labels_of_runs().get(own.pop("run", ""), {}), **own, **further}
        # the engine takes what stands in braces for wildcards
        return {name: text.replace("{", "{\u200b") for name, text in found.items()}

    return labels


def code_of(rule: str) -> str | Callable[[Wildcards], str]:
    """The digest of the code which `rule` runs; as a function of wildcards where jobs may differ."""
    if DRIVES and (digest := DECISIONS.one_code(rule)) is not None:
        return digest

    def code(wildcards: Wildcards) -> str:
        job = Job(rule, dict(wildcards.items()))
        analysis = SWEEP.analyses.get(job.wildcards.get("analysis", ""), "")
        return DECISIONS.code(rule, job.of, Path("results", job.record), analysis)

    return code


def with_records_looked_at(wildcards: Wildcards) -> list[str]:
    """No file: the moment when the graph is made, and outputs can be called stale by record."""
    if DRIVES and not LOOKED_AT:
        LOOKED_AT.append(True)
        workflow.dag.forcefiles.update(DECISIONS.stale_by_record())
    return []


LOOKED_AT = []


def checkpoint_of(rule: str) -> str:
    """The checkpoint which the settings of a rule name."""
    name = rule_settings(SWEEP, rule)["checkpoint"]
    return f"results/{BLOCK}/{FILES['checkpoint'].format(checkpoint=name)}"


def seeds_at_once(wildcards: Wildcards) -> int:
    """The threads of a training: the cores of this machine that a block has for itself.

    One on a pool, where a block is what is sent to a core; `--set-threads train=4` says otherwise.
    """
    if not DRIVES or workflow.non_local_exec:
        return 1
    cores = workflow.resource_settings.cores or 1
    trainings = len(SWEEP.runs) * len(SWEEP.blocks)
    return max(1, min(SWEEP.seeds.per_job, cores // trainings))


def saved_training(wildcards: Wildcards) -> str:
    """The folder with the resumable state of a block, or an empty text where there is none."""
    if not wildcards:  # `mpn-rl doctor` asks for no job in particular
        return ""
    folder = work_folder(Path("results", BLOCK.format(**wildcards)))
    return str(folder) if folder.is_dir() else ""


def outputs_of(rules: Iterable[str]) -> list[str]:
    """The outputs of all jobs of these rules."""
    return [f"results/{file}" for file in every_output(SWEEP, rules)]


def records_told() -> list[str]:
    """The records that the summary reads."""
    told = told_rules(sections(SWEEP))
    return [f"results/{job.record}" for job in jobs(SWEEP) if job.rule in told]


def blocks_of(*names: str) -> list[str]:
    """These files of every block of every run, in the order of the config."""
    homes = [
        BLOCK.format(run=run, block=block)
        for run in SWEEP.runs
        for block in blocks(SWEEP)
    ]
    return [f"results/{home}/{name}" for home in homes for name in names]


def write_partial_summary() -> Path | None:
    """Write results/summary_partial.pdf where blocks are missing; its path, or None."""
    # Here and not above, as each cluster job parses this file and none needs the figures.
    from mpn_rl.sweep.stages.partial import summarise_partial

    return summarise_partial(Path("results"), **rule_settings(SWEEP, "summarise"))


def drop_partial_summary() -> None:
    """Remove what told of missing blocks, where the summary is whole since then."""
    partial, whole = (
        Path("results", f) for f in ("summary_partial.pdf", "summary.pdf")
    )
    if partial.exists() and whole.exists():
        if whole.stat().st_mtime_ns >= partial.stat().st_mtime_ns:
            # not there, says NFS too where its answer was lost
            partial.unlink(missing_ok=True)
