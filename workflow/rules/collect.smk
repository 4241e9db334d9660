# Records hidden states, modulations and behaviour of a block's trained agents.
#
# in: checkpoint    out: activity.npz


rule collect:
    """Record greedy episodes of every completed seed of a block, step by step."""
    input:
        checkpoint=checkpoint_of("collect"),
        record="results/runs/{run}/seeds_{block}/records/train.json",
    output:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        record="results/runs/{run}/seeds_{block}/records/collect.json",
    log:
        "results/logs/collect/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/collect/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        num_episodes=setting("collect", "num_episodes"),
        checkpoint=setting("collect", "checkpoint"),
        max_recorded_mb=setting("collect", "max_recorded_mb"),
        code=code_of("collect"),
    message:
        "Recording {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
