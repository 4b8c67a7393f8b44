# Files that the workflow needs but that are not part of it.


rule fetch_asset:
    """Find an asset in a mirror or download it, check it, and record its path and origin."""
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
        code=asset_code,
    script:
        "../scripts/fetch_asset.py"
