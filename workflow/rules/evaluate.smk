# Plays greedy episodes with a block's trained agents, and with agents that learn nothing.
#
# in: checkpoint
# out: evaluation.csv (seed, episode, return, length, correct)
#      references.csv (agent, return, correct, num_episodes, parameters)


rule evaluate:
    """Evaluate every completed seed of a block on episodes that training never saw."""
    input:
        checkpoint=checkpoint_of(SWEEP.evaluation),
        record="results/runs/{run}/seeds_{block}/records/train.json",
    output:
        evaluation="results/runs/{run}/seeds_{block}/evaluation.csv",
        references="results/runs/{run}/seeds_{block}/references.csv",
        record="results/runs/{run}/seeds_{block}/records/evaluate.json",
    log:
        "results/logs/evaluate/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/evaluate/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        settings=settings_of("evaluate"),
        code=code_of("evaluate"),
    message:
        "Evaluating {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/evaluate.py"
