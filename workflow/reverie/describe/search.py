"""Greedy and beam search for the most probable sentences."""

from collections.abc import Callable

import numpy as np

from reverie.describe.words import END

Step = Callable[[np.ndarray, list[np.ndarray]], tuple[np.ndarray, list[np.ndarray]]]


def beam_search(
    step: Step, states: list[np.ndarray], beam: int, longest: int
) -> list[tuple[list[int], float]]:
    """For each picture the most probable sentence found, as numbers of words, and its log probability.

    ``step(words, states)`` takes the last words, (rows,), START at first, and states, each (rows, …), and
    gives log probabilities of the next words, (rows, vocabulary), and the next states. ``states`` are
    those before START, a row for each picture. A sentence has up to ``longest`` words, and its log
    probability includes END. With a ``beam`` of 1 the search is greedy.
    """
    pictures = len(states[0])
    states = [np.repeat(state, beam, axis=0) for state in states]
    words = np.full((pictures, beam, longest + 1), END)
    last = np.full(pictures * beam, END)
    total = np.full((pictures, beam), -np.inf)
    total[:, 0] = 0.0  # at first all of a picture's rows are equal: one counts
    ended = np.zeros((pictures, beam), bool)
    rows = np.arange(pictures)[:, None]
    for time in range(longest + 1):
        log_probabilities, states = step(last, states)
        following = log_probabilities.astype(np.float64).reshape(pictures, beam, -1)
        vocabulary = following.shape[-1]
        if time == longest:  # only END may follow
            following[..., np.arange(vocabulary) != END] = -np.inf
        following[ended] = -np.inf
        following[ended, END] = 0.0
        candidates = (total[..., None] + following).reshape(pictures, -1)
        chosen = top(candidates, beam)
        total = np.take_along_axis(candidates, chosen, axis=1)
        parent, number = np.divmod(chosen, vocabulary)
        words = words[rows, parent]
        words[:, :, time] = number
        ended = ended[rows, parent] | (number == END)
        last = number.ravel()
        flat = (rows * beam + parent).ravel()
        states = [state[flat] for state in states]
        if ended[:, 0].all():  # the first is the most probable, and longer ones only become less so
            break
    best = total.argmax(axis=1)
    sentences = words[np.arange(pictures), best]
    return [
        (sentence[: np.flatnonzero(sentence == END)[0]].tolist(), float(value))
        for sentence, value in zip(sentences, total[np.arange(pictures), best], strict=True)
    ]


def top(values: np.ndarray, count: int) -> np.ndarray:
    """Columns of the ``count`` greatest values of each row, the greatest first, the first of equal ones."""
    if count == 1:
        return values.argmax(axis=1)[:, None]
    part = np.argpartition(-values, count - 1, axis=1)[:, :count]
    part.sort(axis=1)
    order = np.argsort(-np.take_along_axis(values, part, axis=1), axis=1, kind="stable")
    return np.take_along_axis(part, order, axis=1)
