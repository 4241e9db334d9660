from snakemake.utils import min_version

min_version("9.20")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


# Names every output of the sweep, so that a missing one is noticed.
rule all:
    input:
        outputs_of(RULES),
    localrule: True
    # Instead of the list of the above, which the engine would print.
    message:
        "Everything is up to date; results/summary.pdf has the findings"


include: "workflow/rules/train.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/render.smk"
include: "workflow/rules/collect.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/decode.smk"
include: "workflow/rules/fixed_points.smk"
include: "workflow/rules/lesion.smk"
include: "workflow/rules/generalise.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/plot.smk"
include: "workflow/rules/plot_memory.smk"
include: "workflow/rules/summarise.smk"
include: "workflow/rules/sweep.smk"
