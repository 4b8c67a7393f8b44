"""Logistic regression of all labels on the same features, with an L2 penalty chosen by validation."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

# Of squared weights, relative to the mean loss of an episode, for features of variance 1; the
# strongest first, since each fit starts from the one before.
PENALTIES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
FAR = 4.0  # standard deviations at which features are cut off
ITERATIONS = 300
RARE = 0.01  # share of episodes from which on a missing feature has an indicator


@dataclass
class Preparation:
    """How features become regressors: standardised, 0 where unknown, with indicators of the unknown.

    Features that are unknown together share an indicator, one of the columns `unknown`, (indicators,).
    """

    mean: np.ndarray
    std: np.ndarray
    unknown: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray):
        """From the training episodes' features, (episodes, features)."""
        missing = np.isnan(features)
        count = np.maximum((~missing).sum(axis=0), 1)
        values = np.where(missing, 0, features).astype(np.float64)
        mean = values.sum(axis=0) / count
        std = np.sqrt(np.where(missing, 0, (values - mean) ** 2).sum(axis=0) / count)
        _, first = np.unique(missing, axis=1, return_index=True)
        share = missing[:, first].mean(axis=0)
        often = (share > RARE) & (share < 1 - RARE)
        return cls(mean, np.where(std > 1e-9, std, np.inf), first[often], share[often])

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Regressors, (episodes, regressors), float64."""
        scaled = np.clip((features - self.mean) / self.std, -FAR, FAR)
        scaled[np.isnan(scaled)] = 0
        return np.concatenate([scaled, np.isnan(features[:, self.unknown]) - self.share], axis=1)


@dataclass
class Logistic:
    """Weights, (regressors, labels), intercepts and the chosen penalties, (labels,)."""

    preparation: Preparation
    weights: np.ndarray
    intercepts: np.ndarray
    penalties: np.ndarray

    @classmethod
    def fit(cls, train, train_truth, val, val_truth, penalties=PENALTIES):
        """Fit each label with the penalty that has the lowest loss on the validation episodes.

        ``train`` and ``val`` (episodes, features), with NaN for what is unknown; the truths are
        (episodes, labels).
        """
        preparation = Preparation.of(train)
        inputs, checked = preparation(train), preparation(val)
        count = train_truth.shape[1]
        weights, intercepts = np.zeros((inputs.shape[1], count)), np.zeros(count)
        chosen, least = np.full(count, np.nan), np.full(count, np.inf)
        now = np.zeros((inputs.shape[1] + 1, count))
        for penalty in penalties:
            now = fitted(inputs, train_truth, penalty, now)
            losses = log_loss(val_truth, now[0] + checked @ now[1:])
            better = losses < least
            weights[:, better], intercepts[better] = now[1:, better], now[0, better]
            least, chosen = np.minimum(losses, least), np.where(better, penalty, chosen)
        return cls(preparation, weights, intercepts, chosen)

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Probabilities of the labels, (episodes, labels)."""
        return expit(self.preparation(features) @ self.weights + self.intercepts)

    @property
    def parameters(self) -> int:
        return self.weights.size + self.intercepts.size


def log_loss(truth: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """The mean cross-entropy of each label in nats, (labels,)."""
    return (np.logaddexp(0, logits) - truth * logits).mean(axis=0)


def fitted(inputs: np.ndarray, truth: np.ndarray, penalty: float, start: np.ndarray) -> np.ndarray:
    """Intercepts in the first row and weights, (1 + regressors, labels), with the least penalised loss.

    The labels are independent of each other, but one product of matrices serves all.
    """
    truth = truth.astype(np.float64)

    def loss(flat):
        weights = flat.reshape(start.shape)
        logits = weights[0] + inputs @ weights[1:]
        residual = (expit(logits) - truth) / len(truth)
        value = log_loss(truth, logits).sum() + penalty / 2 * (weights[1:] ** 2).sum()
        gradient = np.vstack([residual.sum(axis=0), inputs.T @ residual + penalty * weights[1:]])
        return value, gradient.ravel()

    options = {"maxiter": ITERATIONS, "ftol": 1e-7}
    return minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=options).x.reshape(
        start.shape
    )


def base_rates(truth: np.ndarray, episodes: int) -> np.ndarray:
    """The share of the training episodes with each label, for every episode, (episodes, labels)."""
    return np.tile(truth.mean(axis=0), (episodes, 1))


def persistence(truth: np.ndarray, before: np.ndarray, train: np.ndarray) -> np.ndarray:
    """The share with each label of the ``train`` episodes that had it before, or of those that had not.

    ``truth`` and ``before`` (episodes, labels) bool; the result is for every episode, (episodes, labels).
    Where no training episode is alike, it is the share of all.
    """
    shares = np.tile(truth[train].mean(axis=0), (2, 1))  # (not before or before, labels)
    for state in (0, 1):
        alike = before[train] == bool(state)
        count = alike.sum(axis=0)
        there = (truth[train] & alike).sum(axis=0)
        shares[state] = np.where(count, there / np.maximum(count, 1), shares[state])
    return np.where(before, shares[1], shares[0])
