"""People's own tables, from one file or several, as times and numbers."""

import bisect
import csv
import io
import itertools
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from reverie.archives import open_table
from reverie.decoding import codec, refusal
from reverie.errors import ReverieError, quoted, shortened
from reverie.forecast import moisture

MEASURED = ["p (mbar)", "T (degC)", "VPmax (mbar)", "rh (%)"]
HEAD = 1 << 20  # characters from which the separator and the columns are determined
SWAP = str.maketrans(".,", ",.")


@dataclass
class File:
    """A file in the order of its times; rows are labelled by their numbers in the file, from 0."""

    path: Path
    time: pd.Series  # (rows,), in UTC, without a zone
    table: pd.DataFrame  # (rows, columns), of any type


@dataclass
class Places:
    """Where each row of a series stands, by its label; labels number the rows of all files."""

    paths: list[Path]
    starts: list[int]  # the label of each file's first row

    def __str__(self) -> str:
        more = len(self.paths) - 1
        return f"{self.paths[0]} and {more} more" if more else str(self.paths[0])

    def of(self, label) -> tuple[str, str]:
        """The file of a row and its line there; the time of a row that :func:`resampled` made."""
        if isinstance(label, pd.Timestamp):
            return str(self), f"the interval until {label}"
        number = bisect.bisect_right(self.starts, label) - 1  # of the last file that starts before
        path = self.paths[number]
        return str(path), line_of(path, int(label) - self.starts[number])


def line_of(path: Path, row: int) -> str:
    return f"row {row + 1}" if is_parquet(path) else f"line {row + 2}"


def is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def read(paths: list[Path], settings: dict) -> tuple[pd.Series, pd.DataFrame, Places, dict]:
    """The times, the input columns with the target, the place of each row, and facts for the report.

    ``settings`` are `forecast.series` of the configuration. Several files become one table in the
    order of time; a time of several files has the rows of the one that begins first.

    Raises ReverieError for a file that is no table, a missing column, a time that does not
    follow the format, text among the numbers, and files with different columns.
    """
    files = sorted((read_file(path, settings) for path in paths), key=lambda file: file.time.min())
    lengths = [len(file.time) for file in files]
    starts = [0, *itertools.accumulate(lengths[:-1])]
    places = Places([file.path for file in files], starts)
    if sum(lengths) < 3:
        raise too_few(places, sum(lengths))
    columns, left_out = settings["columns"], []
    if not columns:
        refuse_other_columns(files)
        columns = [name for name in files[0].table if is_numeric(files, name, settings["decimal"])]
        left_out = [name for name in files[0].table if name not in columns]
    for file in files:
        require(file.path, "forecast.series.columns", columns, file.table)
        require(file.path, "forecast.series.target", [settings["target"]], file.table)
        file.table = file.table[list(dict.fromkeys([*columns, settings["target"]]))]
        file.table = numbers(file.path, file.table, settings["decimal"])
    if left_out:
        named = shortened(", ".join(left_out), 600)
        print(f"{places}: left out, since they are not numbers: {named}.")
    for file, start in zip(files, starts, strict=True):
        file.time.index = file.table.index = file.time.index + start
    time, table = pd.concat([f.time for f in files]), pd.concat([f.table for f in files])
    table = table.replace([np.inf, -np.inf], np.nan)  # infinity is no measurement
    overlaps = differing = 0
    if len(files) > 1:
        time, table, overlaps, differing = merged(
            time, table, np.repeat(range(len(files)), lengths)
        )
    return time, table, places, {
        "left_out": left_out,
        "files": len(files),
        "overlaps": overlaps,
        "overlaps_differing": differing,
    }  # fmt: skip


def merged(
    time: pd.Series, table: pd.DataFrame, file: np.ndarray
) -> tuple[pd.Series, pd.DataFrame, int, int]:
    """The rows in the order of time, each time from one file only, the first that has it.

    ``file`` (rows,) numbers the file of each row. Also returns how many rows are dropped, and how many
    of them have other values than the first row kept of the same time.
    """
    first = pd.Series(file, time.index).groupby(time).transform("min")
    kept = (first == file).to_numpy()
    dropped = table[~kept].to_numpy()
    standing = table[kept].set_index(time[kept])
    standing = standing[~standing.index.duplicated()].loc[time[~kept]].to_numpy()
    differs = (dropped != standing) & ~(np.isnan(dropped) & np.isnan(standing))
    order = time[kept].sort_values(kind="stable").index
    return time[order], table.loc[order], len(dropped), int(differs.any(axis=1).sum())


def refuse_other_columns(files: list[File]) -> None:
    for other in files[1:]:
        for lacking, having in ((files[0], other), (other, files[0])):
            for name in having.table:
                if name not in lacking.table:
                    raise ReverieError(
                        f"{lacking.path} has no column {quoted(name)}, which {having.path} has; name the "
                        "columns that all files have in forecast.series.columns, or leave the file out."
                    )


def read_file(path: Path, settings: dict) -> File:
    """The times and columns of one file; rows that come newest first are turned round."""
    name = settings["time"]["column"]
    if is_parquet(path):
        table = read_parquet(path, name)
    else:
        table = read_text(path, name, settings["encoding"], settings["decimal"])
    require(path, "forecast.series.time.column", [name], table.columns)
    if table.empty:
        raise too_few(path, 0)
    time = read_time(path, table[name], settings["time"]["format"])
    table = table.drop(columns=name)
    if settings["derive_moisture"]:
        table = with_moisture(path, table, settings["sentinels"], settings["decimal"])
    steps = time.diff().iloc[1:]
    if (steps < pd.Timedelta(0)).any() and (steps > pd.Timedelta(0)).mean() <= 0.01:
        time, table = time[::-1], table[::-1]
    return File(path, time, table)


def with_moisture(
    path: Path, table: pd.DataFrame, sentinels: list[float], decimal: str
) -> pd.DataFrame:
    """The table with the moisture columns that it lacks, if it is one of the station in Jena."""
    lacking = [name for name in moisture.COLUMNS if name not in table]
    if not lacking or not set(MEASURED) <= set(table):
        return table
    known = numbers(path, table[MEASURED], decimal)
    known = known.mask(known.isin(sentinels))
    derived = moisture.derived(*(known[column] for column in MEASURED))
    return table.assign(**{name: derived[name] for name in lacking})


def too_few(path, rows: int) -> ReverieError:
    return ReverieError(f"{path} has {rows} rows, too few for a series.")


def read_parquet(path: Path, time: str) -> pd.DataFrame:
    """The table of a .parquet file; what is neither a number nor a time in ``time`` becomes text."""
    try:
        table = pd.read_parquet(path)
    except ImportError:
        raise ReverieError(
            f"{path} can be read only with pyarrow; install it by `.venv/bin/pip install pyarrow`, or "
            "save the table as .csv."
        ) from None
    except FileNotFoundError:
        raise absent(path) from None
    except Exception as error:  # pyarrow has errors of many types
        reason = shortened(str(error).strip().splitlines()[0] if str(error).strip() else "", 200)
        raise ReverieError(f"{path} cannot be read as .parquet: {reason}.") from None
    if table.columns.nlevels > 1:
        raise ReverieError(
            f"{path} has names of columns on {table.columns.nlevels} levels; save it with one level."
        )
    if not isinstance(table.index, pd.RangeIndex):
        # Levels of the index become columns, but for those that are columns already.
        kept = [k for k, name in enumerate(table.index.names) if name not in table.columns]
        table = table.reset_index(kept).reset_index(drop=True)
    table = table.rename(columns=str)
    refuse_same_names(path, list(table.columns))
    for name, column in table.items():
        kinds = pd.api.types
        kept = kinds.is_datetime64_any_dtype if name == time else kinds.is_numeric_dtype
        if not kept(column):
            table[name] = column.map(str, na_action="ignore")
    return table


def read_text(path: Path, time: str, encoding: str, decimal: str) -> pd.DataFrame:
    """The table as it is in the file, with the column ``time`` as text.

    Raises ReverieError where pandas would fail or misread the table.
    """
    try:
        with open_table(path) as file:
            head = io.TextIOWrapper(file, codec(encoding), newline="").read(HEAD)
        if head.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
            raise ReverieError(f"{path} is a web page and no table; fetch the file itself.")
        first = next(filter(str.strip, head.splitlines()), "")
        separators = ";\t" if decimal == "," and (";" in first or "\t" in first) else ",;\t"
        separator = max(separators, key=first.count)
        lines = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        lines = (line for line in lines if len(line) > 1 or "".join(line).strip())
        names, values = (
            list(line) for line in itertools.islice(itertools.chain(lines, [[], []]), 2)
        )
        width = max(len(names), len(values))
        unnamed = [f"Unnamed: {place}" for place in range(width)]
        unnamed = [f"{name} (2)" if name in names else name for name in unnamed]
        columns = [
            name or placeholder for name, placeholder in itertools.zip_longest(names, unnamed)
        ]
        refuse_same_names(path, columns)
        with open_table(path) as file, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # about values it drops
            table = pd.read_csv(
                file, sep=separator, encoding=codec(encoding), names=columns, header=0, index_col=False,
                dtype={time: str}, decimal="." if separator == "," else decimal, low_memory=False,
            )  # fmt: skip
    except FileNotFoundError:
        raise absent(path) from None
    except UnicodeError as error:
        raise refusal(path, error, encoding, "forecast.series.encoding") from None
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
    nameless = [name for name in table if re.match(r"Unnamed: \d", name)]
    return table.drop(
        columns=[name for name in nameless if all_empty(table[name]) or counts_rows(table[name])]
    )


def absent(path: Path) -> ReverieError:
    return ReverieError(f"{path} does not exist; forecast.series.path must name it.")


def refuse_same_names(path: Path, columns: list[str]) -> None:
    for name in columns:
        if columns.count(name) > 1:
            raise ReverieError(f"{path}: two columns are named {quoted(name)}; rename one of them.")


def too_long(path: Path, line: int, columns: int) -> ReverieError:
    return ReverieError(
        f"{path}: line {line} has more values than the {columns} columns that its first line names; "
        "write numbers with a decimal point, or separate the columns by semicolons and set "
        "forecast.series.decimal to a comma."
    )


def all_empty(column: pd.Series) -> bool:
    return bool(column.isna().all())


def counts_rows(column: pd.Series) -> bool:
    """Whether it numbers the rows, as the column without a name that pandas writes does."""
    integers = pd.api.types.is_integer_dtype(column)
    return bool(integers and len(column) > 1 and (column.diff()[1:] == 1).all())


def read_time(path: Path, column: pd.Series, style: str) -> pd.Series:
    """The times in UTC, without a zone; ReverieError if one does not have the format ``style``.

    A column of times, which .parquet files have, needs no format.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        time = pd.to_datetime(column, utc=True)
    else:
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
            raise ReverieError(f"{path}: there is no time in {line_of(path, row)}; correct it.")
        raise ReverieError(
            f"{path}: the time {quoted(column.iloc[row])} in {line_of(path, row)} does not follow the "
            f"format {style!r} of forecast.series.time.format."
        )
    return time


def numbers(path: Path, table: pd.DataFrame, decimal: str) -> pd.DataFrame:
    """The table as float64, true and false as 1 and 0; raises ReverieError for any text."""
    converted = {}
    for name, column in table.items():
        converted[name] = as_numbers(column, decimal).astype(np.float64)
        bad = (converted[name].isna() & column.notna()).to_numpy()
        if bad.any():
            row = int(bad.argmax())
            cell, where = str(column.iloc[row]), line_of(path, column.index[row])
            if re.fullmatch(r"[-+]?\d[\d.,]*", cell) and {".", ","} <= set(cell):
                raise ReverieError(
                    f"{path}: column {quoted(name)} has {quoted(cell)} in {where}; numbers with "
                    "separators of thousands are not read, so save the table without them."
                )
            mark, other = ("point", ",") if decimal == "." else ("comma", ".")
            advice = "correct it, "
            if re.fullmatch(rf"[-+]?\d*[{other}]\d+", cell):
                advice += f'set forecast.series.decimal to "{other}", '
            raise ReverieError(
                f"{path}: column {quoted(name)} has {quoted(cell)} in {where}, which is not a number "
                f"with a decimal {mark}; {advice}or name the other columns in forecast.series.columns."
            )
    return pd.DataFrame(converted)


def as_numbers(column: pd.Series, decimal: str) -> pd.Series:
    """The column as numbers, NaN where it is text."""
    if decimal == "," and not pd.api.types.is_numeric_dtype(column):  # since one cell is no number
        column = column.map(lambda cell: cell.translate(SWAP) if isinstance(cell, str) else cell)
    return pd.to_numeric(column, errors="coerce")


def is_numeric(files: list[File], name: str, decimal: str) -> bool:
    """Whether more than half of the column ``name`` are numbers, in every file."""
    return all(
        pd.api.types.is_numeric_dtype(file.table[name])
        or as_numbers(file.table[name], decimal).notna().mean() > 0.5
        for file in files
    )


def require(path: Path, setting: str, names: list[str], columns) -> None:
    for name in names:
        if name not in columns:
            named = shortened(", ".join(map(quoted, columns)), 600)
            raise ReverieError(
                f"{path}: there is no column {quoted(name)} ({setting}); it has {named}."
            )
