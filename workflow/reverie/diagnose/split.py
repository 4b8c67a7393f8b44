"""The paper's split: 80 % of the episodes to learn from, 10 % to choose with, 10 % to judge by."""

import numpy as np

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}


def split(episodes: int, seed: int) -> dict[str, np.ndarray]:
    """The numbers of the episodes in each part, sorted; another seed draws another split.

    An episode is a stay. The Challenge's records name no patients, so that two stays of one patient, if
    there are any, may be in two parts.
    """
    order = np.random.default_rng([seed, 2012]).permutation(episodes)
    borders = np.round(np.cumsum([*SHARES.values()])[:-1] * episodes).astype(int)
    parts = np.split(order, borders)
    return {name: np.sort(part) for name, part in zip(SHARES, parts, strict=True)}
