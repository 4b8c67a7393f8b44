"""BLEU of written sentences against several references each, as sacrebleu computes it.

Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation". BLEU-n is the
geometric mean of the shares of 1- to n-grams that a reference has, times the penalty for sentences shorter
than the reference of the closest length. Counts are summed over all pictures first, as in the paper.
"""

import numpy as np
from sacrebleu.metrics import BLEU

from reverie.describe.ranking import resampled

ORDERS = (1, 2, 3, 4)
METRIC = BLEU(tokenize="none", smooth_method="none", force=True)


def counts(sentence: list[str], references: list[list[str]]) -> np.ndarray:
    """Of 1- to 4-grams those that a reference has, all, and the lengths of sentence and reference, (10,).

    The counts of several sentences add up to those of all.
    """
    score = METRIC.corpus_score([" ".join(sentence)], [[" ".join(words)] for words in references])
    return np.array([*score.counts, *score.totals, score.sys_len, score.ref_len])


def bleu(counts: np.ndarray) -> np.ndarray:
    """BLEU-1 to BLEU-4, (4,) from 0 to 1, of summed :func:`counts`, (10,)."""
    right, total = counts[:4].tolist(), counts[4:8].tolist()
    return np.array(
        [
            METRIC.compute_bleu(
                right[:order],
                total[:order],
                *map(int, counts[8:]),
                smooth_method="none",
                max_ngram_order=order,
            ).score
            / 100
            for order in ORDERS
        ]
    )


def bootstrap(counts: np.ndarray, resamples: int = 1000) -> np.ndarray:
    """BLEU-1 to BLEU-4 of resamples of the pictures, (resamples, 4); ``counts`` (pictures, 10)."""
    weights = resampled(len(counts), resamples)
    return np.stack([bleu(sums) for sums in weights @ counts])


def of_sentence(counts: np.ndarray) -> float:
    """BLEU-4 of one sentence, with one more right in each count of 2- to 4-grams (Lin and Och 2004).

    Without it most sentences would have 0, since they share no 4-gram with a reference.
    """
    lists = counts[:4].tolist(), counts[4:8].tolist()
    lengths = map(int, counts[8:])
    return METRIC.compute_bleu(*lists, *lengths, smooth_method="add-k", smooth_value=1).score / 100
