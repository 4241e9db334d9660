"""Find the principal components of one block's recordings."""

from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.analyse import analyse

run, block = snakemake.wildcards.run, snakemake.wildcards.block
with stage_log(snakemake.log[0], f"analyse {run} seeds {block}"):
    analyse(
        Path(snakemake.output.record).parents[1], run=run, code=code_in_force("analyse", run=run)
    )
