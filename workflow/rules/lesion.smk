# Plays episodes with a block's trained agents while something is done to their memory.
#
# in: checkpoint    out: lesions.csv (a row per seed and lesion)


rule lesion:
    """What agents answer when something is done to their memory."""
    input:
        checkpoint=checkpoint_of("lesion"),
        record="results/runs/{run}/seeds_{block}/records/train.json",
    output:
        lesions=report(
            "results/runs/{run}/seeds_{block}/analysis/lesions.csv",
            caption="../report/lesions.rst",
            category="How the memory works",
            labels=labelled(table="lesions"),
        ),
        record="results/runs/{run}/seeds_{block}/records/lesion.json",
    log:
        "results/logs/lesion/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/lesion/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        num_episodes=setting("lesion", "num_episodes"),
        checkpoint=setting("lesion", "checkpoint"),
        code=code_of("lesion"),
    message:
        "Lesions of {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
