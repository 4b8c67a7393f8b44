"""What forecasters that are not networks know of a window: lags, means, extremes and the calendar.

Everything comes from the window's own inputs, the rows `range(row - lookback, row, step)`, and from
the calendar, so that no value after `row - step` counts.
"""

from dataclasses import dataclass

import numpy as np

from reverie.forecast import windows
from reverie.forecast.climatology import DAY, WEEK, YEAR, Climatology, waves

CHUNK = 2_000  # windows that are gathered at a time
MOST_COLUMNS = 20  # whose newest value is multiplied by the calendar
DENSE, COARSE = 1.25, 2.0  # ratios of successive lags of the target and of the other columns


@dataclass(frozen=True)
class Spans:
    """Lengths of a window in rows, and the seconds between two rows."""

    lookback: int
    step: int
    delay: int
    interval: float

    @property
    def inputs(self) -> int:
        return self.lookback // self.step

    def cycle(self, period: float) -> int:
        """Inputs in a period; 0 for one that has less than three or does not fit into the window."""
        count = round(period / (self.interval * self.step))
        return count if 3 <= count <= self.inputs else 0

    def target_time(self, newest: np.ndarray) -> np.ndarray:
        """Time of the target by the time of the newest input, both in seconds."""
        return newest + (self.step + self.delay) * self.interval


@dataclass
class Features:
    """Of some windows: ``values`` (windows, features), and what forecasts are the change from.

    ``newest`` (windows,) is the newest value of the target, ``usual`` (windows,) the climatology of
    the time to be forecast, ``level`` (windows,) the same plus the mean anomaly in the window; ``plain``
    is how many of the features are no products.
    """

    values: np.ndarray
    newest: np.ndarray
    usual: np.ndarray
    level: np.ndarray
    plain: int


def geometric(ratio: float, most: int) -> list[int]:
    """1 and rounded powers of the ratio up to ``most``."""
    lags, value = [], 1.0
    while round(value) <= most:
        lags.append(round(value))
        value *= ratio
    return sorted({*lags, most})


def target_lags(spans: Spans) -> list[int]:
    """Lags in inputs, 1 the newest: dense at first, and wherever the target's phase comes again."""
    lags = set(geometric(DENSE, spans.inputs))
    for period in (DAY, WEEK):
        if cycle := spans.cycle(period):
            ahead = round(spans.delay / spans.step)
            same = range(cycle - ahead % cycle, spans.inputs + 1, cycle)
            lags |= {lag + near for lag in same for near in (-1, 0, 1)}
    return sorted(lag for lag in lags if 1 <= lag <= spans.inputs)


def mean_spans(spans: Spans) -> list[int]:
    """How many of the newest inputs each running mean covers."""
    cycle = spans.cycle(DAY) or spans.cycle(WEEK) or max(spans.inputs // 4, 2)
    lengths = {cycle // 4, cycle // 2, cycle, 2 * cycle, 3 * cycle, 5 * cycle, spans.inputs}
    return sorted(length for length in lengths if 2 <= length <= spans.inputs)


def of_windows(
    values: np.ndarray,
    time: np.ndarray,
    target: int,
    rows: np.ndarray,
    spans: Spans,
    climatology: Climatology,
) -> Features:
    """The features of the windows ``rows``.

    ``values`` is the normalised series, (rows, columns), ``time`` its seconds since 1970, (rows,),
    ``target`` the number of its column.
    """
    usual = climatology.at(time)
    parts = [
        of_chunk(values, time, target, rows[first : first + CHUNK], spans, climatology, usual)
        for first in range(0, len(rows), CHUNK)
    ]
    joined = (
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("values", "newest", "usual", "level")
    )
    return Features(*joined, parts[0].plain)


def of_chunk(values, time, target, rows, spans, climatology, usual) -> Features:
    """As :func:`of_windows`, with ``usual``, the climatology of every row."""
    places = rows[:, None] + windows.offsets(spans.lookback, spans.step)  # oldest first
    known = values[:, target][places].astype(np.float64)  # (windows, inputs)
    anomaly = known - usual[places]
    ahead_time = spans.target_time(time[places[:, -1]].astype(np.float64))
    ahead = climatology.at(ahead_time)

    cycle = spans.cycle(DAY) or spans.cycle(WEEK) or max(spans.inputs // 4, 2)
    means = {length: anomaly[:, -length:].mean(axis=1) for length in mean_spans(spans)}
    columns = [anomaly[:, -lag] for lag in target_lags(spans)]
    columns += means.values()
    lags = geometric(COARSE, min(2 * cycle, spans.inputs))
    columns += changes(anomaly, lags)
    last, before = known[:, -cycle:], known[:, -2 * cycle : -cycle]
    extremes = [last.min(axis=1) - ahead, last.max(axis=1) - ahead, np.ptp(last, axis=1)]
    columns += extremes
    if before.shape[1] == cycle:
        columns += [np.ptp(before, axis=1), anomaly[:, -2 * cycle : -cycle].mean(axis=1)]
    columns += [ahead, ahead - usual[places[:, -1]]]
    most_important = [anomaly[:, -1], *(means[length] for length in means), *extremes]
    newest_of_others = []
    for column in range(values.shape[1]):
        if column == target:
            continue
        inputs = values[:, column][places].astype(np.float64)
        columns += [inputs[:, -lag] for lag in lags]
        columns += changes(inputs, lags)
        columns += [inputs[:, -length:].mean(axis=1) for length in mean_spans(spans)[1::2]]
        newest_of_others.append(inputs[:, -1])
    most_important += newest_of_others[:MOST_COLUMNS]

    day, _, year = climatology.harmonics
    clock = np.concatenate(
        [waves(ahead_time, DAY, min(2, day)), waves(ahead_time, YEAR, min(2, year))], axis=1
    )
    columns += [*clock.T]
    plain = len(columns)
    columns += [value * wave for value in most_important for wave in clock.T]
    columns += [clock[:, i] * clock[:, j] for i in range(clock.shape[1]) for j in range(i)]
    newest = known[:, -1]
    level = ahead + anomaly.mean(axis=1)
    return Features(np.stack(columns, axis=1), newest, ahead, level, plain)


def changes(inputs: np.ndarray, lags: list[int]) -> list[np.ndarray]:
    """By how much the newest of ``inputs`` (windows, inputs) differs from earlier ones, each (windows,).

    A regression knows these from the lags; trees would need many splits for a difference.
    """
    return [inputs[:, -1] - inputs[:, -lag] for lag in lags if lag > 1]
