# Files that the workflow needs but does not contain.


rule fetch_asset:
    """Find an asset in a mirror or at its addresses, check it, and record where it lies."""
    output:
        record=RESOURCES / "{asset}.json",
    params:
        asset=asset_facts,
        wanted=asset_wanted,
        code=code_of("fetch_asset.py"),
    log:
        RESOURCES / "logs" / "{asset}.log",
    benchmark:
        RESOURCES / "benchmarks" / "{asset}.tsv"
    conda:
        "../../envs/cpu.yaml"
    retries: 1
    localrule: True
    script:
        "../scripts/fetch_asset.py"
