"""Names, constraints and typed input functions, shared by all rules.

Every cluster job parses this file again: it imports mpn_rl.sweep.config and mpn_rl.sweep.ledger only, and
these from the copy of the code that the driver made.
"""

import gc
import json
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.iocontainers import Wildcards
from snakemake.logging import logger
from snakemake.settings.types import ExecMode
from snakemake.sourcecache import LocalSourceFile

DRIVES = workflow.exec_mode == ExecMode.DEFAULT
if not DRIVES and "MPN_RL_ASKED" in config:
    # a job of a sweep: it imports from the copies that its driver made
    search = json.loads(Path(config["MPN_RL_ASKED"]).read_bytes())["search"]
    sys.path[:0] = [str(Path(folder).absolute()) for folder in search]

from mpn_rl.parameters.catalogue import CORES
from mpn_rl.sweep.layout import (
    FIGURES,
    PLASTIC_FIGURES,
    blocks,
    canonical_json,
    rendered_seeds,
    rule_settings,
)
from mpn_rl.sweep.config.sources import packed, unpacked
from mpn_rl.sweep.config.sweep import block_name, load_sweep, read_sweep
from mpn_rl.errors import UserError
from mpn_rl.sweep.ledger.aliases import read_aliases
from mpn_rl.sweep.ledger.asked import VARIABLE, ask, hand_on, search_first
from mpn_rl.sweep.ledger.decisions import Decisions
from mpn_rl.sweep.ledger.code.digests import named_by
from mpn_rl.sweep.ledger.engine import Metadata

# The engine keeps all that it builds: looking through it again and again for garbage took a quarter
# of a dry run of a thousand runs.
gc.set_threshold(100_000, 50, 100)

BLOCK = "results/runs/{run}/seeds_{block}"


def read_config():
    """The sweep of the `--configfile`s, which stand instead of config/config.yaml, and `--config`."""
    default = Path(workflow.basedir) / "config" / "config.yaml"
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


ASKED = None if DRIVES else hand_on(config.get(VARIABLE))
SWEEP = read_config() if ASKED is None else read_sweep(ASKED.document)
NAMED = {run: tuple(named_by(point)) for run, point in SWEEP.runs.items()}
# Stages, and whether their code depends on the run.
STAGES = {
    stage: stage != "summarise"
    for stage in (
        "train",
        "evaluate",
        "render",
        "collect",
        "analyse",
        "plot",
        "summarise",
    )
}
DECISIONS = Decisions(
    Path("results"),
    SWEEP,
    Metadata(),
    read_aliases(Path("results") if DRIVES else None),
)
BLOCKS = blocks(SWEEP)
PLASTIC_RUNS = [run for run, point in SWEEP.runs.items() if CORES[point.core].plastic]
RENDERED_SEEDS = rendered_seeds(SWEEP)
PLASTIC_CORES = [name for name, core in CORES.items() if core.plastic]


# Patterns, not lists of the sweep's runs: the engine compiles them anew for each file of a job, which
# at a thousand runs took twice as long as all the rest.
wildcard_constraints:
    run="[^/]+",
    block=r"\d+-\d+",
    seed=r"\d+",
    episode=r"\d+",


def settings_of(rule: str) -> str:
    """The params of a rule that are the same for every run."""
    return canonical_json(rule_settings(SWEEP, rule))


def hyperparameters(wildcards: Wildcards) -> str:
    """The resolved hyper-parameters of a run; every file of a run goes back to these."""
    if wildcards.run not in SWEEP.runs:
        raise WorkflowError(f"{wildcards.run}: no run of this config has that id")
    return canonical_json(rule_settings(SWEEP, "train", wildcards.run))


def code_of(name: str, record: str = ""):
    """The digest of the code which the rule `name` runs, as a function of wildcards.

    `record` is the pattern of the rule's record, where it is not that of a block.
    """
    pattern = record or f"{BLOCK}/records/{name}.json"

    def code(wildcards: Wildcards) -> str:
        run = getattr(wildcards, "run", None)
        return DECISIONS.code(
            name, run, Path(pattern.format(**dict(wildcards.items())))
        )

    return code


def with_records_looked_at(wildcards: Wildcards) -> list[str]:
    """No file: the moment when the graph is made, and outputs can be called stale by record."""
    if DRIVES and not LOOKED_AT:
        LOOKED_AT.append(True)
        workflow.dag.forcefiles.update(DECISIONS.stale_by_record())
    return []


LOOKED_AT = []


def checkpoint_of(settings) -> str:
    """The checkpoint which `settings` name."""
    return f"{BLOCK}/checkpoints/{settings.checkpoint}_model.pt"


def blocks_of(*names: str) -> list[str]:
    """These files of every block of every run, in the order of the config."""
    return [
        f"results/runs/{run}/seeds_{block}/{name}"
        for run in SWEEP.runs
        for block in BLOCKS
        for name in names
    ]


def block_of_seed(seed: int) -> str:
    """The block that trains a seed."""
    return next(block_name(seeds) for seeds in SWEEP.blocks if seed in seeds)


def videos(runs=SWEEP.runs, seeds=RENDERED_SEEDS) -> list[str]:
    """The animations of these runs and seeds."""
    return [
        f"results/runs/{run}/seeds_{block_of_seed(seed)}/videos/episode_{seed}_{episode}.gif"
        for run in runs
        for seed in seeds
        for episode in range(SWEEP.render.num_episodes)
    ]


def figures(names: tuple[str, ...], runs) -> list[str]:
    """These figures of every block of these runs."""
    return [
        f"results/runs/{run}/seeds_{block}/analysis/{name}.png"
        for run in runs
        for block in BLOCKS
        for name in names
    ]


def every_output() -> list[str]:
    """All files that the sweep leaves behind."""
    return [
        "results/summary.pdf",
        "results/summary.csv",
        "results/runs.csv",
        "results/provenance.csv",
        *blocks_of(
            "config.json",
            "training_history.json",
            "checkpoints/best_model.pt",
            "checkpoints/final_model.pt",
            "evaluation.csv",
            "references.csv",
            "analysis/activity.npz",
            "analysis/pca.csv",
            "analysis/pca_projection.npz",
        ),
        *figures(FIGURES, SWEEP.runs),
        *figures(PLASTIC_FIGURES, PLASTIC_RUNS),
        *videos(),
    ]


def write_partial_summary():
    """Write results/summary_partial.pdf where blocks are missing; its path, or None."""
    # Here and not above, as each cluster job parses this file and none needs the figures.
    from mpn_rl.sweep.stages.partial import summarise_partial

    return summarise_partial(Path("results"), **rule_settings(SWEEP, "summarise"))
