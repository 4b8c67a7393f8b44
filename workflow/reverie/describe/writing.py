"""Sentences by a trained writer, about pictures and about regions of them."""

import json
from pathlib import Path

import keras
import numpy as np
from keras import ops

from reverie import backend
from reverie.describe import dataset, writer
from reverie.describe.regions import whole_pictures
from reverie.describe.search import beam_search
from reverie.describe.words import Vocabulary
from reverie.files import replacing
from reverie.pictures.networks import features
from reverie.weights import load as read_weights

AT_ONCE = 100  # pictures in a search


class Author:
    """A trained writer: features of pictures or of regions to sentences.

    ``training`` is the folder of its training; a sentence has up to ``longest`` words.
    """

    def __init__(self, training: Path, vocabulary: list[str], dimensions: int, longest: int):
        network = json.loads((training / "model.json").read_text())["network"]
        self.vocabulary, self.longest = Vocabulary(vocabulary), longest
        model = writer.build(network, dimensions, longest, len(self.vocabulary))
        advice = f"delete {training}, and it is trained again"
        read_weights(model, training / "best.weights.h5", "the network that writes", advice)
        layer = model.get_layer("writer")
        pictures = keras.Input((dimensions,))
        words = keras.Input((), dtype="int32")
        states = [keras.Input((layer.units,)) for _ in range(layer.memories)]
        self.first = keras.Model(pictures, layer.start(pictures))
        log_probabilities, after = layer.next(words, states)
        following = keras.Model([words, *states], [log_probabilities, *after])
        self.following = backend.compiled(following, lambda predict, *arrays: predict([*arrays]))

    def step(self, words: np.ndarray, states: list[np.ndarray]):
        """The step of :func:`beam_search`."""
        arrays = [words.astype(np.int32), *states]
        outputs = self.following(*map(ops.convert_to_tensor, arrays))
        log_probabilities, *states = map(ops.convert_to_numpy, outputs)
        return log_probabilities, states

    def write(self, pictures: np.ndarray, beam: int) -> list[tuple[list[str], float]]:
        """A sentence about each of ``pictures``, (pictures, dimensions), and its log probability."""
        sentences = []
        size = min(AT_ONCE, len(pictures))
        for start in range(0, len(pictures), size):
            part = pictures[start : start + size]
            # The last part is filled up, so that nothing is compiled again.
            full = np.resize(part, (size, part.shape[1]))
            states = list(map(ops.convert_to_numpy, features(self.first(full))))
            sentences += beam_search(self.step, states, beam, self.longest)[: len(part)]
        return [(self.vocabulary.decoded(numbers), value) for numbers, value in sentences]


def describe(
    training: Path, described_file: Path, features_file: Path, beams: list[int], file: Path
) -> None:
    """Write sentences about the validation and test pictures, with each of the ``beams``.

    A line of the ``file`` (.jsonl) has `split, beam, picture, sentence, log_probability`.
    """
    described, pictures = dataset.load(described_file), whole_pictures(features_file)
    vocabulary, longest = described.vocabulary.tolist(), described.words.shape[1]
    author = Author(training, vocabulary, pictures.shape[1], longest)
    with replacing(file) as part, open(part, "w", encoding="utf-8") as lines:
        for split in ("val", "test"):
            places = described.pictures_of(split)
            for beam in beams:
                written = author.write(pictures[places], beam)
                print(f"{len(written)} sentences about the pictures of {split}, beam {beam}")
                for place, (words, log_probability) in zip(places, written, strict=True):
                    line = {
                        "split": split,
                        "beam": beam,
                        "picture": str(described.names[place]),
                        "sentence": " ".join(words),
                        "log_probability": round(log_probability, 6),
                    }
                    lines.write(json.dumps(line, ensure_ascii=False) + "\n")
