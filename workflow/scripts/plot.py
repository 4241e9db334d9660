"""Draw the figures that the rule's outputs name."""

import json
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.plot import plot

run, block = snakemake.wildcards.run, snakemake.wildcards.block
names = [name for name, _ in snakemake.output.items() if name != "record"]
with stage_log(snakemake.log[0], f"plot {run} seeds {block}"):
    plot(
        Path(snakemake.output.record).parents[1],
        run=run,
        stage=snakemake.rule,
        figures=names,
        code=code_in_force(snakemake.rule, run=run),
        **json.loads(snakemake.params.settings),
    )
