"""Train one block of seeds."""

import json
from pathlib import Path

from mpn_rl.config.sweep import block_seeds
from mpn_rl.logs import stage_log
from mpn_rl.stages.train import train

run, block = snakemake.wildcards.run, snakemake.wildcards.block
with stage_log(snakemake.log[0], f"train {run} seeds {block}"):
    train(
        Path(snakemake.output.config).parent,
        Path("results/.work", run, f"seeds_{block}"),
        run=run,
        hyperparameters=json.loads(snakemake.params.hyperparameters),
        seeds=block_seeds(block),
        code=snakemake.params.code,
    )
