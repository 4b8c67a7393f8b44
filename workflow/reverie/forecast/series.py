"""From a table on disk to a normalised series, with an honest account of its blemishes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from reverie import durations
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.forecast import moisture, windows
from reverie.tables import open_table

MEASURED = ["p (mbar)", "T (degC)", "VPmax (mbar)", "rh (%)"]


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

    ``settings`` and ``split`` are `forecast.series` and `forecast.split` of the configuration;
    ``spans`` maps the path of each duration to its text and is checked against the interval of
    the rows. ``origin`` has `source, sha256, sample`. ``series_file`` (npz) receives `values`
    (rows, columns), float32, normalised by the training rows; `mean`, `std` (columns,);
    `time` (rows,) in seconds since 1970; `unmeasured` (rows,), whether a sentinel is left in the
    row; `columns`, `target` (index), `interval_minutes`,
    `train_end`, `validation_end`. ``facts_file`` (JSON) has the contract's facts.
    """
    time, table, left_out = read(path, settings)
    interval = interval_minutes(time, path)
    blemishes = count_blemishes(time, table, interval, settings["sentinels"])
    if settings["clean"]:
        time, table = clean(time, table, settings["sentinels"])
    refuse_missing(path, table)
    unmeasured = table.isin(settings["sentinels"]).any(axis=1).to_numpy()
    lengths = {where: durations.rows(text, interval, where) for where, text in spans.items()}
    train_end = row_of(split["train"], time, "forecast.split.train")
    validation_end = row_of(split["validation"], time, "forecast.split.validation")
    lookback, delay = lengths["forecast.lookback"], lengths["forecast.delay"]
    parts = windows.parts(train_end, validation_end, len(table), delay)
    counts = {"train": parts["train"][1] - lookback}
    for name in ("val", "test"):
        counts[name] = len(windows.evaluation_rows(parts[name], lookback, batch))
    for name, count in counts.items():
        if count <= 0:
            raise ReverieError(
                f"forecast.split: the {name} part, rows {parts[name][0]} to {parts[name][1]}, is too "
                f"short for a lookback of {lookback} rows and a batch of {batch}; move the split, or "
                "lower forecast.lookback or forecast.batch."
            )

    values = table.to_numpy(np.float64)
    mean, std = values[:train_end].mean(axis=0), values[:train_end].std(axis=0)
    for column, spread in zip(table.columns, std, strict=True):
        if not spread > 0:
            raise ReverieError(
                f"{path}: column {column!r} never changes in the training rows, so that it cannot be "
                "normalised; name the other columns in forecast.series.columns."
            )
    arrays = {
        "values": ((values - mean) / std).astype(np.float32),
        "mean": mean,
        "std": std,
        "time": time.to_numpy("datetime64[s]").astype(np.int64),
        "columns": np.array(table.columns, dtype=str),
        "unmeasured": unmeasured,
        "target": np.array(table.columns.get_loc(settings["target"])),
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
        "target": settings["target"],
        "unit": settings["unit"],
        "mean": dict(zip(table.columns, mean.tolist(), strict=True)),
        "std": dict(zip(table.columns, std.tolist(), strict=True)),
        **blemishes,
        "left_out": left_out,
        "cleaned": settings["clean"],
        "windows": counts,
        "split": {name: [int(low), int(high)] for name, (low, high) in parts.items()},
        **origin,
    }
    with replacing(series_file) as part:
        np.savez(part, **arrays)
    facts_file.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def read(path: Path, settings: dict) -> tuple[pd.Series, pd.DataFrame, list[str]]:
    """Times, the numeric columns in use as they are in the file, and names of columns of text.

    Raises ReverieError for a file that is no table, a missing column, a time that does not
    follow the format, and text among the numbers.
    """
    try:
        with open_table(path) as file:
            head = file.readline().decode("utf-8-sig")
        separator = max(",;\t", key=head.count)
        with open_table(path) as file:
            table = pd.read_csv(file, sep=separator, encoding="utf-8-sig")
    except FileNotFoundError:
        raise ReverieError(f"{path} does not exist; forecast.series.path must name it.") from None
    except UnicodeDecodeError:
        raise ReverieError(f"{path} is not UTF-8 text; save it as a UTF-8 .csv file.") from None
    except (
        pd.errors.EmptyDataError,
        pd.errors.ParserError,
        EOFError,
        OSError,
    ) as error:
        raise ReverieError(f"{path} cannot be read as a table: {error}.") from None
    if len(table) < 3:
        raise ReverieError(f"{path} has {len(table)} rows, too few for a series.")
    name, style = settings["time"]["column"], settings["time"]["format"]
    require(path, "forecast.series.time.column", [name], table.columns)
    try:
        time = pd.to_datetime(table[name], format=style, errors="coerce", utc=True)
    except ValueError as error:
        raise ReverieError(
            f"forecast.series.time.format: {style!r} is no format ({error})."
        ) from None
    time = time.dt.tz_localize(None)
    if time.isna().any():
        row = int(time.isna().to_numpy().argmax())
        raise ReverieError(
            f"{path}: the time {table[name].iloc[row]!r} in line {row + 2} does not follow the format "
            f"{style!r} of forecast.series.time.format."
        )
    table = table.drop(columns=name)
    if settings["derive_moisture"]:
        require(path, "forecast.series.derive_moisture", MEASURED, table.columns)
        table = table.assign(**moisture.derived(*(table[column] for column in MEASURED)))
    columns = settings["columns"] or [name for name in table if mostly_numbers(table[name])]
    left_out = [] if settings["columns"] else [name for name in table if name not in columns]
    if left_out:
        print(f"{path}: left out, since they are not numbers: {', '.join(left_out)}.")
    require(path, "forecast.series.columns", columns, table.columns)
    require(path, "forecast.series.target", [settings["target"]], table.columns)
    if settings["target"] not in columns:
        columns = [*columns, settings["target"]]
    table = table[columns]
    for column in table.select_dtypes(exclude="number"):
        bad = pd.to_numeric(table[column], errors="coerce").isna() & table[column].notna()
        row = int(bad.to_numpy().argmax())
        raise ReverieError(
            f"{path}: column {column!r} has {table[column].iloc[row]!r} in line {row + 2}, which is "
            "not a number with a decimal point; correct it, or name the other columns in "
            "forecast.series.columns."
        )
    table = table.astype(np.float64).replace([np.inf, -np.inf], np.nan)  # neither was measured
    return time, table, left_out


def mostly_numbers(column: pd.Series) -> bool:
    """Whether a column is meant to be of numbers, be it with some odd entries."""
    if pd.api.types.is_numeric_dtype(column):
        return True
    return bool(pd.to_numeric(column, errors="coerce").notna().mean() > 0.5)


def require(path: Path, setting: str, names: list[str], columns) -> None:
    for name in names:
        if name not in columns:
            raise ReverieError(
                f"{path}: there is no column {name!r} ({setting}); it has {', '.join(map(repr, columns))}."
            )


def interval_minutes(time: pd.Series, path: Path) -> float:
    """The usual distance of two rows; ReverieError when the rows are not in order of time."""
    steps = time.diff().dt.total_seconds().iloc[1:] / 60
    interval = float(steps.median()) if len(steps) else 0.0
    if not interval > 0 or (steps < 0).mean() > 0.01:
        raise ReverieError(f"{path}: its rows are not in the order of time; sort them.")
    return interval


def count_blemishes(
    time: pd.Series, table: pd.DataFrame, interval: float, sentinels: list[float]
) -> dict:
    """Repeated times, gaps, backward steps, sentinels and missing values, counted."""
    steps = time.diff().dt.total_seconds().iloc[1:] / 60
    marked = table.isin(sentinels).sum()
    return {
        "duplicates": int(time.duplicated().sum()),
        "gaps": int((steps > 1.5 * interval).sum()),
        "longest_gap_hours": float(steps.max() / 60),
        "backward_steps": int((steps < 0).sum()),
        "sentinels": int(marked.sum()),
        "sentinels_by_column": {name: int(n) for name, n in marked.items() if n},
        "missing": int(table.isna().sum().sum()),
    }


def clean(
    time: pd.Series, table: pd.DataFrame, sentinels: list[float]
) -> tuple[pd.Series, pd.DataFrame]:
    """Order by time, keep the first row of each time, interpolate sentinels and missing values.

    Gaps stay gaps: rows that were never measured are not invented.
    """
    order = time.drop_duplicates().sort_values().index
    time, table = time[order], table.loc[order].astype(np.float64)
    table = table.mask(table.isin(sentinels)).set_axis(pd.DatetimeIndex(time))
    table = table.interpolate("time", limit_direction="both")
    return time.reset_index(drop=True), table.reset_index(drop=True)


def refuse_missing(path: Path, table: pd.DataFrame) -> None:
    """ReverieError when a value is missing: one would make every loss 'not a number'."""
    for column, missing in table.isna().sum().items():
        if missing:
            if missing == len(table):
                raise ReverieError(
                    f"{path}: column {column!r} was never measured; name the other columns in "
                    "forecast.series.columns."
                )
            row = int(table[column].isna().to_numpy().argmax())
            raise ReverieError(
                f"{path}: column {column!r} has {missing} missing values, the first in line {row + 2}; "
                "set forecast.series.clean to true, or name the other columns in "
                "forecast.series.columns."
            )


def row_of(boundary: int | float | str, time: pd.Series, path: str) -> int:
    """The row at which a part ends: a row, a fraction of the rows, or the first row of a date."""
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
