# Reverie: forecast, text and dreams of a lecture, reproduced. See README.md.
from snakemake.utils import min_version

min_version("9.19")


configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/assets.smk"
include: "workflow/rules/forecast.smk"
include: "workflow/rules/text.smk"
include: "workflow/rules/dream.smk"
include: "workflow/rules/style.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        rules.report.input,


onstart:
    lock()
    write_plan()
    print(estimate())


onerror:
    report_failure()
