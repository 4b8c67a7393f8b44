"""Train one alignment model with one seed, and rank the pictures and sentences of both other parts.

A change of this module, or of one that it imports, retrains every model. So it takes plain arguments and
does not import configuration, assets or plots.
"""

import json
import math
from pathlib import Path

import keras
import numpy as np

from reverie import backend, layers
from reverie.checkpoints import Checkpoints, fingerprint
from reverie.describe import alignment, dataset, pairs, ranking
from reverie.describe.dataset import Described
from reverie.describe.regions import regions
from reverie.durations import in_words
from reverie.errors import ReverieError
from reverie.histories import write_history
from reverie.training import evaluate, fit, save_weights

VECTORS_BATCH = 100  # pictures or sentences in a compiled call


def train(
    name: str,
    network: dict,
    seed: int,
    described_file: Path,
    features_file: Path,
    checkpoints_at: Checkpoints,
    folder: Path,
) -> float:
    """Train the model and write its history, weights, description and ranks into ``folder``.

    ``network`` has `units, reader, levels, scale, sharpness, picture_dropout, word_dropout, margin,
    optimizer, batch, epochs, patience, average, backend`: the `levels` are those of the pyramid, and
    `average` is the momentum of the moving average of the weights, less where an epoch has so few steps that
    its first weights would count for long, or None. `ranks_val.npz` and
    `ranks_test.npz` have the ranks at the epoch with the lowest loss on validation, `annotation` (pictures,),
    `search` (sentences,), and `picture` (sentences,), and `best_region`, what :func:`ranking.best_region`
    gives. An interrupted training resumes. Returns the share of the epochs after which it ended.
    """
    keras.utils.set_random_seed(seed)
    described = dataset.load(described_file)
    cells = np.load(features_file, mmap_mode="r", allow_pickle=False)
    refuse_levels(network["levels"], math.isqrt(cells.shape[1]), f"describe.models.{name}.levels")
    features = regions(cells, network["levels"])
    train_sentences = described.sentences_of("train")
    batch = pairs.batch_size(train_sentences, described.picture, network["batch"])
    val = validation_batches(described, batch)

    def rows_of_epoch(epoch: int) -> np.ndarray:
        generator = np.random.default_rng([seed, epoch])
        return pairs.distinct_batches(train_sentences, described.picture, batch, generator)

    with layers.refusal(f"describe.models.{name}: Keras cannot train this network"):
        model, _, _ = halves = build(network, described, features)
        optimizer = dict(network["optimizer"])
        if network["average"]:
            momentum = min(network["average"], 1 - 1 / len(rows_of_epoch(1)))
            optimizer |= {"use_ema": True, "ema_momentum": momentum}
        loop = backend.loop(
            model,
            layers.optimizer(optimizer, f"describe.models.{name}"),
            lambda _, scores: alignment.ranking_loss(scores, network["margin"]),
            pairs.gather,
            pairs.data(described, features),
            compiled=False,
            averaged=bool(network["average"]),
        )
    title = f"{name} seed {seed}"
    with checkpoints_at.of(
        name=name,
        network=network,
        seed=seed,
        keras=keras.__version__,
        data=fingerprint(
            {"words": described.words, "part": described.part, "picture": described.picture}
        ),
        features=fingerprint({"features": features}),
    ) as checkpoint:
        trained = fit(
            loop,
            title,
            network["epochs"],
            rows_of_epoch,
            lambda epoch, pause: evaluate(loop, val.ravel(), val.shape[1], pause),
            checkpoint,
            patience=network["patience"],
        )
        folder.mkdir(parents=True, exist_ok=True)
        loop.restore(trained.best)
        with loop.averages():
            save_weights(model, folder / "best.weights.h5")
            for part in ("val", "test"):
                np.savez_compressed(
                    folder / f"ranks_{part}.npz", **ranked(halves, described, features, part)
                )
        write_history(folder, trained.history)
        facts = {"network": network, "parameters": model.count_params()}
        (folder / "model.json").write_text(json.dumps(facts, indent=2) + "\n")
    best = trained.history[trained.best_epoch - 1]
    duration = in_words(sum(line["seconds"] for line in trained.history))
    print(f"{title}: {best['val_loss']:.4f} validation at epoch {best['epoch']}, {duration}")
    return len(trained.history) / network["epochs"]


def refuse_levels(levels: list[int], grid: int, path: str) -> None:
    """Raise ReverieError for a level with more regions a side than the features have cells."""
    if max(levels) > grid:
        raise ReverieError(
            f"{path}: {max(levels)} regions a side are more than the {grid} cells of the features; lower it, or "
            "raise describe.features.size."
        )


def build(network: dict, described: Described, features: np.ndarray):
    """The models of :func:`reverie.describe.alignment.build` for these data."""
    words = described.words.shape[1], len(described.vocabulary) + 1
    return alignment.build(network, *features.shape[1:], *words)


def validation_batches(described: Described, batch: int) -> np.ndarray:
    """The same batches of validation sentences in every epoch, (steps, at most ``batch``)."""
    sentences = described.sentences_of("val")
    batch = pairs.batch_size(sentences, described.picture, batch)
    return pairs.distinct_batches(sentences, described.picture, batch, np.random.default_rng(0))


def ranked(halves, described: Described, features: np.ndarray, part: str) -> dict:
    """The ranks of the pictures and sentences of a part, and the mean weight of a word's best region."""
    pictures, sentences = described.pictures_of(part), described.sentences_of(part)
    region_vectors, words = vectors(halves, described, features, pictures, sentences)
    picture = np.searchsorted(pictures, described.picture[sentences])
    lengths = described.lengths[sentences].astype(int)
    sharpness = halves[0].get_layer("scores").sharpness
    scores = ranking.score_pairs(region_vectors, words, lengths)
    annotation, search = ranking.ranks(scores, picture)
    best = ranking.best_region(region_vectors, words, lengths, picture, sharpness)
    return {"annotation": annotation, "search": search, "picture": picture, "best_region": best}


def vectors(halves, described: Described, features: np.ndarray, pictures, sentences):
    """Vectors of the regions of ``pictures``, (pictures, regions, units), and of the words of ``sentences``."""
    _, picture_model, sentence_model = halves
    numbers = described.words[sentences].astype(np.int32)
    exists = np.arange(numbers.shape[1]) < described.lengths[sentences][:, None]
    return (
        picture_model.predict(features[pictures].astype(np.float32), VECTORS_BATCH, verbose=0),
        sentence_model.predict([numbers, exists.astype(np.float32)], VECTORS_BATCH, verbose=0),
    )
