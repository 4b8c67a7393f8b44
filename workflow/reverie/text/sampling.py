"""Sampling from a trained network: the lecture's sliding window, all temperatures in one loop.

The next character is drawn by the Gumbel-max trick: the argmax of logits + temperature × Gumbel
noise is distributed as softmax(logits / temperature) (Gumbel 1954). No probabilities are computed, so
none can overflow or sum to more than one; temperature 0 is greedy sampling.
"""

import json
from pathlib import Path

import keras
import numpy as np

from reverie import backend
from reverie.histories import best_epoch, read_history
from reverie.text import models, trained
from reverie.text.corpus import Corpus, load
from reverie.text.prompts import start_of
from reverie.weights import load as read_weights


def draw(logits, temperatures, noise):
    """Draw each row's next character, (rows,), from logits and Gumbel noise, (rows, vocabulary)."""
    return keras.ops.argmax(logits + temperatures[:, None] * noise, axis=-1)


class Writer:
    """A trained network that continues prompts.

    ``description`` is the `model.json` of its training. The weights must be loaded by :meth:`read`.
    """

    def __init__(self, description: dict, corpus: Corpus):
        network = description["network"]
        self.corpus, self.window = corpus, network["window"]
        self.vocabulary = len(corpus.alphabet)
        self.model = models.build(network["layers"], self.window, self.vocabulary)
        self.loop = backend.compiled(models.reader(self.model), self.continued, xla=True)

    def read(self, weights: Path) -> None:
        advice = f"delete {weights.parent.parent}, and it is trained again"
        read_weights(self.model, weights, "the network that writes", advice)

    def continued(self, predict, starts, temperatures, noise):
        """The windows ``starts``, (rows, window), continued: (rows, window + characters).

        ``noise`` is (characters, rows, vocabulary), ``temperatures`` (rows,).
        """
        ops, (characters, rows, _) = keras.ops, noise.shape

        def step(index, text):
            window = ops.slice(text, (0, index), (rows, self.window))
            logits = predict(window)
            drawn = ops.cast(draw(logits, temperatures, noise[index]), "int32")
            return ops.slice_update(text, (0, index + self.window), drawn[:, None])

        text = ops.pad(starts, ((0, 0), (0, characters)))
        return ops.fori_loop(0, characters, step, text)

    def start(self, prompt: str) -> np.ndarray:
        return start_of(self.corpus, self.window, prompt)

    def write(self, starts, temperatures, noise) -> np.ndarray:
        """Ids of the characters that continue the windows ``starts``, (rows, characters)."""
        arrays = np.asarray(starts, np.int32), np.asarray(temperatures, np.float32), noise
        text = self.loop(*map(keras.ops.convert_to_tensor, arrays))
        return keras.ops.convert_to_numpy(text)[:, self.window :]

    def logits(self, start: np.ndarray) -> np.ndarray:
        """Logits of the character after the window ``start``, (vocabulary,)."""
        outputs = self.model(models.one_hot(start[None], self.vocabulary), training=False)
        return keras.ops.convert_to_numpy(outputs)[0]


def gumbel(generator: np.random.Generator, characters: int, vocabulary: int) -> np.ndarray:
    """Gumbel noise for a text, (characters, vocabulary) float32."""
    return generator.gumbel(size=(characters, vocabulary)).astype(np.float32)


def methods(temperatures: list[float], greedy: bool) -> list[tuple[str, float | None]]:
    """Pairs (method, temperature): greedy first if asked for, then from low to high temperature."""
    first = [("greedy", None)] if greedy else []
    return first + [("temperature", temperature) for temperature in sorted(temperatures)]


def noises(
    pairs: list[tuple[str, float | None]], seed: int, prompt: int, characters: int, vocabulary: int
) -> np.ndarray:
    """Gumbel noise for the ``pairs`` of :func:`methods`, (characters, methods, vocabulary).

    A method's noise depends on its temperature, seed and prompt alone, not on the other methods.
    """
    columns = [
        gumbel(np.random.default_rng([seed, prompt, round(1e6 * (t or 0))]), characters, vocabulary)
        for _, t in pairs
    ]
    return np.stack(columns, axis=1)


def sample(
    corpus_file: Path,
    training: Path,
    prompts_file: Path,
    seed: int,
    settings: dict,
    samples_file: Path,
    next_file: Path,
) -> None:
    """Write a training's samples (.jsonl) and its logits after the first prompt (.json).

    ``training`` is the folder of the training, ``settings`` is `text.sampling`. The weights of every
    kept epoch and of the best one continue every prompt by every method; noise is equal in all epochs.
    """
    prompts = json.loads(prompts_file.read_text())
    writer = Writer(json.loads((training / "model.json").read_text()), load(corpus_file))
    pairs = methods(settings["temperatures"], settings["greedy"])
    characters = settings["characters"]
    starts = np.repeat([writer.start(prompt) for prompt in prompts], len(pairs), axis=0)
    temperatures = [temperature or 0.0 for _, temperature in pairs] * len(prompts)
    noise = np.concatenate(
        [
            noises(pairs, seed, index, characters, writer.vocabulary)
            for index in range(len(prompts))
        ],
        axis=1,
    )
    weights_files = trained.weights(training)
    lines = []
    for epoch, weights in weights_files.items():
        writer.read(weights)
        texts = map(writer.corpus.decoded, writer.write(starts, temperatures, noise))
        labels = [(prompt, *method) for prompt in prompts for method in pairs]
        for (prompt, method, temperature), text in zip(labels, texts, strict=True):
            facts = {"epoch": epoch, "seed": seed, "method": method, "temperature": temperature}
            lines.append(facts | {"prompt": prompt, "text": text})
        print(f"text seed {seed}: {len(labels)} samples of epoch {epoch}")
    best = best_epoch(read_history(training))["epoch"]
    writer.read(weights_files[best])
    logits = writer.logits(writer.start(prompts[0])).tolist()
    facts = {"epoch": best, "prompt": prompts[0], "alphabet": writer.corpus.alphabet}
    next_file.write_text(json.dumps(facts | {"logits": logits}) + "\n")
    samples_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
