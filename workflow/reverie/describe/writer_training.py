"""Train one network that writes sentences, with one seed.

A change of this module, or of one that it imports, retrains every writer. So it takes plain arguments and
does not import configuration, assets or plots.
"""

import json
from contextlib import ExitStack
from pathlib import Path

import keras
import numpy as np
from keras import ops

from reverie import backend, layers
from reverie.checkpoints import Checkpoint, Checkpoints, fingerprint
from reverie.describe import dataset, writer
from reverie.describe.dataset import Described
from reverie.describe.regions import whole_pictures
from reverie.describe.words import END
from reverie.durations import in_words
from reverie.errors import ReverieError
from reverie.histories import write_history
from reverie.training import Diverged, Trained, evaluate, fit, save_weights

EVALUATED = 250  # sentences in a compiled prediction; more cost memory


def train(
    name: str,
    network: dict,
    seed: int,
    described_file: Path,
    features_file: Path,
    checkpoints_at: Checkpoints,
    folder: Path,
) -> float:
    """Train the writer and write its history, weights and description into ``folder``.

    ``network`` has `kind, units, dropout, optimizer, rates, batch, epochs, patience, backend`. An interrupted
    training resumes. Returns the share of all epochs, trials of rates included, after which it ended.
    """
    keras.utils.set_random_seed(seed)
    described = dataset.load(described_file)
    pictures = whole_pictures(features_file)
    longest, vocabulary = described.words.shape[1], len(described.vocabulary) + 1
    training, val = described.sentences_of("train"), described.sentences_of("val")
    words = float(described.lengths[training].mean()) + 1
    with layers.refusal(f"describe.writers.{name}: Keras cannot train this network"):
        model = writer.build(network, pictures.shape[1], longest, vocabulary)
        writer.set_frequencies(model, frequencies(described, training, vocabulary))
        loop = backend.loop(
            model,
            layers.optimizer(network["optimizer"], f"describe.writers.{name}"),
            lambda targets, outputs: writer.cross_entropy(targets, outputs, words),
            gather,
            data(described, pictures),
            compiled=False,
        )
    batch = min(network["batch"], len(training))

    def rows_of_epoch(epoch: int) -> np.ndarray:
        order = np.random.default_rng([seed, epoch]).permutation(training)
        steps = len(order) // batch
        return order[: steps * batch].reshape(steps, batch).astype(np.int32)

    title = f"{name} seed {seed}"
    facts = {
        "name": name,
        "network": network,
        "seed": seed,
        "keras": keras.__version__,
        "data": fingerprint(
            {
                "words": described.words,
                "part": described.part,
                "picture": described.picture,
                "pictures": pictures,
            }
        ),
    }

    def fitted(title: str, epochs: int, rate: float | None, checkpoint: Checkpoint) -> Trained:
        return fit(
            loop,
            title,
            epochs,
            rows_of_epoch,
            lambda epoch, pause: evaluate(loop, val.astype(np.int32), EVALUATED, pause),
            checkpoint,
            learning_rate=rate and (lambda epoch: rate),
            patience=network["patience"],
        )

    start, losses = loop.state(), {}
    with ExitStack() as stack:  # trials keep their checkpoints until the training has ended, too
        for rate in network["rates"] or []:
            checkpoint = stack.enter_context(checkpoints_at.of(**facts, rate=rate))
            try:
                trial = fitted(f"{title}, learning rate {rate:g}", 1, rate, checkpoint)
                losses[rate] = trial.history[0]["val_loss"]
            except Diverged:
                print(f"{title}: the learning rate {rate:g} is too high.")
            loop.restore(start)
        if network["rates"] and not losses:
            raise ReverieError(
                f"{title}: the loss is not a number with any learning rate; give `rates` lower ones."
            )
        rate = min(losses, key=losses.get, default=None)
        trained = fitted(
            title, network["epochs"], rate, stack.enter_context(checkpoints_at.of(**facts))
        )
        folder.mkdir(parents=True, exist_ok=True)
        loop.restore(trained.best)
        save_weights(model, folder / "best.weights.h5")
        write_history(folder, trained.history)
        about = {"network": network, "parameters": model.count_params(), "losses_of_rates": losses}
        (folder / "model.json").write_text(json.dumps(about, indent=2) + "\n")
    best = trained.history[trained.best_epoch - 1]
    duration = in_words(sum(line["seconds"] for line in trained.history))
    print(f"{title}: {best['val_loss']:.4f} validation at epoch {best['epoch']}, {duration}")
    trials = len(network["rates"] or [])
    return (trials + len(trained.history)) / (trials + network["epochs"])


def frequencies(described: Described, sentences: np.ndarray, vocabulary: int) -> np.ndarray:
    """How often each word, and END first, follows in the ``sentences``, (vocabulary,)."""
    exists = np.arange(described.words.shape[1]) < described.lengths[sentences][:, None]
    counts = np.bincount(described.words[sentences][exists], minlength=vocabulary)
    counts[END] = len(sentences)
    return counts


def data(described: Described, pictures: np.ndarray) -> list[np.ndarray]:
    """What :func:`gather` reads."""
    return [
        pictures,
        described.words.astype(np.int32),
        described.lengths.astype(np.int32),
        described.picture.astype(np.int32),
    ]


def gather(data, rows):
    """Pictures and words so far of the sentences ``rows``, (batch,); next words and which of them count.

    START stands before the words, END after them, both with the number END. A sentence that has the
    greatest length may be cut off, so that its END does not count.
    """
    pictures, words, lengths, picture = data
    targets, lengths = ops.take(words, rows, axis=0), ops.take(lengths, rows, axis=0)
    inputs = ops.pad(targets[:, :-1], ((0, 0), (1, 0)), constant_values=END)
    counted = ops.arange(words.shape[1]) <= lengths[:, None]
    inputs = ops.take(pictures, ops.take(picture, rows, axis=0), axis=0), inputs
    return inputs, (targets, ops.cast(counted, "float32"))
