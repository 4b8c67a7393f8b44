"""A run of text without training: the files that a workflow would leave."""

import json
from pathlib import Path

from reverie.text import corpus, sampling


def make(root: Path, folder: Path, config: dict, generator, invented: str) -> None:
    words = [
        "the",
        "gauge",
        "is",
        "read",
        "every",
        "day",
        "and",
        "the",
        "river",
        "is",
        "high",
        "when",
        "it",
        "rains",
    ]
    (root / "words.txt").write_text(" ".join(generator.choice(words, 4000)))
    folder.mkdir(parents=True)
    origin = {"source": "words.txt", "sha256": "8" * 64, "sample": False}
    corpus.prepare(
        root / "words.txt", origin, "utf-8", 20, 3, 0.05, 128,
        folder / "corpus.npz", folder / "corpus.json",
    )  # fmt: skip
    alphabet = corpus.load(folder / "corpus.npz").alphabet
    for seed in (0, 1):
        training = folder / f"seed{seed}"
        training.mkdir()
        lines = [f"{e},{3 - 0.3 * e},{2.9 - 0.3 * e},{4 - 0.4 * e},9" for e in (1, 2, 3)]
        history = "\n".join(["epoch,loss,val_loss,bits_per_char,seconds", *lines]) + "\n"
        (training / "history.csv").write_text(history)
        (training / "model.json").write_text(json.dumps({"parameters": 999, "steps": 10}))
        logits = {"alphabet": alphabet, "logits": generator.normal(0, 2, len(alphabet)).tolist()}
        (training / "next.json").write_text(json.dumps(logits | {"epoch": 3, "prompt": "x"}))
        samples = []
        for epoch in (2, 3):
            for method, heat in sampling.methods(config["sampling"]["temperatures"], True):
                pool = words if (heat or 0) < 0.9 else [*words, "rivver", invented]
                drawn = generator.choice(pool[: 3 if not heat else None], 60)
                facts = {"epoch": epoch, "seed": seed, "method": method, "temperature": heat}
                samples.append(facts | {"prompt": "the gauge is read eve", "text": " ".join(drawn)})
        written = "".join(json.dumps(sample) + "\n" for sample in samples)
        (training / "samples.jsonl").write_text(written)
