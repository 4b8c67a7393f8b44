"""Published figures for Flickr8k: the recalls of the paper and of others before and after it.

The paper's own pages could not be read. Its recalls are as a comparison of methods quotes them; its median
ranks and its BLEU could be found nowhere else, and are therefore not here.
"""

from dataclasses import dataclass

PAPER = (
    "A. Karpathy and L. Fei-Fei, “Deep Visual-Semantic Alignments for Generating Image Descriptions”, CVPR 2015, "
    "arXiv:1412.2306"
)
CHECKED = (
    "as the comparison of methods in github.com/Paranioar/Awesome_Matching_Pretraining_Transfering quotes "
    "them; not compared with the papers"
)


@dataclass(frozen=True)
class Ranking:
    """Recall at 1, 5 and 10 on the 1,000 test pictures of Flickr8k, as shares, by direction."""

    title: str
    annotation: tuple[float, float, float]
    search: tuple[float, float, float]


# The paper's two lines, the work of its first author before it, and a later one with another convnet.
RANKINGS = {
    "paper": Ranking("The paper: BRNN, regions by R-CNN", (0.165, 0.406, 0.542), (0.118, 0.321, 0.447)),
    "tree": Ranking("The paper: dependency trees, R-CNN", (0.148, 0.379, 0.500), (0.116, 0.314, 0.438)),
    "fragments": Ranking("DeFrag (2014), R-CNN", (0.126, 0.329, 0.440), (0.097, 0.296, 0.425)),
    "uvse": Ranking("UVSE (2014), VGG", (0.180, 0.409, 0.550), (0.125, 0.370, 0.515)),
}  # fmt: skip
TEST_PICTURES = 1_000  # of Flickr8k


def comparable(facts: dict, config: dict) -> bool:
    """Whether a run with these facts and this section `describe` has the same test pictures."""
    real = not config["table"] and not facts["sample"]
    return real and facts["split"]["test"] == TEST_PICTURES
