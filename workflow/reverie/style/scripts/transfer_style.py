"""Transfer the style of one picture to another."""

from reverie.network_jobs import network_job

with network_job(snakemake, tf32=True):
    from reverie.pictures import files
    from reverie.style import transfer

    transfer.transfer(
        name=snakemake.wildcards.style,
        settings=snakemake.params.style,
        to=snakemake.params.to,
        sources=files.sources(snakemake.input),
        **files.output_files(snakemake.output),
    )
