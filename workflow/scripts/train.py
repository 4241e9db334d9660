"""Train one block of seeds."""

import json
from pathlib import Path

from mpn_rl.interruption import sigterm_as_request
from mpn_rl.logs import stage_log
from mpn_rl.sweep.config.sweep import block_seeds
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.resuming import MachineSettings
from mpn_rl.sweep.stages.train import train

run, block = snakemake.wildcards.run, snakemake.wildcards.block
label = f"train {run} seeds {block}"
with stage_log(snakemake.log[0], label), sigterm_as_request() as stop:
    train(
        Path(snakemake.output.config).parent,
        Path("results/.work", run, f"seeds_{block}"),
        run=run,
        hyperparameters=json.loads(snakemake.params.hyperparameters),
        seeds=block_seeds(block),
        code=code_in_force("train", run=run),
        machine=MachineSettings(
            device="cuda" if snakemake.resources.get("request_gpus", 0) else "cpu",
            save_seconds=snakemake.resources.save_seconds,
            stop=stop,
        ),
    )
