"""A run of sentences for pictures without training: the files that a workflow would leave."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from reverie.describe import captions, preparation, ranking, scenes
from reverie.describe.words import tokens
from reverie.histories import write_history

MODELS = {"brnn": 2.0, "rnn": 1.7, "bag": 1.5, "brnn_whole": 1.2}  # how much scores say
WRITERS = {"rnn_rmsprop": 0.1, "rnn_adam": 0.3, "rnn_sgd": 0.6}  # share of wrong words
NAMES = [*MODELS, *WRITERS]
SCENES = 120


def make(folder: Path, settings: dict, generator) -> None:
    """``settings`` is the section `describe`, with the models and writers of NAMES selected."""
    folder.mkdir(parents=True)
    pictures, table = folder / "scenes.zip", folder / "scenes.csv"
    scenes.write_pictures(pictures, SCENES)
    scenes.write_sentences(table, SCENES)
    described, facts = preparation.prepare(captions.own(table, 0), pictures, 2, 20)
    origin = {"features": settings["features"], "source": "drawn", "sha256": "7" * 64}
    origin |= {"sample": True}
    files = folder / "described.npz", folder / "pictures.json"
    preparation.write(described, facts, origin, *files)
    np.save(
        folder / "features.npy",
        generator.normal(size=(len(described.names), 4, 8)).astype(np.float16),
    )
    for name, strength in MODELS.items():
        for seed in settings["seeds"]:
            training = trained(folder, name, seed)
            for split in ("val", "test"):
                ranks = ranked(described, split, strength, generator)
                np.savez(training / f"ranks_{split}.npz", **ranks)
    for name, wrong in WRITERS.items():
        for seed in settings["seeds"]:
            lines = written(described, settings["beams"], wrong, generator)
            (trained(folder, name, seed) / "captions.jsonl").write_text("\n".join(lines) + "\n")
    draw(folder / "drawings")
    pictures.unlink()
    table.unlink()


def draw(folder: Path) -> None:
    """What `explaining.explain` leaves, with empty pictures."""
    folder.mkdir()
    shown = []
    for group, value in zip(("best", "middle", "worst"), (0.9, 0.5, 0.1), strict=True):
        for kind in ("words", "regions"):
            Image.new("RGB", (60, 30), "green").save(folder / f"{group}-{kind}.png")
        texts = ["two red stars", "stars & <b>stripes</b>"]
        line = {"group": group, "picture": f"{group}.png", "sentence": "red stars", "bleu": value}
        shown.append(line | {"references": texts, "regions": texts})
    facts = {"writer": "RNN", "search": "greedy search", "seed": 0, "of": 18, "model": "BRNN"}
    (folder / "shown.json").write_text(json.dumps(facts | {"pictures": shown}))


def trained(folder: Path, name: str, seed: int) -> Path:
    training = folder / name / f"seed{seed}"
    training.mkdir(parents=True)
    lines = [
        {"epoch": e, "loss": 3.0 - 0.5 * e, "val_loss": 3.1 - 0.4 * e, "seconds": 2.0}
        for e in (1, 2, 3)
    ]
    write_history(training, lines)
    about = {
        "network": {"rates": [0.001, 0.003, 0.01]},  # the loss was no number with the last
        "parameters": 999,
        "losses_of_rates": {"0.001": 3.0, "0.003": 2.9 + seed},
    }
    (training / "model.json").write_text(json.dumps(about))
    return training


def ranked(described, split: str, strength: float, generator) -> dict:
    places, sentences = described.pictures_of(split), described.sentences_of(split)
    picture = np.searchsorted(places, described.picture[sentences])
    scores = generator.normal(size=(len(places), len(sentences)))
    scores[picture, np.arange(len(sentences))] += strength
    annotation, search = ranking.ranks(scores, picture)
    return {"annotation": annotation, "search": search, "picture": picture, "best_region": 0.144}


def written(described, beams: list[int], wrong: float, generator) -> list[str]:
    """One of people's sentences, with some words replaced; fewer with more beams."""
    lines = []
    for split in ("val", "test"):
        for place in described.pictures_of(split):
            texts = described.texts[described.picture == place]
            for beam in beams:
                words = tokens(str(generator.choice(texts)))
                words = [
                    str(generator.choice(described.vocabulary[:10]))
                    if generator.random() < wrong / beam**0.5
                    else word
                    for word in words
                ]
                line = {"split": split, "beam": beam, "picture": str(described.names[place])}
                line |= {"sentence": " ".join(words), "log_probability": -9.5}
                lines.append(json.dumps(line))
    return lines
