"""The column of a table that holds the time, and its format."""

import re
import shlex
import warnings

import pandas as pd
from pandas.tseries.api import guess_datetime_format

from reverie.config.fields import did_you_mean
from reverie.errors import ReverieError, quoted, shortened
from reverie.own.overlay import Guess

DATE = re.compile(r"(\d+)([-./ ])(\d+)\2(\d+)(?!\d)")
TIME_OF_DAY = re.compile(
    r"(?P<gap>T| +)\d\d?(?P<minute>:\d\d)?(?P<second>:\d\d)?(?P<part>\.\d+)?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?(Z|[-+]\d\d:?\d\d))?"
)
CLOCK = r"\d{1,2}:\d\d(:\d\d)?"
DIGITS = {8, 10, 12, 14}  # of a date that is written as one number


def guess(path, table: pd.DataFrame, name: str | None, style: str | None) -> dict[str, Guess]:
    """The settings `column` and `format`; ``name`` and ``style`` are what the user says they are.

    Raises ReverieError where there is no time, and where several columns or formats may be meant.
    """
    if name and name not in table:
        raise ReverieError(
            f"TIME={shlex.quote(name)}: {path} has no such column{did_you_mean(name, list(table))}"
        )
    candidates = [name] if name else list(table)
    fitting = {column: formats(table[column], style) for column in candidates}
    fitting = {column: styles for column, styles in fitting.items() if styles}
    if not fitting:
        row = ", ".join(f"{column}: {table[column].iloc[0]}" for column in candidates)
        format_of = f"the format {style}" if style else "one known format"
        raise ReverieError(
            f"{path} has no column in which all rows are dates of {format_of} (its first row has "
            f"{shortened(row, 300)}); say TIME=… and FORMAT='%d.%m.%Y %H:%M', or what fits."
        )
    column, styles = next(iter(fitting.items()))
    if len(fitting) > 1:
        named = ", ".join(map(quoted, fitting))
        raise ReverieError(
            f"{path} has dates in {named}; say TIME={shlex.quote(column)} or another."
        )
    if len(styles) > 1:
        choices = " or ".join(f"FORMAT={shlex.quote(style)}" for style in styles)
        raise ReverieError(
            f"{path}: all dates in {quoted(column)}, such as {table[column].iloc[0]}, can be read in "
            f"{len(styles)} ways; say {choices}."
        )
    if read(pd.Series([column]), styles[0]).notna().all():
        raise ReverieError(
            f"{path} begins with a row of values, {quoted(column)} among them; put a line with the names "
            "of the columns above it."
        )
    times = read(table[column], styles[0])
    texts = table.select_dtypes(exclude="number").astype(str)
    clocks = [other for other in texts if texts[other].str.fullmatch(CLOCK).all()]
    if clocks and times.duplicated().any() and times.equals(times.dt.normalize()):
        raise ReverieError(
            f"{path} has the date in {quoted(column)} and the time of day in {quoted(clocks[0])}; put "
            "both into one column, such as 2020-01-31 00:15."
        )
    return {
        "column": Guess(column, "as you said" if name else "the only column of dates"),
        "format": Guess(styles[0], "as you said" if style else "the only one that fits all rows"),
    }


def read(column: pd.Series, style: str) -> pd.Series:
    """The times, NaT where a cell does not follow the format ``style``."""
    try:
        return pd.to_datetime(column.astype(str), format=style, errors="coerce", utc=True)
    except (ValueError, re.error):  # a format that is none
        return pd.Series(pd.NaT, column.index)


def formats(column: pd.Series, style: str | None = None) -> list[str]:
    """The formats by which every cell is a date, those with equal results only once."""
    number, cells = pd.api.types.is_numeric_dtype(column), column.dropna()
    if cells.nunique() < 3 or (number and not pd.api.types.is_integer_dtype(column)):
        return []
    cells = cells.astype(str)
    if number and not cells.str.len().isin(DIGITS).all():
        return []
    fitting: dict[str, pd.Series] = {}
    for candidate in [style] if style else possible(cells.iloc[0]):
        times = read(cells, candidate)
        if times.notna().all() and not any(times.equals(other) for other in fitting.values()):
            fitting[candidate] = times
    return list(fitting)


def possible(cell: str) -> list[str]:
    """The formats that a date such as ``cell`` may have."""
    date = DATE.match(cell)
    clock = TIME_OF_DAY.fullmatch(cell[date.end() :] or " 0") if date else None
    if not clock:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is read otherwise than by `dayfirst`
            guesses = {guess_datetime_format(cell, dayfirst=first) for first in (True, False)}
        guesses = {style for style in guesses if style and re.search("%[Yy]", style)}
        # May is a long name and a short one.
        return sorted(guesses | {style.replace("%B", "%b") for style in guesses})
    first, mark, _, last = date.groups()
    years = ["dmY", "mdY"] if len(last) == 4 else ["dmy", "mdy"] + ["ymd"] * (mark == "-")
    orders = ["Ymd"] if len(first) == 4 else years
    style = clock["gap"] + ("%I" if clock["half"] else "%H")
    style += "".join(code for part, code in [("minute", ":%M"), ("second", ":%S"), ("part", ".%f")] if clock[part])  # fmt: skip
    style += re.sub(r"\w+", "%p", clock["half"] or "") + re.sub(r"\S+", "%z", clock["zone"] or "")
    style = style if cell[date.end() :] else ""
    styles = [mark.join(f"%{letter}" for letter in order) + style for order in orders]
    return ["ISO8601"] * (orders == ["Ymd"]) + styles
