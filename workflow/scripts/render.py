"""Animate one episode of one trained agent."""

import json
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.render import render

run, seed = snakemake.wildcards.run, int(snakemake.wildcards.seed)
episode = int(snakemake.wildcards.episode)
with stage_log(snakemake.log[0], f"render {run} seed {seed} episode {episode}"):
    render(
        Path(snakemake.output.record).parents[1],
        run=run,
        seed=seed,
        episode=episode,
        code=code_in_force("render", run=run),
        **json.loads(snakemake.params.settings),
    )
