"""Run the stage of a rule: unpack, one call."""

import gc

from mpn_rl.interruption import leave, obeyed

# Until the stage begins: what libraries make while they are loaded stays, and looking through it
# again and again takes a tenth of the time.
gc.disable()
with obeyed("nothing is lost: the same snakemake command does it"):
    from pathlib import Path

    from mpn_rl.logs import stage_log
    from mpn_rl.sweep.stages.jobs import label_of, run_job

    wildcards = dict(snakemake.wildcards.items())
    label = label_of(snakemake.rule, wildcards)
    with stage_log(snakemake.log[0], label):
        run_job(
            snakemake.rule,
            Path(snakemake.output.record),
            wildcards,
            params=dict(snakemake.params.items()),
            resources=dict(snakemake.resources.items()),
            threads=snakemake.threads,
        )
leave()  # an end by a signal would have the engine delete what is there
