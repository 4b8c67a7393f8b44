"""From a table on disk to a normalised series, with counts of its defects."""

import csv
import io
import itertools
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from reverie import durations
from reverie.archives import open_table
from reverie.errors import ReverieError, quoted, shortened
from reverie.files import replacing
from reverie.forecast import moisture, windows

MEASURED = ["p (mbar)", "T (degC)", "VPmax (mbar)", "rh (%)"]
FAR = 1e7  # spreads; float32 has seven digits, so beside a value so far out all others become equal
LARGE = 1e12  # smaller values may be many median distances out: most of a column may be tiny noise
LARGEST = 1e100  # the square of a larger value may overflow
HEAD = 1 << 20  # characters from which the separator and the columns are determined


def prepare(
    path: Path,
    settings: dict,
    split: dict,
    spans: dict[str, str],
    batch: int,
    origin: dict,
    series_file: Path,
    facts_file: Path,
):
    """Read, check and normalise a series; write its arrays and the facts about it.

    ``settings`` and ``split`` are `forecast.series` and `forecast.split` of the configuration.
    ``spans`` maps the path of each duration setting to its text; each must be whole rows long.
    ``batch`` is that of the evaluation, ``origin`` has `source, sha256, sample`.

    ``series_file`` (npz) receives `values` (rows, columns), float32, normalised by the training rows;
    `mean`, `std` (columns,); `time` (rows,) in seconds since 1970; `measured` (rows,), whether the
    target was measured; `unmeasured` (rows,), whether any column was not; `columns`, `target` (index),
    `interval_minutes`, `train_end`, `validation_end`. ``facts_file`` (JSON) receives counts, means and
    the split. Raises ReverieError for whatever is wrong with the table or the settings.
    """
    target, sentinels, clean = settings["target"], settings["sentinels"], settings["clean"]
    time, table, left_out = read(path, settings)
    blemishes = count_blemishes(time, table, sentinels)
    if clean:
        time, table = in_order(time, table)
    interval = interval_minutes(time, path)
    known = table.mask(table.isin(sentinels))
    # The values for mean and standard deviation: the lecture keeps sentinels in the other columns.
    basis = known if clean else table.assign(**{target: known[target]})
    if clean:
        table = filled(time, known, settings["fill"])
    else:
        refuse_missing(path, table)
    lengths = {setting: durations.rows(text, interval, setting) for setting, text in spans.items()}
    train_end = row_of(split["train"], time, "forecast.split.train")
    validation_end = row_of(split["validation"], time, "forecast.split.validation")
    refuse_unchanging(path, known, train_end)
    refuse_far(path, basis.where(basis.abs() > LARGE), *typical(basis))
    parts = windows.parts(train_end, validation_end, len(table), lengths["forecast.delay"])
    measured = known[target].notna().to_numpy()
    counts, dropped = count_windows(parts, lengths, batch, measured)

    training = basis.to_numpy(np.float64)[:train_end]
    mean, std = np.nanmean(training, axis=0), np.nanstd(training, axis=0)
    refuse_far(path, basis, mean, std)
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
        **blemishes,
        **count_gaps(time, interval),
        "left_out": left_out,
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
    facts_file.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def count_windows(
    parts: dict[str, tuple[int, int]], lengths: dict[str, int], batch: int, measured: np.ndarray
) -> tuple[dict, dict]:
    """Numbers of usable and of unusable windows, by split, for the lookback and step of `forecast`.

    ``parts`` are the splits as :func:`windows.parts` gives them, ``lengths`` all durations in rows by
    the path of their setting, and ``measured`` (rows,) says where the target was measured. Raises
    ReverieError if a split is too short for any network, or has no usable window common to all
    networks, on which they could be compared.
    """
    defaults = {key: lengths[f"forecast.{key}"] for key in ("lookback", "step", "delay")}
    counts, dropped, shared = {}, {}, {}
    for section in dict.fromkeys(path.rpartition(".")[0] for path in lengths):
        own = {key: lengths.get(f"{section}.{key}", length) for key, length in defaults.items()}
        lookback, (low, high) = own["lookback"], parts["train"]
        rows_by_split = {"train": np.arange(low + lookback, high)}
        for split in ("val", "test"):
            rows_by_split[split] = windows.evaluation_rows(parts[split], lookback, batch)
        usable = windows.usable(measured, own["step"], own["delay"])
        for split, rows in rows_by_split.items():
            if not len(rows):
                raise ReverieError(
                    f"forecast.split: the {split} part, rows {parts[split][0]} to {parts[split][1]}, is "
                    f"too short for a lookback of {lookback} rows ({section}.lookback) and a batch of "
                    f"{batch}; move the split, or lower {section}.lookback or forecast.batch."
                )
            kept = rows[usable[rows]]
            shared[split] = np.intersect1d(shared.get(split, kept), kept)
            if section == "forecast":
                counts[split], dropped[split] = len(kept), len(rows) - len(kept)
    for split, rows in shared.items():
        if not len(rows):
            raise ReverieError(
                f"forecast.split: the {split} part has no window that every network can use, with its "
                "target and its newest value measured; move the split."
            )
    return counts, dropped


def read(path: Path, settings: dict) -> tuple[pd.Series, pd.DataFrame, list[str]]:
    """The times, the input columns with the target, and the names of the text columns left out.

    Raises ReverieError for a file that is no table, a missing column, a time that does not
    follow the format, and text among the numbers.
    """
    name = settings["time"]["column"]
    table = read_columns(path, name)
    if len(table) < 3:
        raise ReverieError(f"{path} has {len(table)} rows, too few for a series.")
    require(path, "forecast.series.time.column", [name], table.columns)
    time = read_time(path, table[name], settings["time"]["format"])
    table = table.drop(columns=name)
    if settings["derive_moisture"]:
        table = with_moisture(path, table, settings["sentinels"])
    columns = settings["columns"] or [name for name in table if mostly_numbers(table[name])]
    left_out = [] if settings["columns"] else [name for name in table if name not in columns]
    if left_out:
        named = shortened(", ".join(left_out), 600)
        print(f"{path}: left out, since they are not numbers: {named}.")
    require(path, "forecast.series.columns", columns, table.columns)
    require(path, "forecast.series.target", [settings["target"]], table.columns)
    columns = list(dict.fromkeys([*columns, settings["target"]]))
    table = numbers(path, table[columns])
    return time, table.replace([np.inf, -np.inf], np.nan), left_out  # infinity is no measurement


def with_moisture(path: Path, table: pd.DataFrame, sentinels: list[float]) -> pd.DataFrame:
    """The table with the moisture columns that it lacks, if it is one of the station in Jena."""
    lacking = [name for name in moisture.COLUMNS if name not in table]
    if not lacking or not set(MEASURED) <= set(table):
        return table
    known = numbers(path, table[MEASURED])
    known = known.mask(known.isin(sentinels))
    derived = moisture.derived(*(known[column] for column in MEASURED))
    return table.assign(**{name: derived[name] for name in lacking})


def read_columns(path: Path, time: str) -> pd.DataFrame:
    """The table as it is in the file, with the column ``time`` as text.

    Raises ReverieError where pandas would fail or misread the table.
    """
    try:
        with open_table(path) as file:
            head = io.TextIOWrapper(file, "utf-8-sig", newline="").read(HEAD)
        if head.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
            raise ReverieError(f"{path} is a web page and no table; fetch the file itself.")
        line = next(filter(str.strip, head.splitlines()), "")
        separator = max(",;\t", key=line.count)
        lines = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        lines = (line for line in lines if len(line) > 1 or "".join(line).strip())
        names, values = (
            list(line) for line in itertools.islice(itertools.chain(lines, [[], []]), 2)
        )
        width = max(len(names), len(values))
        unnamed = [f"Unnamed: {place}" for place in range(width)]
        columns = [
            name or placeholder for name, placeholder in itertools.zip_longest(names, unnamed)
        ]
        for name in columns:
            if columns.count(name) > 1:
                raise ReverieError(
                    f"{path}: two columns are named {quoted(name)}; rename one of them."
                )
        with open_table(path) as file, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # about values it drops
            table = pd.read_csv(
                file, sep=separator, encoding="utf-8-sig", names=columns, header=0, index_col=False,
                dtype={time: str}, low_memory=False,
            )  # fmt: skip
    except FileNotFoundError:
        raise ReverieError(f"{path} does not exist; forecast.series.path must name it.") from None
    except UnicodeDecodeError:
        raise ReverieError(f"{path} is not UTF-8 text; save it as a UTF-8 .csv file.") from None
    except (
        pd.errors.EmptyDataError,
        pd.errors.ParserError,
        pd.errors.ParserWarning,
        csv.Error,
    ) as error:
        if longer := re.search(r"in line (\d+), saw", str(error)):
            raise too_long(path, int(longer[1]), len(names)) from None
        reason = str(error).rpartition("C error: ")[2].strip()
        raise ReverieError(f"{path} cannot be read as a table: {reason}.") from None
    for name in columns[len(names) :]:  # all empty if the lines only end with a separator
        if (filled := table[name].notna().to_numpy()).any():
            raise too_long(path, int(filled.argmax()) + 2, len(names))
    return table.drop(
        columns=[name for name in unnamed if name in table and all_empty(table[name])]
    )


def too_long(path: Path, line: int, columns: int) -> ReverieError:
    return ReverieError(
        f"{path}: line {line} has more values than the {columns} columns that its first line names; "
        "write numbers with a decimal point, or separate the columns by semicolons."
    )


def all_empty(column: pd.Series) -> bool:
    return bool(column.isna().all())


def read_time(path: Path, column: pd.Series, style: str) -> pd.Series:
    """The times in UTC, without a zone; ReverieError if one does not have the format ``style``."""
    try:
        time = pd.to_datetime(column, format=style, errors="coerce", utc=True)
    except (ValueError, re.error) as error:
        raise ReverieError(
            f"forecast.series.time.format: {style!r} is no format ({error})."
        ) from None
    time = time.dt.tz_localize(None)
    if time.isna().any():
        row = int(time.isna().to_numpy().argmax())
        if pd.isna(column.iloc[row]):
            raise ReverieError(f"{path}: there is no time in line {row + 2}; correct it.")
        raise ReverieError(
            f"{path}: the time {quoted(column.iloc[row])} in line {row + 2} does not follow the format "
            f"{style!r} of forecast.series.time.format."
        )
    return time


def numbers(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """The table as float64, true and false as 1 and 0; raises ReverieError for any text."""
    converted = {}
    for name, column in table.items():
        converted[name] = pd.to_numeric(column, errors="coerce").astype(np.float64)
        bad = (converted[name].isna() & column.notna()).to_numpy()
        if bad.any():
            row = int(bad.argmax())
            raise ReverieError(
                f"{path}: column {quoted(name)} has {quoted(str(column.iloc[row]))} in line {row + 2}, which is "
                "not a number with a decimal point; correct it, or name the other columns in "
                "forecast.series.columns."
            )
    return pd.DataFrame(converted)


def mostly_numbers(column: pd.Series) -> bool:
    """Whether more than half of a column are numbers."""
    if pd.api.types.is_numeric_dtype(column):
        return True
    return bool(pd.to_numeric(column, errors="coerce").notna().mean() > 0.5)


def require(path: Path, setting: str, names: list[str], columns) -> None:
    for name in names:
        if name not in columns:
            named = shortened(", ".join(map(quoted, columns)), 600)
            raise ReverieError(
                f"{path}: there is no column {quoted(name)} ({setting}); it has {named}."
            )


def minutes_apart(time: pd.Series) -> pd.Series:
    return time.diff().dt.total_seconds().iloc[1:] / 60


def interval_minutes(time: pd.Series, path: Path) -> float:
    """The interval between rows; raises ReverieError if most rows follow at another interval."""
    if len(time) < 3:
        raise ReverieError(f"{path} has {len(time)} different times, too few for a series.")
    steps = minutes_apart(time)
    if (steps < 0).mean() > 0.01:
        raise ReverieError(
            f"{path}: its rows are not in the order of time; sort them, or set "
            "forecast.series.clean to true."
        )
    interval = float(steps[steps > 0].median())
    if (abs(steps - interval) < 0.05 * interval).mean() > 0.5:
        return interval
    if (repeated := time.duplicated()).mean() > 0.25:
        raise ReverieError(
            f"{path}: {repeated.sum()} of its {len(time)} rows repeat a time, the first in line "
            f"{int(repeated.to_numpy().argmax()) + 2}; set forecast.series.clean to true, which keeps "
            "the first row of each time."
        )
    raise ReverieError(
        f"{path}: its rows come at irregular times, {steps.min():g} to {steps.max():g} minutes apart; "
        "bring them to one interval first, for example by means over an hour."
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


def in_order(time: pd.Series, table: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """The series in the order of time, with the first row of each time, its index label kept.

    Gaps stay: no rows are inserted.
    """
    order = time.drop_duplicates().sort_values().index
    return time[order], table.loc[order]


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


def refuse_missing(path: Path, table: pd.DataFrame) -> None:
    """Raise ReverieError for a missing value, which would make every loss NaN."""
    for column, missing in table.isna().sum().items():
        if missing:
            if missing == len(table):
                raise never_measured(path, column)
            row = int(table[column].isna().to_numpy().argmax())
            raise ReverieError(
                f"{path}: column {quoted(column)} has {missing} missing values, the first in line {row + 2}; "
                "set forecast.series.clean to true, or name the other columns in "
                "forecast.series.columns."
            )


def never_measured(path: Path, column: str, where: str = "") -> ReverieError:
    return ReverieError(
        f"{path}: column {quoted(column)} was never measured{where}; name the other columns in "
        "forecast.series.columns."
    )


def refuse_unchanging(path: Path, known: pd.DataFrame, train_end: int) -> None:
    """Raise ReverieError for a column that the training rows cannot normalise."""
    training = known.iloc[:train_end]
    least, greatest = training.min(), training.max()
    for column in known:
        if known[column].isna().all():
            raise never_measured(path, column)
        if np.isnan(least[column]):
            raise never_measured(path, column, " in the training rows")
        if least[column] == greatest[column]:
            raise ReverieError(
                f"{path}: column {quoted(column)} never changes in the training rows, so that it cannot be "
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


def refuse_far(path: Path, table: pd.DataFrame, middle, spread) -> None:
    """Raise ReverieError for a value over FAR spreads from its column's middle, or above LARGEST."""
    values = table.to_numpy(np.float64)
    middle, spread = np.asarray(middle), np.asarray(spread)
    with np.errstate(over="ignore"):
        far = (np.abs(values - middle) > FAR * spread) | (np.abs(values) > LARGEST)
    if far.any():
        row, place = np.argwhere(far)[0]
        raise ReverieError(
            f"{path}: column {quoted(table.columns[place])} has {values[row, place]:g} in line "
            f"{table.index[row] + 2}, millions of times as far out as is usual there, so that nothing "
            "else would count; correct it, name it in forecast.series.sentinels and set "
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
