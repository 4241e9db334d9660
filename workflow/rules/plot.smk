# Draws the figures of one block.
#
# in: training_history.json, activity.npz, pca.csv, pca_projection.npz, for M also the checkpoint
# out: figures, PNG and SVG
#
# Figures of M exist for cores with plasticity alone, hence two rules around one script.


rule plot:
    """Learning curves, spectra and trajectories of hidden states."""
    input:
        history="results/runs/{run}/seeds_{block}/training_history.json",
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        pca="results/runs/{run}/seeds_{block}/analysis/pca.csv",
        projection="results/runs/{run}/seeds_{block}/analysis/pca_projection.npz",
        records=expand(
            "results/runs/{{run}}/seeds_{{block}}/records/{stage}.json",
            stage=["train", "collect", "analyse"],
        ),
    output:
        training_curves=report(
            "results/runs/{run}/seeds_{block}/analysis/training_curves.png",
            caption="../report/training_curves.rst",
            category="Training",
            labels=labelled(figure="learning curves"),
        ),
        pca_variance=report(
            "results/runs/{run}/seeds_{block}/analysis/pca_variance.png",
            caption="../report/pca_variance.rst",
            category="Dynamics",
            labels=labelled(figure="variance"),
        ),
        trajectories_hidden=report(
            "results/runs/{run}/seeds_{block}/analysis/trajectories_hidden.png",
            caption="../report/trajectories.rst",
            category="Dynamics",
            labels=labelled(figure="trajectories of h"),
        ),
        training_curves_vectors="results/runs/{run}/seeds_{block}/analysis/training_curves.svg",
        pca_variance_vectors="results/runs/{run}/seeds_{block}/analysis/pca_variance.svg",
        trajectories_hidden_vectors="results/runs/{run}/seeds_{block}/analysis/trajectories_hidden.svg",
        record="results/runs/{run}/seeds_{block}/records/plot.json",
    log:
        "results/logs/plot/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/plot/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        color_by=setting("plot", "color_by"),
        code=code_of("plot"),
    message:
        "Plotting {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"


rule plot_plasticity:
    """Trajectories of M, its course through an episode, and that of its rates through training."""
    input:
        history="results/runs/{run}/seeds_{block}/training_history.json",
        checkpoint=checkpoint_of("plot_plasticity"),
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
        pca="results/runs/{run}/seeds_{block}/analysis/pca.csv",
        projection="results/runs/{run}/seeds_{block}/analysis/pca_projection.npz",
        records=expand(
            "results/runs/{{run}}/seeds_{{block}}/records/{stage}.json",
            stage=["train", "collect", "analyse"],
        ),
    output:
        trajectories_M=report(
            "results/runs/{run}/seeds_{block}/analysis/trajectories_M.png",
            caption="../report/trajectories.rst",
            category="Dynamics",
            labels=labelled(figure="trajectories of M"),
        ),
        m_matrix=report(
            "results/runs/{run}/seeds_{block}/analysis/m_matrix.png",
            caption="../report/m_matrix.rst",
            category="Plasticity",
            labels=labelled(figure="M in an episode"),
        ),
        plasticity_course=report(
            "results/runs/{run}/seeds_{block}/analysis/plasticity_course.png",
            caption="../report/plasticity_course.rst",
            category="Plasticity",
            labels=labelled(figure="eta and lambda in training"),
        ),
        trajectories_M_vectors="results/runs/{run}/seeds_{block}/analysis/trajectories_M.svg",
        m_matrix_vectors="results/runs/{run}/seeds_{block}/analysis/m_matrix.svg",
        plasticity_course_vectors="results/runs/{run}/seeds_{block}/analysis/plasticity_course.svg",
        record="results/runs/{run}/seeds_{block}/records/plot_plasticity.json",
    log:
        "results/logs/plot_plasticity/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/plot_plasticity/{run}_seeds_{block}.tsv"
    wildcard_constraints:
        run=PLASTIC_RUN,
    threads: 1
    params:
        color_by=setting("plot_plasticity", "color_by"),
        checkpoint=setting("plot_plasticity", "checkpoint"),
        code=code_of("plot_plasticity"),
    message:
        "Plotting modulations of {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
