"""Prompts: the texts that the samples continue."""

import json
from pathlib import Path

import numpy as np

from reverie.errors import ReverieError, quoted
from reverie.text.corpus import Corpus, load, normal


def start_of(corpus: Corpus, window: int, prompt: str) -> np.ndarray:
    """The window that ends with the prompt, (window,) int32.

    A prompt shorter than the window is preceded by the beginning of the corpus, since the network
    is trained on full windows. Raises ReverieError for characters that the corpus lacks.
    """
    try:
        ids = corpus.encoded(normal(prompt))
    except KeyError as error:
        raise ReverieError(
            f"the prompt has characters that the corpus lacks, {quoted(error.args[0])}; leave them out, "
            "or choose another prompt."
        ) from None
    padding = corpus.ids[: max(window - len(ids), 0)]
    return np.concatenate([padding, ids])[-window:].astype(np.int32)


def choose(corpus_file: Path, window: int, prompt: str | None, random: int, file: Path) -> None:
    """Write a .json list of prompts: ``prompt``, and ``random`` windows drawn from the corpus.

    Raises ReverieError for characters that the corpus lacks.
    """
    corpus = load(corpus_file)
    start_of(corpus, window, prompt or "")
    drawn = np.random.default_rng(0).integers(0, len(corpus.ids) - window, random)
    prompts = [normal(prompt)] if prompt else []
    prompts += [corpus.decoded(corpus.ids[start : start + window]) for start in drawn]
    prompts = list(dict.fromkeys(prompts))
    file.write_text(json.dumps(prompts, indent=2) + "\n")
