# One page that tells what was found, and from what.


def resolved_lecture():
    """The lecture's configuration with every default filled in, to compare this run's with."""
    plain = provenance.lecture(Path(workflow.basedir) / "config.yaml")
    return configuration.load(plain).model_dump(mode="json")


rule report:
    """The results report."""
    input:
        REPORT,


rule record_provenance:
    """What ran, on what, from which data, how long."""
    input:
        assets=used_assets(),
        results=[
            *rules.forecast.input,
            *rules.plot_series.output,
            *rules.plot_training.output,
        ],
    output:
        provenance=RUN / "provenance.json",
    params:
        config=SETTINGS.model_dump(mode="json"),
        lecture=resolved_lecture(),
        records=[str(LOGS), *[str(RESOURCES / "logs" / path.name) for path in used_assets()]],
        code=code_of("record_provenance.py"),
    log:
        LOGS / "provenance.log",
    benchmark:
        BENCHMARKS / "provenance.tsv"
    conda:
        "../../envs/cpu.yaml"
    localrule: True
    script:
        "../scripts/record_provenance.py"


rule write_report:
    """Put everything into one page."""
    input:
        provenance=rules.record_provenance.output.provenance,
    output:
        report=REPORT,
    params:
        run=str(RUN),
        code=code_of("write_report.py"),
    log:
        LOGS / "report.log",
    benchmark:
        BENCHMARKS / "report.tsv"
    conda:
        "../../envs/cpu.yaml"
    localrule: True
    script:
        "../scripts/write_report.py"
