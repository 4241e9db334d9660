"""Record one block of trained agents."""

import json
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.stages.collect import collect

run, block = snakemake.wildcards.run, snakemake.wildcards.block
with stage_log(snakemake.log[0], f"collect {run} seeds {block}"):
    collect(
        Path(snakemake.output.record).parents[1],
        run=run,
        code=snakemake.params.code,
        **json.loads(snakemake.params.settings),
    )
