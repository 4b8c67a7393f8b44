"""The paper's first stage: words and regions as vectors, and a score for every picture and sentence.

Karpathy and Fei-Fei 2015, "Deep visual-semantic alignments for generating image descriptions". A
region v and a word s agree as much as their inner product; each word takes its best region, and the score
of a picture and a sentence is the sum over its words.
"""

import keras
from keras import ops


@keras.saving.register_keras_serializable("reverie")
class Words(keras.layers.Layer):
    """Numbers of words, (batch, times), and which exist, (batch, times) 0 or 1, to vectors of words.

    The ``reader`` is `bag` (each word by itself), `rnn` (with the words before it) or `brnn` (with all
    words): e(t) = relu(of a table), h(t) = relu(e(t) + W h(t ∓ 1) + b) in each direction, and
    s = W_d (h + h') + b_d. The paper's table comes from word2vec, with a matrix after it, and s has another
    relu; here the table is learned. The vectors of a bag are those of its table. With a ``scale``, the sum of a sentence's
    vectors has that length. Returns (batch, times, units).
    """

    def __init__(
        self,
        units: int,
        vocabulary: int,
        reader: str,
        dropout: float,
        scale: float | None = None,
        **options,
    ):
        super().__init__(**options)
        self.units, self.reader, self.scale = units, reader, scale
        start = keras.initializers.RandomNormal(0, 0.1)
        self.embedding = keras.layers.Embedding(vocabulary, units, start)
        self.drop = keras.layers.Dropout(dropout)
        self.last = None if reader == "bag" else keras.layers.Dense(units)

    def build(self, shape):
        directions = {"bag": 0, "rnn": 1, "brnn": 2}[self.reader]
        # Half of the identity: what was read fades, and neither grows nor dies.
        start = keras.initializers.Identity(0.5)
        self.kernels = [
            self.add_weight((self.units, self.units), start, name=f"kernel{direction}")
            for direction in range(directions)
        ]
        self.biases = [
            self.add_weight((self.units,), "zeros", name=f"bias{direction}")
            for direction in range(directions)
        ]
        self.built = True

    def call(self, numbers, exists, training=False):
        words = self.drop(self.embedding(numbers), training=training)
        if self.kernels:
            words = ops.relu(words)
            streams = zip(
                self.kernels, self.biases, (False, True)[: len(self.kernels)], strict=True
            )
            words = sum(self.stream(words, exists, *stream) for stream in streams)
            words = self.last(self.drop(words, training=training))
        words = words * exists[..., None]
        if self.scale is None:
            return words
        length = ops.sqrt(ops.sum(ops.sum(words, axis=1) ** 2, axis=-1) + 1e-12)
        return self.scale * words / length[:, None, None]

    def stream(self, words, exists, kernel, bias, backward: bool):
        """The states of one direction, (batch, times, units); they stay 0 where no word exists."""
        times = range(words.shape[1])
        state, states = ops.zeros_like(words[:, 0]), {}
        for time in reversed(times) if backward else times:
            state = ops.relu(words[:, time] + ops.matmul(state, kernel) + bias)
            state = state * exists[:, time, None]
            states[time] = state
        return ops.stack([states[time] for time in times], axis=1)


def agreements(regions, words):
    """Inner products of all regions and words, (pictures, regions, sentences, times).

    ``regions`` (pictures, regions, units), ``words`` (sentences, times, units).
    """
    (pictures, places, units), (sentences, times, _) = ops.shape(regions), ops.shape(words)
    flat = ops.matmul(
        ops.reshape(regions, (-1, units)), ops.transpose(ops.reshape(words, (-1, units)))
    )
    return ops.reshape(flat, (pictures, places, sentences, times))


def scores(regions, words, sharpness: float | None = None):
    """The scores of all pairs, (pictures, sentences); words that do not exist are 0.

    Without ``sharpness`` that of the slide. With it, the best region is taken softly, as the mean over
    regions of exp(sharpness × agreement), and the logarithm of that divided by the sharpness: near the
    mean where agreements are small, at the start of a training, and near the maximum where they are
    large. All regions learn then, not only those that happen to be the best at first.
    """
    agreed = agreements(regions, words)
    if sharpness is None:
        return ops.sum(ops.max(agreed, axis=1), axis=-1)
    count = ops.log(float(regions.shape[1]))
    return ops.sum((ops.logsumexp(sharpness * agreed, axis=1) - count) / sharpness, axis=-1)


def ranking_loss(scores, margin: float = 1.0):
    """The slide's loss of each pair, (pairs,), from the scores of all pictures and sentences of a batch.

    Sentence k belongs to picture k: the sum over l of max(0, S(k, l) - S(k, k) + 1) and of
    max(0, S(l, k) - S(k, k) + 1). The terms with l = k, which are the margin always, are left out.
    """
    right = ops.diagonal(scores)
    others = 1 - ops.eye(ops.shape(scores)[0])
    sentences = ops.sum(others * ops.relu(scores - right[:, None] + margin), axis=1)
    pictures = ops.sum(others * ops.relu(scores - right[None, :] + margin), axis=0)
    return sentences + pictures


def build(network: dict, regions: int, dimensions: int, times: int, vocabulary: int):
    """The model of a batch of pairs, (regions, words, exists) to scores, and its two halves.

    ``network`` has `units, reader, scale, sharpness, picture_dropout, word_dropout`. Regions are (batch,
    regions, dimensions). With a `scale`, vectors of regions have the length 1, and the sum of a
    sentence's vectors has that length, so that the score of a whole picture is scale × cosine. Returns
    the model, the model of pictures, to vectors of regions, and that of sentences, (words, exists) to
    vectors of words.
    """
    units = network["units"]
    features = keras.Input((regions, dimensions), name="regions")
    numbers = keras.Input((times,), dtype="int32", name="words")
    exists = keras.Input((times,), name="exists")
    kept = keras.layers.Dropout(network["picture_dropout"])(features)
    region_vectors = keras.layers.Dense(units, name="region_vectors")(kept)
    if network["scale"] is not None:
        region_vectors = keras.layers.UnitNormalization()(region_vectors)
    reader = network["reader"], network["word_dropout"], network["scale"]
    word_vectors = Words(units, vocabulary, *reader, name="word_vectors")(numbers, exists)
    scored = Scores(network["sharpness"], name="scores")([region_vectors, word_vectors])
    return (
        keras.Model([features, numbers, exists], scored),
        keras.Model(features, region_vectors),
        keras.Model([numbers, exists], word_vectors),
    )


@keras.saving.register_keras_serializable("reverie")
class Scores(keras.layers.Layer):
    """:func:`scores` as a layer."""

    def __init__(self, sharpness: float | None, **options):
        super().__init__(**options)
        self.sharpness = sharpness

    def call(self, inputs):
        return scores(*inputs, self.sharpness)

    def compute_output_shape(self, shapes):
        return shapes[0][0], shapes[1][0]
