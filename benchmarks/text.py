"""The text part, the lecture's way and with Reverie.

The lecture: one-hot arrays of all windows, Keras' `fit`, one `predict` for each character; all cores.
Reverie: windows gathered in the compiled step, one training on each core; samples of all temperatures
in one compiled loop on one core. The corpus is the embedded sample; for the cost of a large alphabet
it is random numbers.
"""

import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np

from benchmarks import runs
from benchmarks.rounds import Row, rounds, row

STEPS, BATCH, WINDOW, CHARACTERS = 60, 128, 60, 400
PREDICTED = 60  # characters by `predict`; all take the same time
ALPHABETS = 57, 3000  # characters: the lecture's, and those of a novel in Chinese
TEMPERATURES = [0.0, 0.2, 0.5, 1.0, 1.2]  # those of `config.yaml`, and 0 for greedy sampling


def timed(function, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def corpus() -> str:
    from reverie.samples import docstrings

    return docstrings.text().lower()


def lecture() -> dict:
    """Characters learned in a second and written in a second, the lecture's way."""
    import keras

    text = corpus()
    alphabet = sorted(set(text))
    place = {character: number for number, character in enumerate(alphabet)}
    windows = STEPS * BATCH
    x = np.zeros((windows, WINDOW, len(alphabet)), bool)
    y = np.zeros((windows, len(alphabet)), bool)
    for window in range(windows):
        for index, character in enumerate(text[3 * window : 3 * window + WINDOW]):
            x[window, index, place[character]] = 1
        y[window, place[text[3 * window + WINDOW]]] = 1
    model = keras.Sequential(
        [
            keras.Input((WINDOW, len(alphabet))),
            keras.layers.LSTM(128),
            keras.layers.Dense(len(alphabet), activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.RMSprop(0.01), "categorical_crossentropy")
    model.fit(x[:BATCH], y[:BATCH], verbose=0)
    learned = windows / timed(lambda: model.fit(x, y, batch_size=BATCH, verbose=0))

    def write(text: str):
        for _ in range(PREDICTED):
            sampled = np.zeros((1, WINDOW, len(alphabet)))
            for index, character in enumerate(text):
                sampled[0, index, place[character]] = 1.0
            probabilities = model.predict(sampled, verbose=0)[0].astype("float64")
            reweighted = np.exp(np.log(probabilities + 1e-12) / 0.5)
            draw = np.random.multinomial(1, reweighted / reweighted.sum(), 1)
            text = text[1:] + alphabet[np.argmax(draw)]

    write(text[:WINDOW])
    return {"learned": learned, "written": PREDICTED / timed(write, text[:WINDOW])}


def reverie_corpus():
    from reverie.text.corpus import Corpus

    text = corpus()
    alphabet = "".join(sorted(set(text)))
    return Corpus(np.array([alphabet.index(c) for c in text], np.uint8), alphabet, len(text))


def learner(ids: np.ndarray, characters: int):
    """The loop that trains the lecture's network on the text ``ids`` with so many characters."""
    import keras
    from reverie import backend
    from reverie.text import models

    return backend.loop(
        models.reader(models.build([{"LSTM": {"units": 128}}], WINDOW, characters)),
        keras.optimizers.RMSprop(0.01),
        models.loss,
        models.gatherer(WINDOW),
        [ids],
        compiled=False,
    )


def drawn(ids: np.ndarray) -> np.ndarray:
    """Windows of the text for each step."""
    return np.random.default_rng(0).integers(0, len(ids) - WINDOW, (STEPS, BATCH))


def learn() -> dict:
    """Characters that one training on one core learns in a second."""
    from reverie import devices

    devices.use("tensorflow", 1)
    corpus = reverie_corpus()
    loop, windows = learner(corpus.ids, len(corpus.alphabet)), drawn(corpus.ids)
    loop.train(windows[:2])
    return {"learned": STEPS * BATCH / timed(loop.train, windows)}


def alphabets() -> dict:
    """How many times longer a step on one core takes with the larger one of the `ALPHABETS`."""
    from reverie import devices

    devices.use("tensorflow", 1)
    texts = [np.random.default_rng(0).integers(0, number, 100_000) for number in ALPHABETS]
    loops = [learner(text, number) for text, number in zip(texts, ALPHABETS, strict=True)]
    windows, ratios = drawn(texts[0])[:10], []
    for _ in range(6):
        small, large = (timed(loop.train, windows) for loop in loops)
        ratios.append(large / small)
    return {"ratio": statistics.median(ratios[1:])}  # the first has the compilation


def side_by_side() -> dict:
    """Characters that trainings on all cores, one on each, learn in a second."""
    command = [sys.executable, "-m", "benchmarks.text", "learn"]
    jobs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(os.cpu_count())
    ]
    outputs = [job.communicate()[0] for job in jobs]
    return {"learned": sum(json.loads(text.splitlines()[-1])["learned"] for text in outputs)}


def write() -> dict:
    """Characters that Reverie writes in a second on one core."""
    from reverie import devices

    devices.use("tensorflow", 1)
    from reverie.text import sampling

    corpus = reverie_corpus()
    writer = sampling.Writer(
        {"network": {"layers": [{"LSTM": {"units": 128}}], "window": WINDOW}}, corpus
    )
    texts = len(TEMPERATURES)
    starts = np.repeat(corpus.ids[None, :WINDOW], texts, axis=0)
    noise = np.random.default_rng(0).gumbel(size=(CHARACTERS, texts, len(corpus.alphabet)))
    arguments = starts, TEMPERATURES, noise.astype("float32")
    writer.write(*arguments)
    return {"written": CHARACTERS * texts / timed(writer.write, *arguments)}


def hours(learned: float) -> float:
    """Hours of all epochs and seeds, if all cores learn ``learned`` characters in a second."""
    settings = runs.lecture()["text"]
    windows = len(corpus()) // settings["step"]
    return windows * settings["epochs"] * len(settings["seeds"]) / learned / 3600


def rows(count: int) -> list[Row]:
    results = rounds("text", ["lecture", "side_by_side", "write", "alphabets"], count)
    table = [
        row(
            f"characters {key} in a second",
            "1/s",
            [result[key] for result in results["lecture"]],
            [result[key] for result in results[way]],
            asked,
            more_is_better=True,
        )
        for key, way, asked in (("learned", "side_by_side", "1.5"), ("written", "write", "100"))
    ]
    lectures, large = ALPHABETS
    figure = f"a step with {large:,} characters, times that of the lecture's {lectures}"
    ratio = statistics.median(result["ratio"] for result in results["alphabets"])
    total = hours(table[0].reverie)
    return [
        *table,
        Row(figure, "", None, ratio, asked="3"),
        Row("all epochs and seeds of the text, estimated", "h", None, total),
    ]


WAYS = {
    "lecture": lecture,
    "learn": learn,
    "alphabets": alphabets,
    "side_by_side": side_by_side,
    "write": write,
}


if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]]()))
