"""Corpora of a few lines, prepared."""

import json

from reverie.text import corpus

ORIGIN = {"source": "here", "sha256": "ab", "sample": False}
PROSE = "Supposing that Truth is a woman--what then?\nIs there not ground for suspecting\n" * 40


def prepared(folder, text, window=20, step=3, held_out=0.05, batch=8, encoding="utf-8"):
    """The corpus of a text that is written in ``encoding``, or of these bytes, and its facts."""
    (folder / "text.txt").write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    corpus.prepare(
        folder / "text.txt",
        ORIGIN,
        encoding,
        window,
        step,
        held_out,
        batch,
        folder / "corpus.npz",
        folder / "corpus.json",
    )
    return corpus.load(folder / "corpus.npz"), json.loads((folder / "corpus.json").read_text())
