# Runs an analysis of the user's own, which the config names under `analyses`.
#
# in: activity.npz, checkpoint    out: its table, its figure


rule measure:
    """What an analysis of the user's own says of recorded agents."""
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        checkpoint=checkpoint_of("measure"),
        records=expand(
            "results/runs/{{run}}/seeds_{{block}}/records/{stage}.json",
            stage=["train", "collect"],
        ),
    output:
        measured=report(
            "results/runs/{run}/seeds_{block}/analyses/{analysis}.csv",
            caption="../report/measured.rst",
            category="Analyses of your own",
            labels=labelled(kind="table"),
        ),
        measured_figure=report(
            "results/runs/{run}/seeds_{block}/analyses/{analysis}.png",
            caption="../report/measured.rst",
            category="Analyses of your own",
            labels=labelled(kind="figure"),
        ),
        measured_vectors="results/runs/{run}/seeds_{block}/analyses/{analysis}.svg",
        record="results/runs/{run}/seeds_{block}/records/measure_{analysis}.json",
    log:
        "results/logs/measure/{run}_seeds_{block}_{analysis}.log",
    benchmark:
        "results/benchmarks/measure/{run}_seeds_{block}_{analysis}.tsv"
    threads: 1
    params:
        analysis=setting("measure", "analysis"),
        checkpoint=setting("measure", "checkpoint"),
        code=code_of("measure"),
    message:
        "Analysis {wildcards.analysis} of {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
