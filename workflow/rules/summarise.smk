# Says what the sweep found.
#
# in: every block's config, history, evaluation, spectra, tables of how its memory works and records;
#     every task setting's baselines; the first animation of a run
# out: summary.pdf, its figures as SVG, summary.csv (every number shown), runs.csv (run id -> hyper-parameters),
#      provenance.csv (hosts, commits, times: the one that differs between equal computations)


# What a section of the config could leave out and does not.
CHOSEN = chosen_rules(sections(SWEEP))


rule summarise:
    """Bring all runs together in one PDF."""
    input:
        blocks=blocks_of(
            "config.json",
            "training_history.json",
            "evaluation.csv",
            "analysis/pca.csv",
            "analysis/paths.csv",
            *(FILES[name] for rule in CHOSEN for name in RULES[rule].makes),
        ),
        records=records_told(),
        baselines=outputs_of(["baselines"]),
        measured=outputs_of(["measure"]),
        # A change of a figure's or an animation's code or settings reaches the summary through
        # these, as it shows the same kind of figures and the same episodes.
        drawn=outputs_of(DRAWN),
    output:
        pdf=report(
            "results/summary.pdf",
            caption="../report/summary.rst",
            category="Summary",
            labels=labelled(table="pages", setting=""),
        ),
        figures="results/summary_figures.zip",
        table=report(
            "results/summary.csv",
            caption="../report/table.rst",
            category="Summary",
            labels=labelled(table="every number of the pages", setting=""),
        ),
        runs=report(
            "results/runs.csv",
            caption="../report/runs.rst",
            category="Summary",
            labels=labelled(table="hyper-parameters of each run", setting=""),
        ),
        made=report(
            "results/provenance.csv",
            caption="../report/made.rst",
            category="Summary",
            labels=labelled(table="when and where each part was made", setting=""),
        ),
        record="results/records/summarise.json",
    log:
        "results/logs/summarise/summary.log",
    benchmark:
        "results/benchmarks/summarise/summary.tsv"
    threads: 1
    params:
        name=setting("summarise", "name"),
        runs=setting("summarise", "runs"),
        blocks=setting("summarise", "blocks"),
        rendered_seeds=setting("summarise", "rendered_seeds"),
        baselines=setting("summarise", "baselines"),
        sections=setting("summarise", "sections"),
        messages=setting("summarise", "messages"),
        code=code_of("summarise"),
    message:
        "Summarising the sweep"
    script:
        "../scripts/stage.py"


# A sweep that could not be completed still says what it has, and what is missing and why.
onerror:
    partial = write_partial_summary()
    if partial is not None:
        print(f"{partial} says which blocks are missing, and why.", file=sys.stderr)


# Not in the job, which on a pool without shared files sees no other than its own.
onsuccess:
    drop_partial_summary()
