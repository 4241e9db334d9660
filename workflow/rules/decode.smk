# Reads the task's variables out of what was recorded.
#
# in: activity.npz, checkpoint    out: decoding.csv (scores at each time and across times)


rule decode:
    """How well each variable of the task can be read linearly from M, h and x."""
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        checkpoint=checkpoint_of("decode"),
        records=expand(
            "results/runs/{{run}}/seeds_{{block}}/records/{stage}.json",
            stage=["train", "collect"],
        ),
    output:
        decoding=report(
            "results/runs/{run}/seeds_{block}/analysis/decoding.csv",
            caption="../report/decoding.rst",
            category="How the memory works",
            labels=labelled(table="decoding"),
        ),
        record="results/runs/{run}/seeds_{block}/records/decode.json",
    log:
        "results/logs/decode/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/decode/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        checkpoint=setting("decode", "checkpoint"),
        folds=setting("decode", "folds"),
        max_episodes=setting("decode", "max_episodes"),
        max_times=setting("decode", "max_times"),
        shuffles=setting("decode", "shuffles"),
        centred=setting("decode", "centred"),
        code=code_of("decode"),
    message:
        "Decoding {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
