"""Published errors in the lecture's setting: validation part, best epoch, normalised.

The slides print the naive forecast's. The rest are logs in public notebooks that run the same code:
that of F. Chollet's book, and independent runs of it.
"""

from dataclasses import dataclass

import numpy as np

SOURCES = (
    "the slides (Lecture 11, 2021); F. Chollet’s own run of section 6.3 of *Deep Learning with Python* "
    "(2018), in [fchollet/deep-learning-with-python-notebooks](https://github.com/fchollet/deep-learning-with-python-notebooks); "
    "and runs of the same notebook on GitHub, in gilbutITbook/006975, jinlongbin/deep-learning-with-python-tf2.0, "
    "J-TKim/Deep_Learning_with_Python, HanshanGithub/PythonDeepLearnCode and repositories of the users vsaulys, BinaWu, "
    "eathon, soo-pecialist and e93fem"
)
NAIVE, NAIVE_UNIT = 0.28973597, 2.57  # on the slides; the unit is °C
MLP_ABOVE = 0.3  # on the slides
# The book's third edition, another split of the same table: the first half trains, a quarter each validates and tests; °C.
OTHER_SPLIT = {"naive": 2.62, "best": 2.39, "title": "two stacked GRUs with dropout"}


@dataclass(frozen=True)
class Published:
    """A network's errors: the book's at its best ``epoch`` and at the ``last``, those of other ``runs``.

    ``seconds`` are those of an epoch, training and validation, in words; on what, is judged by them.
    """

    book: float
    epoch: int
    last: float | None
    runs: tuple[float, ...]
    seconds: str

    @property
    def every(self) -> np.ndarray:
        return np.array([self.book, *self.runs])


ERRORS = {
    "mlp": Published(
        0.2994, 2, 0.3545,
        (0.2901, 0.2983, 0.2984, 0.3011, 0.3028, 0.3077, 0.3101, 0.3126),
        "6 to 18",
    ),
    "gru": Published(
        0.2644, 6, 0.3034,
        (0.2596, 0.2604, 0.2607, 0.2611, 0.2625, 0.2628, 0.2635),
        "12 and 14 with cuDNN, 103 to 165 on a GPU without, 291 and 415 on processors",
    ),
    "gru_dropout": Published(0.2619, 33, 0.2719, (0.2612, 0.2613, 0.2623, 0.2631), "104 to 336"),
    "stacked_gru": Published(0.2633, 16, 0.2782, (0.2589, 0.2608, 0.2626, 0.2643), "237 to 680"),
    "gru_reversed": Published(0.3990, 11, None, (0.3481, 0.4187, 0.4544, 0.4589), "as the GRU"),
    # Of two forks with 0.2689, the first epochs are the same: one training.
    "bidirectional_gru": Published(
        0.2615, 4, 0.3289, (0.2630, 0.2689), "23 with cuDNN, 205 to 569 without"
    ),
    "conv1d": Published(
        0.4521, 1, 0.4821,
        (0.4310, 0.4325, 0.4350, 0.4357, 0.4364, 0.4392, 0.4395, 0.4475),
        "7 to 11 on GPUs, 41 to 76 on processors",
    ),
    "conv1d_gru": Published(0.2730, 4, 0.2952, (0.2726, 0.2735, 0.2742, 0.2762), "58 to 129"),
}  # fmt: skip
LOWEST = min(min(published.every) for published in ERRORS.values())
