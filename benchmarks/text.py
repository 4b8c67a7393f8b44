"""The text part beside the lecture's own way: `python benchmarks/text.py CORPUS`.

The lecture: one-hot arrays of all windows, Keras' `fit`, one `predict` a character; both cores.
Reverie: windows gathered in the compiled step, all temperatures in one compiled loop; one core.
Both run in turn in processes of their own; medians over the rounds.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS, STEPS, BATCH, WINDOW, CHARACTERS = 3, 60, 128, 60, 400
PREDICTED = 60  # characters by `predict`, of which each takes as long as any other
TEMPERATURES = [0.2, 0.5, 1.0, 1.2]


def timed(function, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def lecture(text: str) -> dict:
    """Milliseconds a training step and characters a second, the lecture's way."""
    import keras
    import numpy as np

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
    step = timed(lambda: model.fit(x, y, batch_size=BATCH, verbose=0)) / STEPS

    def write(text: str):
        for _ in range(PREDICTED):
            sampled = np.zeros((1, WINDOW, len(alphabet)))
            for index, character in enumerate(text):
                sampled[0, index, place[character]] = 1.0
            shares = np.log(model.predict(sampled, verbose=0)[0].astype("float64") + 1e-12) / 0.5
            shares = np.exp(shares) / np.exp(shares).sum()
            text = text[1:] + alphabet[np.argmax(np.random.multinomial(1, shares, 1))]

    write(text[:WINDOW])
    return {"ms": 1000 * step, "characters": PREDICTED / timed(write, text[:WINDOW])}


def reverie(text: str) -> dict:
    """The same with Reverie's own functions, without and with XLA, on one core."""
    from reverie import devices

    devices.use("tensorflow", 1)
    import keras
    import numpy as np
    from reverie import backend
    from reverie.text import models, sampling
    from reverie.text.corpus import Corpus

    alphabet = "".join(sorted(set(text)))
    corpus = Corpus(np.array([alphabet.index(c) for c in text], np.uint8), alphabet, len(text))
    network = {"layers": [{"LSTM": {"units": 128}}], "window": WINDOW}
    found = {}
    for name, compiled in (("ms", False), ("ms_xla", True)):
        loop = backend.loop(
            models.build(network["layers"], WINDOW, len(alphabet)),
            keras.optimizers.RMSprop(0.01),
            models.loss,
            models.gatherer(WINDOW, len(alphabet)),
            [corpus.ids],
            compiled,
        )
        rows = np.random.default_rng(0).integers(0, len(text) - WINDOW, (STEPS, BATCH))
        loop.train(rows[:2])
        found[name] = 1000 * timed(loop.train, rows) / STEPS
    writer = sampling.Writer({"network": network}, corpus)
    starts = np.repeat(corpus.ids[None, :WINDOW], len(TEMPERATURES), axis=0)
    noise = np.random.default_rng(0).gumbel(size=(CHARACTERS, len(TEMPERATURES), len(alphabet)))
    asked = starts, TEMPERATURES, noise.astype("float32")
    writer.write(*asked)
    return found | {"characters": CHARACTERS * len(TEMPERATURES) / timed(writer.write, *asked)}


def main(corpus: Path) -> None:
    found = {"lecture": [], "reverie": []}
    for _ in range(ROUNDS):
        for name, lines in found.items():
            command = [sys.executable, __file__, str(corpus), name]
            quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=quiet)
            lines.append(json.loads(done.stdout.splitlines()[-1]))
    median = {
        (name, key): statistics.median(line[key] for line in lines)
        for name, lines in found.items()
        for key in lines[0]
    }
    base = median["lecture", "ms"]
    print(f"{'':34}{'lecture':>10}{'Reverie':>10}{'ratio':>8}")
    for label, key in (("training step, ms", "ms"), ("the same with XLA, ms", "ms_xla")):
        ours = median["reverie", key]
        print(f"{label:34}{base:10.1f}{ours:10.1f}{ours / base:8.2f}")
    one, two = median["lecture", "characters"], median["reverie", "characters"]
    print(f"{'characters a second':34}{one:10.1f}{two:10.1f}{two / one:8.1f}")


if __name__ == "__main__":
    path, *mode = sys.argv[1:]
    if mode:
        text = Path(path).read_text(encoding="utf-8").lower()
        print(json.dumps({"lecture": lecture, "reverie": reverie}[mode[0]](text)))
    else:
        main(Path(path))
