"""Published figures for Flickr8k: recalls and BLEU of the paper, and of others before and after it.

The paper's own pages could not be read. Its recalls are as a comparison of methods quotes them; for its median
ranks and its BLEU no source could be read at all, so that they are unconfirmed.
"""

from dataclasses import dataclass

PAPER = (
    "A. Karpathy and L. Fei-Fei, “Deep Visual-Semantic Alignments for Generating Image Descriptions”, CVPR 2015, "
    "arXiv:1412.2306"
)
CHECKED = (
    "Published recalls are as the comparison of methods in "
    "github.com/Paranioar/Awesome_Matching_Pretraining_Transfering quotes them, not compared with the papers; "
    "for the paper’s median ranks no source could be read: they are unconfirmed."
)
BLEU_CHECKED = (
    "No source for the paper’s BLEU could be read: it is unconfirmed. That of the LSTMs, which see VGG’s "
    "features, is as their authors state it (gist.github.com/jcoreyes/7e76e90664f935c6f65d and "
    "gist.github.com/nervanazoo/9b276eaee644d723f4b6)."
)


@dataclass(frozen=True)
class Ranking:
    """Recall at 1, 5 and 10 on the 1,000 test pictures of Flickr8k, as shares, and median rank, by direction."""

    title: str
    annotation: tuple[float, float, float, float | None]
    search: tuple[float, float, float, float | None]


@dataclass(frozen=True)
class Writing:
    """BLEU-1 to BLEU-4 on the same pictures, as shares, and how sentences were found, if that is known."""

    title: str
    search: str | None
    bleu: tuple[float, float, float, float]


# The paper's two lines, the work of its first author before it, and a later one with another convnet.
RANKINGS = {
    "paper": Ranking("The paper: BRNN, regions by R-CNN", (0.165, 0.406, 0.542, 7.6), (0.118, 0.321, 0.447, 12.4)),
    "tree": Ranking("The paper: dependency trees, R-CNN", (0.148, 0.379, 0.500, None), (0.116, 0.314, 0.438, None)),
    "fragments": Ranking("DeFrag (2014), R-CNN", (0.126, 0.329, 0.440, None), (0.097, 0.296, 0.425, None)),
    "uvse": Ranking("UVSE (2014), VGG", (0.180, 0.409, 0.550, None), (0.125, 0.370, 0.515, None)),
}  # fmt: skip
# The paper, and two releases of one implementation of another paper, with greedy search; the later one was
# read in a copy of its page.
WRITINGS = {
    "paper": Writing("The paper: RNN", None, (0.579, 0.383, 0.245, 0.160)),
    "lstm": Writing("LSTM in neon 1.0", "greedy search", (0.542, 0.326, 0.193, 0.123)),
    "later_lstm": Writing("LSTM in neon, later", "greedy search", (0.520, 0.340, 0.215, 0.139)),
}
TRAINING_PICTURES, TEST_PICTURES = 6_000, 1_000  # of Flickr8k


def comparable(facts: dict, config: dict) -> bool:
    """Whether a run with these facts and this section `describe` has the same test pictures."""
    real = not config["table"] and not facts["sample"]
    return real and facts["split"]["test"] == TEST_PICTURES
