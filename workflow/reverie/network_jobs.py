"""Jobs that compute with a network.

Not in jobs.py, which the code hash ignores: backend and threads, chosen here, determine results.
"""

from contextlib import contextmanager

from reverie import devices
from reverie.jobs import job


@contextmanager
def network_job(snakemake, tf32: bool = False):
    """As :func:`reverie.jobs.job`, with a device chosen and Keras imported for the body.

    The device is a GPU if the rule has the resource `gpu` and there is one; ``tf32`` lets it multiply
    with less precision. The record, which is yielded, also gets what :func:`devices.use` and
    :func:`backend.used` return, and `precision`, "float32" or "TF32".
    """
    with job(snakemake) as record:
        jobs_per_gpu = snakemake.resources.get("gpu", 0) * snakemake.config["jobs_per_gpu"]
        record |= devices.use(snakemake.config["backend"], snakemake.threads, jobs_per_gpu)
        # Before the body: it imports Keras without its greeting and without what nobody uses.
        from reverie import backend

        record["precision"] = backend.set_precision(tf32)
        yield record
        record |= backend.used()
