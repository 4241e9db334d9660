# Animates one greedy episode of one seed.
#
# in: checkpoint    out: a GIF, the environment beside the M matrix or the hidden activity


rule render:
    """Draw one episode of one seed as a GIF."""
    input:
        checkpoint=checkpoint_of("render"),
        record="results/runs/{run}/seeds_{block}/records/train.json",
    output:
        video=report(
            "results/runs/{run}/seeds_{block}/videos/episode_{seed}_{episode}.gif",
            caption="../report/video.rst",
            category="Episodes",
            labels=labelled(),
        ),
        record="results/runs/{run}/seeds_{block}/records/render_{seed}_{episode}.json",
    log:
        "results/logs/render/{run}_seeds_{block}_{seed}_{episode}.log",
    benchmark:
        "results/benchmarks/render/{run}_seeds_{block}_{seed}_{episode}.tsv"
    threads: 1
    params:
        **later_settings("render"),
        fps=setting("render", "fps"),
        checkpoint=setting("render", "checkpoint"),
        code=code_of("render"),
    message:
        "Rendering {wildcards.run}, seed {wildcards.seed}, episode {wildcards.episode}"
    script:
        "../scripts/stage.py"
