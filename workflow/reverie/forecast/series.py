"""From a table on disk to a normalised series, with counts of its defects."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from reverie import durations
from reverie.errors import ReverieError, quoted
from reverie.files import replacing
from reverie.forecast import window_checks, windows
from reverie.forecast.table import Places, read

FAR = 1e7  # spreads; float32 has seven digits, so beside a value so far out all others become equal
LARGE = 1e12  # smaller values may be many median distances out: most of a column may be tiny noise
LARGEST = 1e100  # the square of a larger value may overflow
MOST_CELLS = 100_000_000  # of a resampled table; four copies of it take 3 GB


def prepare(
    paths: list[Path],
    settings: dict,
    split: dict,
    spans: dict[str, str],
    batch: int,
    origin: dict,
    series_file: Path,
    facts_file: Path,
):
    """Read, check and normalise a series; write its arrays and the facts about it.

    ``paths`` are the series' files in any order.
    ``settings`` and ``split`` are `forecast.series` and `forecast.split` of the configuration.
    ``spans`` maps the path of each duration setting to its text; each must be whole rows long.
    ``batch`` is that of the evaluation, ``origin`` has `source, sha256, sample`.

    ``series_file`` (npz) receives `values` (rows, columns), float32, normalised by the training rows;
    `mean`, `std` (columns,); `time` (rows,) in seconds since 1970; `measured` (rows,), whether the
    target was measured; `unmeasured` (rows,), whether any column was not; `columns`, `target` (index),
    `interval_minutes`, `train_end`, `validation_end`. ``facts_file`` (JSON) receives counts, means and
    the split. Raises ReverieError for whatever is wrong with the table or the settings.
    """
    target, clean = settings["target"], settings["clean"]
    time, known, table, interval, places, counted = regular(paths, settings)
    # The values for mean and standard deviation: the lecture keeps sentinels in the other columns.
    basis = known if clean else table.assign(**{target: known[target]})
    lengths = {setting: durations.rows(text, interval, setting) for setting, text in spans.items()}
    train_end = row_of(split["train"], time, "forecast.split.train")
    validation_end = row_of(split["validation"], time, "forecast.split.validation")
    refuse_unchanging(places, known, train_end)
    refuse_far(places, basis.where(basis.abs() > LARGE), *typical(basis))
    parts = windows.parts(train_end, validation_end, len(table), lengths["forecast.delay"])
    measured = known[target].notna().to_numpy()
    counts, dropped = window_checks.count_windows(parts, lengths, batch, measured)
    refuse_constant_parts(
        places, table[target].to_numpy(np.float64), parts, lengths, batch, measured
    )

    training = basis.to_numpy(np.float64)[:train_end]
    mean, std = np.nanmean(training, axis=0), np.nanstd(training, axis=0)
    refuse_far(places, basis, mean, std)
    values = (table.to_numpy(np.float64) - mean) / std
    missing = np.isnan(values)
    values[missing] = 0  # the mean of the column
    arrays = {
        "values": values.astype(np.float32),
        "mean": mean,
        "std": std,
        "time": time.to_numpy("datetime64[s]").astype(np.int64),
        "columns": np.array(table.columns, dtype=str),
        "measured": measured,
        "unmeasured": known.isna().any(axis=1).to_numpy(),
        "target": np.array(table.columns.get_loc(target)),
        "interval_minutes": np.array(interval),
        "train_end": np.array(train_end),
        "validation_end": np.array(validation_end),
    }
    facts = {
        "rows": len(table),
        "interval_minutes": interval,
        "first": str(time.iloc[0]),
        "last": str(time.iloc[-1]),
        "columns": list(table.columns),
        "target": target,
        "unit": settings["unit"],
        "mean": dict(zip(table.columns, mean.tolist(), strict=True)),
        "std": dict(zip(table.columns, std.tolist(), strict=True)),
        **counted,
        "cleaned": clean,
        "repeated_values": int((known.isna() & table.notna()).sum().sum()) if clean else 0,
        "mean_values": int(missing.sum()),
        "windows": counts,
        "windows_not_measured": dropped,
        "split": {name: [int(low), int(high)] for name, (low, high) in parts.items()},
        **origin,
    }
    with replacing(series_file) as part:
        np.savez(part, **arrays)
    facts_file.write_text(json.dumps(facts, indent=2) + "\n")


def regular(
    paths: list[Path], settings: dict
) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame, float, Places, dict]:
    """The times, what was measured, the values to be used, the interval, places, and counts.

    ``settings`` are `forecast.series`. Both tables have the input columns and the target, the first NaN
    where nothing was measured; the interval is in minutes. Raises ReverieError for whatever is wrong.
    """
    sentinels, clean, every = settings["sentinels"], settings["clean"], settings["every"]
    time, table, places, counted = read(paths, settings)
    counted |= count_blemishes(time, table, sentinels)
    if clean or every:
        time, table = in_order(time, table, places)
    interval = durations.minutes(every) if every else interval_minutes(time, places)
    counted |= count_gaps(time, interval) | {"resampled_rows": len(table) if every else 0}
    known = table.mask(table.isin(sentinels))
    if every:
        refuse_far(places, known.where(known.abs() > LARGE), *typical(known))  # it names the line
        time, known = resampled(time, known, every)
        table = known
    if clean:
        table = filled(time, known, settings["fill"])
    else:
        refuse_missing(places, table)
    return time, known, table, interval, places, counted


def refuse_constant_parts(
    places: Places,
    target: np.ndarray,
    parts: dict[str, tuple[int, int]],
    lengths: dict[str, int],
    batch: int,
    measured: np.ndarray,
) -> None:
    """Raise ReverieError where the naive forecast makes no error at all, so that none can be held against it."""
    lookback, step, delay = (lengths[f"forecast.{key}"] for key in ("lookback", "step", "delay"))
    usable = windows.usable(measured, step, delay)
    for part, name in {"val": "validation", "test": "test"}.items():
        rows = windows.evaluation_rows(parts[part], lookback, batch)
        rows = rows[usable[rows]]
        if (target[rows + delay] == target[rows - step]).all():
            raise ReverieError(
                f"{places}: the target never differs from the naive forecast in the {name} part, rows "
                f"{parts[part][0]} to {parts[part][1]}, so that no forecast can be held against that one; move "
                "forecast.split, or choose another forecast.delay."
            )


def minutes_apart(time: pd.Series) -> pd.Series:
    return time.diff().dt.total_seconds().iloc[1:] / 60


def interval_minutes(time: pd.Series, places: Places) -> float:
    """The interval between rows; raises ReverieError if most rows follow at another interval."""
    steps = minutes_apart(time)
    if (steps < 0).mean() > 0.01:
        raise ReverieError(
            f"{places}: its rows are not in the order of time; sort them, or set "
            "forecast.series.clean to true."
        )
    interval = float(steps[steps > 0].median())
    if (abs(steps - interval) < 0.05 * interval).mean() > 0.5:
        return interval
    if (repeated := time.duplicated()).mean() > 0.25:
        path, line = places.of(repeated.idxmax())
        raise ReverieError(
            f"{path}: {repeated.sum()} of its {len(time)} rows repeat a time, the first in {line}; set "
            "forecast.series.clean to true, which keeps the first row of each time."
        )
    raise ReverieError(
        f"{places}: its rows come at irregular times, {steps.min():g} to {steps.max():g} minutes apart; "
        "set forecast.series.every to an interval, for example 1 hour, to replace them by its means."
    )


def count_blemishes(time: pd.Series, table: pd.DataFrame, sentinels: list[float]) -> dict:
    """Counts of repeated times, backward steps, sentinels and missing values."""
    by_column = table.isin(sentinels).sum()
    return {
        "duplicates": int(time.duplicated().sum()),
        "backward_steps": int((minutes_apart(time) < 0).sum()),
        "sentinels": int(by_column.sum()),
        "sentinels_by_column": {name: int(n) for name, n in by_column.items() if n},
        "missing": int(table.isna().sum().sum()),
    }


def count_gaps(time: pd.Series, interval: float) -> dict:
    """The number of gaps between rows, and the length of the longest."""
    steps = minutes_apart(time)
    return {
        "gaps": int((steps > 1.5 * interval).sum()),
        "longest_gap_hours": float(steps.max() / 60),
    }


def in_order(
    time: pd.Series, table: pd.DataFrame, places: Places
) -> tuple[pd.Series, pd.DataFrame]:
    """The series in the order of time, with the first row of each time, its index label kept.

    Gaps stay: no rows are inserted. Raises ReverieError if fewer than three times remain.
    """
    order = time.drop_duplicates().sort_values().index
    if len(order) < 3:
        raise ReverieError(f"{places} has {len(order)} different times, too few for a series.")
    return time[order], table.loc[order]


def resampled(time: pd.Series, known: pd.DataFrame, every: str) -> tuple[pd.Series, pd.DataFrame]:
    """Means over intervals of the length ``every``, a duration in words; NaN where nothing is known.

    The intervals are counted from 1970 on, so that those of an hour begin at full hours. The label of
    each is the time at its end, which belongs to it: a row has nothing that was measured after its
    time. The first and the last interval count only if measurements reach to their other ends.
    Raises ReverieError if there would be too many intervals.
    """
    length = round(durations.minutes(every) * 60e6)  # microseconds
    times = time.to_numpy("datetime64[us]").astype(np.int64)
    ends, spacing = -(-times // length), np.median(np.diff(times))
    whole = np.ones(len(times), bool)
    if times[0] - (ends[0] - 1) * length > max(spacing, 1):
        whole &= ends > ends[0]
    if ends[-1] * length - times[-1] >= spacing:
        whole &= ends < ends[-1]
    if whole.any():  # else all are within an interval or two
        time, known, ends = time[whole], known[whole], ends[whole]
    count = int(ends[-1] - ends[0]) + 1
    if count * known.shape[1] > MOST_CELLS:
        raise ReverieError(
            f"forecast.series.every: {time.iloc[0]} to {time.iloc[-1]} are {count:,} intervals of {every}, "
            "too many for the memory; choose a longer one, or correct the times."
        )
    means = known.groupby(ends).mean().reindex(np.arange(ends[0], ends[-1] + 1))
    means.index = pd.DatetimeIndex((means.index.to_numpy() * length).astype("datetime64[us]"))
    return means.index.to_series(), means


def filled(time: pd.Series, known: pd.DataFrame, span: str) -> pd.DataFrame:
    """The table with each missing value replaced by the last one measured before it.

    A later value would tell the forecast about the future. A value is repeated for at most ``span`` (a
    duration in words); after that the values stay missing.
    """
    limit = pd.Timedelta(minutes=durations.minutes(span))
    columns = {}
    for name, column in known.items():
        age = time - time.where(column.notna()).ffill()
        columns[name] = column.ffill().where(age <= limit)
    return pd.DataFrame(columns)


def refuse_missing(places: Places, table: pd.DataFrame) -> None:
    """Raise ReverieError for a missing value, which would make every loss NaN."""
    for column, missing in table.isna().sum().items():
        if missing:
            if missing == len(table):
                raise never_measured(places, column)
            path, line = places.of(table[column].isna().idxmax())
            raise ReverieError(
                f"{path}: column {quoted(column)} has {missing} missing values, the first in {line}; "
                "set forecast.series.clean to true, or name the other columns in "
                "forecast.series.columns."
            )


def never_measured(places: Places, column: str, where: str = "") -> ReverieError:
    return ReverieError(
        f"{places}: column {quoted(column)} was never measured{where}; name the other columns in "
        "forecast.series.columns."
    )


def refuse_unchanging(places: Places, known: pd.DataFrame, train_end: int) -> None:
    """Raise ReverieError for a column that the training rows cannot normalise."""
    training = known.iloc[:train_end]
    least, greatest = training.min(), training.max()
    for column in known:
        if known[column].isna().all():
            raise never_measured(places, column)
        if np.isnan(least[column]):
            raise never_measured(places, column, " in the training rows")
        if least[column] == greatest[column]:
            raise ReverieError(
                f"{places}: column {quoted(column)} never changes in the training rows, so that it cannot be "
                "normalised; name the other columns in forecast.series.columns."
            )


def typical(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The median of each column, and the median distance from it of the values that differ from it.

    Unlike mean and standard deviation, both are robust against a few outliers.
    """
    with np.errstate(over="ignore"):
        middle = table.median()
        distance = (table - middle).abs()
    return middle, distance.where(distance > 0).median()


def refuse_far(places: Places, table: pd.DataFrame, middle, spread) -> None:
    """Raise ReverieError for a value over FAR spreads from its column's middle, or above LARGEST."""
    values = table.to_numpy(np.float64)
    middle, spread = np.asarray(middle), np.asarray(spread)
    with np.errstate(over="ignore"):
        far = (np.abs(values - middle) > FAR * spread) | (np.abs(values) > LARGEST)
    if far.any():
        row, place = np.argwhere(far)[0]
        path, line = places.of(table.index[row])
        raise ReverieError(
            f"{path}: column {quoted(table.columns[place])} has {values[row, place]:g} in {line}, "
            "millions of times as far out as is usual there, so that nothing else would count; correct it, name it in forecast.series.sentinels and set "
            "forecast.series.clean to true, or name the other columns in forecast.series.columns."
        )


def row_of(boundary: int | float | str, time: pd.Series, path: str) -> int:
    """The row at which a split ends; ``boundary`` is a row, a fraction of the rows, or a date.

    A date stands for the first row from then on. Raises ReverieError, which names the setting
    ``path``, for a boundary outside the series.
    """
    if isinstance(boundary, str):
        moment = pd.Timestamp(boundary)
        moment = moment.tz_convert(None) if moment.tz else moment
        row = int((time >= moment).to_numpy().argmax())
        if row == 0:
            raise ReverieError(
                f"{path}: {boundary} lies outside the series, {time.iloc[0]} to {time.iloc[-1]}."
            )
    elif boundary < 1:
        row = int(boundary * len(time))
    else:
        row = int(boundary)
    if row >= len(time):
        raise ReverieError(
            f"{path}: {boundary} lies beyond the series, which has {len(time)} rows."
        )
    return row
