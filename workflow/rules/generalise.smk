# Plays episodes with longer and shorter delays than in training.
#
# in: checkpoint    out: generalisation.csv (a row per seed, value and condition)


rule generalise:
    """What agents answer where they have to remember for longer than in training."""
    input:
        checkpoint=checkpoint_of("generalise"),
        record="results/runs/{run}/seeds_{block}/records/train.json",
    output:
        generalisation=report(
            "results/runs/{run}/seeds_{block}/analysis/generalisation.csv",
            caption="../report/generalisation.rst",
            category="How the memory works",
            labels=labelled(table="generalisation"),
        ),
        record="results/runs/{run}/seeds_{block}/records/generalise.json",
    log:
        "results/logs/generalise/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/generalise/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        num_episodes=setting("generalise", "num_episodes"),
        checkpoint=setting("generalise", "checkpoint"),
        values=setting("generalise", "values"),
        code=code_of("generalise"),
    message:
        "Generalisation of {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
