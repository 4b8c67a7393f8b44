# The report and the provenance of the run.

# By name, since Snakemake makes a missing file again only if it is a target, or if something that
# depends on it is out of date.
RESULTS = [REPORT, RUN / "provenance.json", *files_of_jobs("output")]


rule report:
    """The report, with everything that it shows."""
    input:
        lambda wildcards: RESULTS,  # a function, since Snakemake takes its time over each file of a list


rule record_provenance:
    """Collect what ran, on which machine, from which data, and for how long."""
    input:
        assets=used_assets(),
        results=results_of_parts(),
    output:
        provenance=RUN / "provenance.json",
    log:
        LOGS / "provenance.log",
    benchmark:
        BENCHMARKS / "provenance.tsv"
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        config=dict(config),
        lecture=LECTURE,
        overlays=OVERLAYS,
        full=full_budget,
        records=job_records,
        code=code_of("scripts/record_provenance.py"),
    script:
        "../scripts/record_provenance.py"


rule write_report:
    """Write the report, one HTML page."""
    input:
        provenance=rules.record_provenance.output.provenance,
    output:
        report=REPORT,
    log:
        LOGS / "report.log",
    benchmark:
        BENCHMARKS / "report.tsv"
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        code=code_of("scripts/write_report.py"),
    script:
        "../scripts/write_report.py"
