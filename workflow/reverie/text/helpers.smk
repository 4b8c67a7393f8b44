# What the rules of the text need to know: names, sources, and functions of wildcards.
from reverie.text import estimates as text_estimates
from reverie.text import networks

TEXT = SETTINGS.text
CORPUS = source("text", "corpus", TEXT.corpus, TEXT.asset)
WRITER = networks.network(config)


def writers(file):
    """Path of ``file`` in the folder of every training on the corpus."""
    return expand(RUN / "text" / "seed{seed}" / file, seed=TEXT.seeds)


def writer_seconds(wildcards):
    """Estimated from the size of the corpus file, which has not been read yet."""
    size = CORPUS.stat().st_size if TEXT.corpus else SETTINGS.assets[TEXT.asset].bytes or 0
    return round(text_estimates.training_seconds(WRITER, size, TEXT.held_out))


def prompt(wildcards):
    """A function, since Snakemake would take braces in a text for wildcards."""
    return TEXT.sampling.prompt
