# Draws how the memory of one block works.
#
# in: the tables of what the config leaves in (decoding.csv ...)    out: one figure, PNG and SVG


rule plot_memory:
    """Decoding over time, lesions beside their controls, generalisation, fixed points."""
    input:
        **{
            name: f"results/{BLOCK}/{FILES[name]}"
            for name in memory_tables(sections(SWEEP))
        },
        records=expand(
            "results/runs/{{run}}/seeds_{{block}}/records/{stage}.json",
            stage=chosen_rules(sections(SWEEP)),
        ),
    output:
        memory=report(
            "results/runs/{run}/seeds_{block}/analysis/memory.png",
            caption="../report/memory.rst",
            category="How the memory works",
            labels=labelled(figure="how the memory works"),
        ),
        memory_vectors="results/runs/{run}/seeds_{block}/analysis/memory.svg",
        record="results/runs/{run}/seeds_{block}/records/plot_memory.json",
    log:
        "results/logs/plot_memory/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/plot_memory/{run}_seeds_{block}.tsv"
    threads: 1
    params:
        tables=setting("plot_memory", "tables"),
        code=code_of("plot_memory"),
    message:
        "Plotting how the memory of {wildcards.run}, seeds {wildcards.block}, works"
    script:
        "../scripts/stage.py"
