"""Bring all runs together."""

import json
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.stages.summarise import summarise

with stage_log(snakemake.log[0], "summarise"):
    results = Path(snakemake.output.pdf).parent
    summarise(results, code=code_in_force("summarise"), **json.loads(snakemake.params.settings))
    (results / "summary_partial.pdf").unlink(missing_ok=True)
