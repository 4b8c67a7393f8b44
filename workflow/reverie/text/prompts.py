"""What the samples continue."""

import json
from pathlib import Path

import numpy as np

from reverie.errors import ReverieError, quoted
from reverie.text.corpus import Corpus, load, normal


def start_of(corpus: Corpus, window: int, prompt: str) -> np.ndarray:
    """The window that ends with the prompt, (window,) int32.

    What a shorter prompt does not fill is the beginning of the corpus, since the network knows full
    windows only. Raises ReverieError for a prompt with characters that the corpus lacks.
    """
    try:
        ids = corpus.encoded(normal(prompt))
    except KeyError as error:
        raise ReverieError(
            f"the prompt has characters that the corpus lacks, {quoted(error.args[0])}; leave them out, "
            "or choose another prompt."
        ) from None
    before = corpus.ids[: max(window - len(ids), 0)]
    return np.concatenate([before, ids])[-window:].astype(np.int32)


def choose(corpus_file: Path, window: int, prompt: str | None, random: int, file: Path) -> None:
    """Write the prompts as a .json list: the given one, and ``random`` windows of the corpus.

    Raises ReverieError for characters that the corpus lacks.
    """
    corpus = load(corpus_file)
    start_of(corpus, window, prompt or "")
    drawn = np.random.default_rng(0).integers(0, len(corpus.ids) - window, random)
    found = [corpus.decoded(corpus.ids[start : start + window]) for start in drawn]
    found = [normal(prompt), *found] if prompt else found
    found = list(dict.fromkeys(found))
    file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
