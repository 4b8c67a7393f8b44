"""Pairs of models of which none is better: what claims' verdicts are tested on."""

import numpy as np
from reverie.diagnose import measures
from reverie.diagnose.evaluation import Judged

PATIENTS, RESAMPLES, SIGNAL, LUCK = 120, 200, 1.2, 0.35


def differences(runs: int, seeds: int, better: float = 0.0) -> list[Judged]:
    """Differences of the AUC of two models in so many runs; the first has ``better`` more signal.

    Both scores are the same signal with noise of their own. With several seeds each training is also
    lucky or not; with one seed the interval is about that one training.
    """
    generator = np.random.default_rng([runs, seeds])
    results = []
    for _ in range(runs):
        weights = measures.resampled(PATIENTS, RESAMPLES, int(generator.integers(1 << 30)))
        weights = np.concatenate([np.ones((1, PATIENTS), np.float32), weights])
        values = []
        for _ in range(seeds):
            truth = generator.random(PATIENTS) < 0.3
            signal = truth + generator.normal(0, 0.7, PATIENTS)
            aucs = []
            for extra in (better, 0.0):
                strength = SIGNAL + extra + (generator.normal(0, LUCK) if seeds > 1 else 0)
                scores = strength * signal + generator.normal(0, 1, PATIENTS)
                aucs.append(measures.auc(truth, scores, weights))
            values.append(aucs[0] - aucs[1])
        values = np.array(values)
        results.append(Judged(values[:, 0], values[:, 1:]))
    return results
