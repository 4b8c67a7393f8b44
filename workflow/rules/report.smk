# One page that tells what was found, and from what.


rule report:
    """The results report."""
    input:
        REPORT,
        # All results by name: Snakemake makes a missing file again only where it is asked for, or
        # where what rests on it is out of date.
        RUN / "provenance.json",
        files_of_jobs("output"),


rule record_provenance:
    """What ran, on what, from which data, how long."""
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
        records=job_records,
        code=code_of("scripts/record_provenance.py"),
    script:
        "../scripts/record_provenance.py"


rule write_report:
    """Put everything into one page."""
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
