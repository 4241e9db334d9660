# Plays a task with agents that learn nothing, beside which trained ones are seen.
#
# out: baselines/{setting}.csv (agent, return, correct, num_episodes), for all runs with this setting
#      of the task


rule baselines:
    """What random, memoryless and oracle agents reach on a task."""
    output:
        baselines=report(
            "results/baselines/{setting}.csv",
            caption="../report/baselines.rst",
            category="Summary",
            labels=labelled(table="baselines"),
        ),
        record="results/records/baselines_{setting}.json",
    log:
        "results/logs/baselines/{setting}.log",
    benchmark:
        "results/benchmarks/baselines/{setting}.tsv"
    threads: 1
    params:
        first_seed=setting("baselines", "first_seed"),
        task_setting=setting("baselines", "task_setting"),
        code=code_of("baselines"),
    message:
        "Playing {wildcards.setting} without learning"
    script:
        "../scripts/stage.py"
