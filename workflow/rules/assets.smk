# Files that the workflow needs but does not contain.


rule fetch_asset:
    """Find an asset in a mirror or at its addresses, check it, and record where it lies."""
    output:
        record=RESOURCES / "{asset}.json",
    log:
        RESOURCES / "logs" / "{asset}.log",
    benchmark:
        RESOURCES / "benchmarks" / "{asset}.tsv"
    retries: 1
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        asset=asset_facts,
        wanted=asset_wanted,
        code=code_of("fetch_asset.py"),
    script:
        "../scripts/fetch_asset.py"
