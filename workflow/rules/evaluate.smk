# Plays greedy episodes with a block's trained agents.
#
# in: checkpoint    out: evaluation.csv (seed, episode, return, length, correct)


rule evaluate:
    """Evaluate every completed seed of a block on episodes that training never saw."""
    input:
        checkpoint=checkpoint_of("evaluate"),
        record="results/runs/{run}/seeds_{block}/records/train.json",
    output:
        evaluation=report(
            "results/runs/{run}/seeds_{block}/evaluation.csv",
            caption="../report/evaluation.rst",
            category="Tables",
            labels=labelled(table="evaluation"),
        ),
        record="results/runs/{run}/seeds_{block}/records/evaluate.json",
    log:
        "results/logs/evaluate/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/evaluate/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        num_episodes=setting("evaluate", "num_episodes"),
        checkpoint=setting("evaluate", "checkpoint"),
        code=code_of("evaluate"),
    message:
        "Evaluating {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
