# Finds where the memory of recorded agents comes to rest.
#
# in: activity.npz, checkpoint    out: fixed_points.csv (points and multipliers), timescales.csv


rule fixed_points:
    """Fixed points of the memory under each phase's mean input, and how long it lasts."""
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        checkpoint=checkpoint_of("fixed_points"),
        records=expand(
            "results/runs/{{run}}/seeds_{{block}}/records/{stage}.json",
            stage=["train", "collect"],
        ),
    output:
        fixed_points=report(
            "results/runs/{run}/seeds_{block}/analysis/fixed_points.csv",
            caption="../report/fixed_points.rst",
            category="How the memory works",
            labels=labelled(table="fixed points"),
        ),
        timescales=report(
            "results/runs/{run}/seeds_{block}/analysis/timescales.csv",
            caption="../report/timescales.rst",
            category="How the memory works",
            labels=labelled(table="timescales"),
        ),
        record="results/runs/{run}/seeds_{block}/records/fixed_points.json",
    log:
        "results/logs/fixed_points/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/fixed_points/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        checkpoint=setting("fixed_points", "checkpoint"),
        num_states=setting("fixed_points", "num_states"),
        code=code_of("fixed_points"),
    message:
        "Finding fixed points of {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
