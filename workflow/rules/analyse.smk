# Finds the principal components of what was recorded.
#
# in: activity.npz, checkpoint    out: pca.csv (spectra), pca_projection.npz (trajectories),
#                                      paths.csv (their means by what the episodes were),
#                                      plasticity.csv (how large M is)


rule analyse:
    """Principal components of hidden states and modulations, and the course of M, by seed."""
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        checkpoint=checkpoint_of("analyse"),
        records=expand(
            "results/runs/{{run}}/seeds_{{block}}/records/{stage}.json",
            stage=["train", "collect"],
        ),
    output:
        pca=report(
            "results/runs/{run}/seeds_{block}/analysis/pca.csv",
            caption="../report/pca.rst",
            category="Tables",
            labels=labelled(table="principal components"),
        ),
        projection="results/runs/{run}/seeds_{block}/analysis/pca_projection.npz",
        paths=report(
            "results/runs/{run}/seeds_{block}/analysis/paths.csv",
            caption="../report/paths.rst",
            category="Tables",
            labels=labelled(table="mean paths"),
        ),
        plasticity=report(
            "results/runs/{run}/seeds_{block}/analysis/plasticity.csv",
            caption="../report/plasticity.rst",
            category="Tables",
            labels=labelled(table="modulations over an episode"),
        ),
        record="results/runs/{run}/seeds_{block}/records/analyse.json",
    log:
        "results/logs/analyse/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/analyse/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        checkpoint=setting("analyse", "checkpoint"),
        code=code_of("analyse"),
    message:
        "Analysing {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
