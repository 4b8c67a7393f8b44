# Reverie: forecast, text and dreams of a lecture, reproduced. See README.md.
from snakemake.utils import min_version

min_version("9.19")


configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/assets.smk"
include: "workflow/reverie/forecast/rules.smk"
include: "workflow/reverie/text/rules.smk"
include: "workflow/reverie/pictures/sources.smk"
include: "workflow/reverie/dream/rules.smk"
include: "workflow/reverie/style/rules.smk"
include: "workflow/reverie/diagnose/rules.smk"
include: "workflow/reverie/describe/rules.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/events.smk"


rule all:
    default_target: True
    input:
        RESULTS,


onstart:
    lock()
    start_mps()
    write_plan()
    print(estimate())


onerror:
    report_failure()
