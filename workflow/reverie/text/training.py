"""Train a network to predict the next character of a corpus.

A change in this module, or in one that it imports, makes the networks train again; so it takes plain
arguments and imports no configuration, assets or plots.
"""

import json
import math
from pathlib import Path

import keras
import numpy as np

from reverie import backend, layers, recurrent
from reverie.checkpoints import Checkpoints, fingerprint
from reverie.durations import in_words
from reverie.histories import write_history
from reverie.text import lstm, models
from reverie.text.corpus import Corpus, load, starts
from reverie.text.prompts import start_of
from reverie.training import Trained, evaluate, fit, save_weights

HELD_OUT_BATCH = 1024  # windows in a compiled prediction; more cost memory and time
ONE_HOT_VALUES = 1 << 24  # the most in one of them, which bounds the memory
HELD_OUT_WINDOWS = 32_768  # the most that are evaluated; the lecture's corpus has fewer


def train(
    network: dict,
    seed: int,
    corpus_file: Path,
    keep: list[int],
    prompt: str | None,
    checkpoints_at: Checkpoints,
    folder: Path,
) -> None:
    """Train the network and write its history, weights and description into ``folder``.

    ``network`` has `layers, optimizer, window, step, batch, epochs, steps, backend`; with steps None an
    epoch has as many steps as there are whole batches. ``folder``/weights receives the weights of the
    epochs ``keep``, of the last epoch and of the best (lowest loss on the held-out text). ``prompt`` is
    only checked, so that a mistake in it shows before the training. An interrupted training resumes
    from its checkpoint.
    """
    keras.utils.set_random_seed(seed)
    corpus = load(corpus_file)
    if prompt:
        start_of(corpus, network["window"], prompt)
    window, batch, epochs = network["window"], network["batch"], network["epochs"]
    vocabulary = len(corpus.alphabet)
    model = models.build(network["layers"], window, vocabulary)
    windows = starts(0, corpus.train_end, window, network["step"])
    steps = min(network["steps"] or len(windows), len(windows) // batch)
    with layers.refusal("text: Keras cannot train this network"):
        loop = backend.loop(
            models.reader(model),
            layers.optimizer(network["optimizer"], "text"),
            models.loss,
            models.gatherer(window),
            [corpus.ids],
            compiled=False,  # the loop of the LSTM is compiled in any case
        )
        initial = loop.state()
        loop.train(training_starts(windows, 1, batch, seed, 1))  # some mistakes show only in a step
        loop.restore(initial)
    with checkpoints_at.of(
        network=network,
        seed=seed,
        keep=keep,
        keras=keras.__version__,
        corpus=fingerprint({"ids": corpus.ids, "end": np.array(corpus.train_end)}),
    ) as checkpoint:
        held_out = held_out_starts(corpus, window)
        held_out_batch = HELD_OUT_BATCH
        if not lstm.supports(model.layers[0]):
            held_out_batch = max(1, min(held_out_batch, ONE_HOT_VALUES // (window * vocabulary)))
        trained = fit(
            loop,
            f"text seed {seed}",
            epochs,
            lambda epoch: training_starts(windows, steps, batch, seed, epoch),
            lambda epoch, pause: evaluate(loop, held_out, held_out_batch, pause),
            checkpoint,
            keep=keep,
        )
        (folder / "weights").mkdir(parents=True, exist_ok=True)
        for name, state in named_states(trained).items():
            loop.restore(state)
            save_weights(model, folder / "weights" / f"{name}.weights.h5")
        facts = {
            "network": network,
            "vocabulary": vocabulary,
            "parameters": model.count_params(),
            "steps": steps,
        }
        (folder / "model.json").write_text(json.dumps(facts, indent=2) + "\n")
        history = [
            line | {"bits_per_char": line["val_loss"] / math.log(2)} for line in trained.history
        ]
        columns = ["epoch", "loss", "val_loss", "bits_per_char", "seconds"]
        write_history(folder, history, columns)
    recurrent.note(loop.model)  # whose first layer may stand for Keras'
    if lstm.supports(model.layers[0]):
        backend.RECURRENT.add("own loop")
    best = history[trained.best_epoch - 1]
    duration = in_words(sum(line["seconds"] for line in history))
    print(
        f"text seed {seed}: {best['bits_per_char']:.3f} bits per character on held-out text "
        f"at epoch {best['epoch']}, {duration}"
    )


def held_out_starts(corpus: Corpus, window: int) -> np.ndarray:
    """Starts of the held-out windows, (windows,) int32, thinned to HELD_OUT_WINDOWS at most."""
    every = starts(corpus.train_end, len(corpus.ids), window, 1)
    return np.array(every[:: -(-len(every) // HELD_OUT_WINDOWS)], np.int32)


def training_starts(windows: range, steps: int, batch: int, seed: int, epoch: int) -> np.ndarray:
    """Starts of an epoch's windows, (steps, batch) int32, drawn without replacement."""
    order = np.random.default_rng([seed, epoch]).permutation(len(windows))[: steps * batch]
    return (order * windows.step + windows.start).astype(np.int32).reshape(steps, batch)


def named_states(trained: Trained) -> dict[str, list[np.ndarray]]:
    """The states to save, by the name of their weights file."""
    kept = trained.kept | {len(trained.history): trained.last}
    return {f"epoch{epoch}": state for epoch, state in kept.items()} | {"best": trained.best}
