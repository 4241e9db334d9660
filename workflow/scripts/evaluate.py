"""Evaluate one block of trained agents."""

import json
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.evaluate import evaluate

run, block = snakemake.wildcards.run, snakemake.wildcards.block
with stage_log(snakemake.log[0], f"evaluate {run} seeds {block}"):
    evaluate(
        Path(snakemake.output.evaluation).parent,
        run=run,
        code=code_in_force("evaluate", run=run),
        **json.loads(snakemake.params.settings),
    )
