# Files that the workflow needs but does not contain.


rule fetch_asset:
    """Find an asset in a mirror or at its addresses, check it, and record where it lies."""
    output:
        record=RECORDS / "{asset}.json",
    log:
        RECORDS / "logs" / "{asset}.log",
    benchmark:
        RECORDS / "benchmarks" / "{asset}.tsv"
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        asset=asset_facts,
        wanted=asset_wanted,
        code=code_of("scripts/fetch_asset.py"),
    script:
        "../scripts/fetch_asset.py"
