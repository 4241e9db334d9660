"""Record one block of trained agents."""

import json
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.collect import collect

run, block = snakemake.wildcards.run, snakemake.wildcards.block
with stage_log(snakemake.log[0], f"collect {run} seeds {block}"):
    collect(
        Path(snakemake.output.record).parents[1],
        run=run,
        code=code_in_force("collect", run=run),
        **json.loads(snakemake.params.settings),
    )
