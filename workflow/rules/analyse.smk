# Finds the principal components of what was recorded.
#
# in: activity.npz    out: pca.csv (spectra), pca_projection.npz (trajectories)


rule analyse:
    """Principal components of hidden states and modulations, seed by seed."""
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        record="results/runs/{run}/seeds_{block}/records/collect.json",
    output:
        pca=report(
            "results/runs/{run}/seeds_{block}/analysis/pca.csv",
            caption="../report/pca.rst",
            category="Tables",
            labels=labelled(table="principal components"),
        ),
        projection="results/runs/{run}/seeds_{block}/analysis/pca_projection.npz",
        record="results/runs/{run}/seeds_{block}/records/analyse.json",
    log:
        "results/logs/analyse/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/analyse/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        code=code_of("analyse"),
    message:
        "Analysing {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
