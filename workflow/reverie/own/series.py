"""The overlay for a series: how its files are read, and windows that suit its interval and length."""

import itertools
import math
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from reverie import durations, records
from reverie.archives import open_table
from reverie.bootstrap import FEWEST
from reverie.config.fields import did_you_mean
from reverie.errors import ReverieError, quoted, shortened
from reverie.forecast import series, table
from reverie.forecast import windows as forecast_windows
from reverie.forecast.climatology import YEAR
from reverie.forecast.evaluation import block_days
from reverie.own import encodings, times
from reverie.own.overlay import Guess

COMMA_NUMBER = r"\s*[-+]?\d+,\d+\s*"
UNITS = {
    "degc": "°C", "c": "°C", "degf": "°F", "deg": "°", "hpa": "hPa", "pa": "Pa", "kpa": "kPa", "pct": "%", "percent": "%",
    "w": "W", "kw": "kW", "mw": "MW", "kwh": "kWh", "mwh": "MWh", "v": "V", "hz": "Hz", "m3s": "m³/s",
    "eur": "EUR", "usd": "USD", "gbp": "GBP",
} | {unit: unit for unit in ["m", "cm", "mm", "km", "mbar", "bar", "s", "ms", "min", "l", "ppm", "ppb"]}  # fmt: skip
# How people write "not measured"; these count where they stand far from all other values.
MARKS = [-99, -99.9, -99.99, *(s * n for s in (1, -1) for n in (999, 999.9, 9999, 9999.9, 99999, 999999)), -32768]  # fmt: skip
NICE = [1440, 720, 360, 180, 120, 60, 30, 15, 10, 5, 2, 1, 0.5, 1 / 6, 1 / 12, 1 / 30, 1 / 60]  # minutes  # fmt: skip
MOST_GAPS = 0.01  # of the rows; with more, as between working days, rows are inserted
FILL = 3  # rows, or hours if that is longer, for which the last measured value is repeated
DELAYS = 10  # in the lecture's lookback
INPUTS, FEWEST_INPUTS = 240, 70  # of a window: the lecture's, and what its convnets need
FEWEST_ROWS = 700
VALIDATION, TEST, LONGEST_TEST = 0.2, 0.2, 0.4  # shares of the rows
LEAST_TRAINING = 0.3  # where validation and test both get what an interval needs
BATCH, SMALL_BATCH = 128, 32
EPOCHS, PATIENCE = 20, 4


class Size(NamedTuple):
    """Networks for training parts with at least ``fewest`` different windows: those a delay apart.

    ``units`` of a GRU and filters of a convnet, 0 for no network; ``dropout``; training ``steps`` in an
    epoch.
    """

    fewest: int
    units: int
    dropout: float
    steps: int


SIZES = [Size(0, 0, 0, 0), Size(50, 8, 0.3, 40), Size(300, 16, 0.2, 80), Size(1000, 32, 0.1, 160)]


def guesses(arguments: dict[str, str], base: dict) -> dict:
    """The settings for the file or files `SERIES`; ``base`` are those that the overlay changes.

    Raises ReverieError for files that cannot be used, and where a question must be answered by one of
    the arguments `TARGET, TIME, FORMAT, UNIT, DELAY, LOOKBACK, STEP, ENCODING`.
    """
    names, paths = files(arguments["SERIES"])
    texts = [open_table(path).read() for path in paths if not table.is_parquet(path)]
    encoding = Guess("utf-8")
    if texts:
        encoding = encodings.guess(texts, names[0], arguments.get("ENCODING"))
    decimal, cells = read(paths, encoding.value)
    if cells.empty:
        raise ReverieError(f"{paths[0]} has no rows.")
    time = times.guess(paths[0], cells, arguments.get("TIME"), arguments.get("FORMAT"))
    cells = cells.drop(columns=time["column"].value)
    shares = {name: share_of_numbers(cells[name], decimal) for name in cells}
    numeric = [name for name, share in shares.items() if share > 0.5]
    target = target_of(paths[0], numeric, arguments.get("TARGET"))
    inputs = [name for name in numeric if shares[name] == 1 or name == target.value]
    settings = {
        "path": Guess(names[0] if len(names) == 1 else names),
        "time": time,
        "target": target,
        "unit": unit(target.value, arguments.get("UNIT")),
        "encoding": encoding,
        "decimal": Guess(decimal, "as in 2,41"),
    }
    reading = {key: guess.value for key, guess in settings.items() if key != "time"}
    reading["time"] = {key: guess.value for key, guess in time.items()}
    reading |= {"columns": inputs, "sentinels": [], "derive_moisture": False}
    when, values, places, _ = table.read(paths, reading)

    settings["sentinels"] = sentinels(values)
    values = values.mask(values.isin(settings["sentinels"].value))
    counts = {
        "missing values, sentinels among them": values.isna().sum().sum(),
        "repeated times": when.duplicated().sum(),
        "times out of order": (series.minutes_apart(when) < 0).sum(),
    }
    dirty = [f"{what}: {count:,}" for what, count in counts.items() if count]
    order = when.drop_duplicates().sort_values().index
    when, values = when[order], values.loc[order]
    measured = values[target.value].notna().to_numpy()
    try:
        interval = series.interval_minutes(when, places)
        gaps = series.count_gaps(when, interval)["gaps"]
        if gaps > MOST_GAPS * len(when):
            reason = (
                f"{gaps:,} gaps between rows, over which no forecast may reach further than it says"
            )
            settings["every"] = Guess(duration(interval), reason)
    except ReverieError:
        settings["every"] = every(series.minutes_apart(when).median())
    if "every" in settings:
        interval = durations.minutes(settings["every"].value)
        measured = with_inserted(when, measured, interval)
        dirty.append("intervals without a row")
    settings["clean"] = Guess(bool(dirty), ", ".join(dirty) or "nothing is missing or repeated")
    if dirty and FILL * interval > FILL * 60:
        settings["fill"] = Guess(duration(FILL * interval), f"{FILL} rows")
    rows = len(measured)
    lengths, spans = windows(paths[0], rows, interval, arguments)
    split = parts(measured, interval, lengths)
    share = split["split"]["train"].value
    training = values.iloc[: int(share * len(values))]
    changing = [name for name in inputs if training[name].nunique() > 1 or name == target.value]
    if changing != numeric:
        others = ", ".join(quoted(name) for name in numeric if name not in changing)
        reason = f"not {shortened(others, 300)}: always the same, or with text among the numbers"
        settings["columns"] = Guess(changing, reason)
    for key, default in {"encoding": "utf-8", "decimal": "."}.items():
        if settings[key].value == default:
            del settings[key]
    tree = {"series": settings} | split | spans | forecasters(base, share * rows, lengths, interval)
    return {"parts": Guess(["forecast"]), "forecast": tree}


def with_inserted(when: pd.Series, measured: np.ndarray, interval: float) -> np.ndarray:
    """Whether the target was ``measured`` in each interval of so many minutes, (rows,)."""
    place = ((when - when.iloc[0]) // pd.Timedelta(minutes=interval)).to_numpy()
    rows = np.zeros(place[-1] + 1, bool)
    rows[place[measured]] = True
    return rows


def files(text: str) -> tuple[list[str], list[Path]]:
    """The paths and patterns in ``text``, and the files that they name."""
    try:
        names = [text] if records.matching(text) else shlex.split(text)
    except ValueError:  # an apostrophe that is never closed
        names = [text]
    paths = []
    for name in names:
        matches = list(filter(Path.is_file, map(Path, records.matching(name))))
        if not matches:
            raise ReverieError(f"SERIES: there is no file {name}; correct the path.")
        paths += matches
    return names, list(dict.fromkeys(paths))


def read(paths: list[Path], encoding: str) -> tuple[str, pd.DataFrame]:
    """The decimal mark of the numbers, and the cells of all files, dates as text."""

    def cells(decimal: str) -> pd.DataFrame:
        tables = [
            table.read_parquet(path, "")
            if table.is_parquet(path)
            else table.read_text(path, "", encoding, decimal)
            for path in paths
        ]
        return pd.concat(tables, ignore_index=True)

    whole = cells(".")
    for _, column in whole.select_dtypes(exclude=["number", "bool"]).items():
        if column.dropna().astype(str).str.fullmatch(COMMA_NUMBER).mean() > 0.5:
            return ",", cells(",")
    return ".", whole


def share_of_numbers(column: pd.Series, decimal: str) -> float:
    """The share of numbers among the cells that are not empty; 0 for a column without any."""
    cells = column.dropna()
    return float(table.as_numbers(cells, decimal).notna().mean()) if len(cells) else 0.0


def target_of(path: Path, numeric: list[str], name: str | None) -> Guess:
    """The column to forecast; ``name`` is what the user says."""
    if not numeric:
        raise ReverieError(f"{path} has no column of numbers beside its time.")
    if name and name not in numeric:
        hint = did_you_mean(name, numeric)
        raise ReverieError(
            f"TARGET={shlex.quote(name)}: {path} has no such column of numbers{hint}"
        )
    if not name and len(numeric) > 1:
        raise ReverieError(
            f"{path} has numbers in {shortened(', '.join(map(quoted, numeric)), 600)}; say which to "
            f"forecast, such as TARGET={shlex.quote(numeric[0])}."
        )
    return Guess(name, "as you said") if name else Guess(numeric[0], "the only column of numbers")


def unit(target: str, stated: str | None) -> Guess:
    """The unit that stands in the target's name, as in `level_m`, `T (degC)` and `p [mbar]`."""
    if stated:
        return Guess(stated, "as you said")
    in_brackets = re.search(r"[(\[]([^()\[\]]+)[)\]]\s*$", target)
    ending = target.rpartition("_")[2].lower() if "_" in target else ""
    text = in_brackets[1].strip() if in_brackets else UNITS.get(ending, "")
    text = UNITS[text.lower()] if text.lower() in ("degc", "degf", "deg") else text
    reason = "from the target's name" if text else "the target's name has none; write it here"
    return Guess(text.replace("**2", "²").replace("**3", "³"), reason)


def sentinels(values: pd.DataFrame) -> Guess:
    """The MARKS that stand farther from all other values than these from each other, wherever they occur."""
    apart: dict[float, bool] = {}
    marked = values.isin(MARKS)
    for name in values.columns[marked.any()]:
        others = values[name].mask(marked[name])
        low, high = others.min(), others.max()
        for mark in values[name][marked[name]].unique():
            far = max(low - mark, mark - high) > high - low
            apart[float(mark)] = apart.get(float(mark), True) and bool(far)
    marks = sorted(mark for mark, far in apart.items() if far)
    reason = "far from all other values" if marks else "no value such as -9999 stands far off"
    return Guess(marks, reason)


def every(typical: float) -> Guess:
    """The interval, as a setting, to which rows that come ``typical`` minutes apart are brought."""
    longer = [length for length in reversed(NICE) if length > 0.99 * typical]
    length = longer[0] if longer else math.ceil(typical / 1440) * 1440
    reason = f"rows come at irregular times, mostly {typical:.3g} minutes apart"
    return Guess(duration(length), reason)


def duration(length: float) -> str:
    """A length in minutes in the longest unit of which it is a whole number."""
    for name in ("day", "hour", "minute", "second"):
        number = length / durations.MINUTES[name]
        if round(number) and abs(number - round(number)) < 1e-6:
            return f"{round(number)} {name}{'s' * (round(number) > 1)}"
    return f"{length * 60:.10g} seconds"


def windows(
    path: Path, rows: int, interval: float, arguments: dict[str, str]
) -> tuple[dict[str, int], dict[str, Guess]]:
    """`lookback, step, delay` in rows and as settings."""
    if rows < FEWEST_ROWS:
        raise ReverieError(
            f"{path} has {rows:,} rows, {duration(interval)} apart, and a forecast needs at least "
            f"{FEWEST_ROWS}; use a longer series."
        )
    stated = {}
    for name in ("lookback", "step", "delay"):
        if text := arguments.get(name.upper()):
            try:
                stated[name] = durations.rows(text, interval, name.upper())
            except ValueError as error:
                raise ReverieError(f"{name.upper()}: {error}.") from None
    usual = [length / interval for length in NICE]
    whole = [round(n) for n in usual if 1 <= n <= rows / DELAYS**2 and abs(n - round(n)) < 1e-6]
    delay = whole[0] if whole else 1
    long = stated.get("lookback", DELAYS * delay)
    steps = (n for n in itertools.count(1) if n * INPUTS >= long)
    if "lookback" in stated:
        steps = (n for n in steps if long % n == 0)
    step = stated.get("step") or next(steps)
    lookback = stated.get("lookback") or step * max(long // step, FEWEST_INPUTS)
    lengths = {"lookback": lookback, "step": step, "delay": stated.get("delay", delay)}
    reasons = {
        "lookback": "what a network sees of the past",
        "step": f"between the values that it sees; rows are {duration(interval)} apart",
        "delay": "how far ahead it forecasts",
    }
    return lengths, {
        name: Guess(duration(length * interval), "as you said" if name in stated else reasons[name])
        for name, length in lengths.items()
    }


def parts(measured: np.ndarray, interval: float, lengths: dict[str, int]) -> dict:
    """`split` and, where its parts are short, `batch`; ``measured`` (rows,) says where the target was.

    Where the rows suffice, validation and test parts are long enough for an interval: a recommendation
    needs that of validation.
    """
    rows, days = len(measured), block_days(duration(lengths["delay"] * interval))
    usable = forecast_windows.usable(measured, lengths["step"], lengths["delay"])
    needed = FEWEST * days * 1440 / interval + lengths["lookback"] + BATCH

    def suffices(share: float) -> bool:
        """Whether the last ``share`` of the rows, and as long a part before, have windows enough."""
        ends = [rows - round(times * share * rows) for times in (2, 1, 0)]
        validation, test = (usable[low:high].sum() for low, high in itertools.pairwise(ends))
        return test >= needed and (validation >= needed or 1 - 2 * share < LEAST_TRAINING)

    percents = range(round(100 * TEST), round(100 * LONGEST_TEST) + 1)
    test = next((percent / 100 for percent in percents if suffices(percent / 100)), None)
    reason = f"{FEWEST} blocks of {days:g} days, for an interval"
    if test is None:
        test, whole = TEST, needed * rows / max(usable.sum(), 1)
        reason = f"too short for an interval, which needs {whole * interval / 1440:.0f} days"
    validation = test if 1 - 2 * test >= LEAST_TRAINING else VALIDATION
    split = {
        "train": Guess(round(1 - test - validation, 2), f"share of the {rows:,} rows"),
        "validation": Guess(round(1 - test, 2), f"the test part after it: {reason}"),
    }
    if validation * rows - lengths["lookback"] > 4 * BATCH:
        return {"split": split}
    return {"split": split, "batch": Guess(SMALL_BATCH, f"{BATCH} would leave few windows")}


def forecasters(
    base: dict, training: float, lengths: dict[str, int], interval: float
) -> dict[str, Guess | dict]:
    """`select` and `variants`: all that are no networks, and networks of a size that suits the series.

    ``training`` counts the rows of the training part. A selection in ``base`` stays, but for convnets
    where windows are too short. Variants with steps of their own get some that fit.
    """
    step, variants = lengths["step"], base["forecast"]["variants"]
    own = {"step": step // 2 if step % 2 == 0 else step, "lookback": lengths["lookback"]}
    changed = {
        name: {key: Guess(duration(own[key] * interval)) for key in own if variant.get(key)}
        for name, variant in variants.items()
        if any(variant.get(key) for key in own)
    }
    settings: dict[str, Guess | dict] = {"variants": changed} if changed else {}
    short = lengths["lookback"] // step < FEWEST_INPUTS
    needed = f"convnets need windows of {FEWEST_INPUTS} values"
    if names := base["forecast"].get("select"):
        kept = [name for name in names if "Conv1D" not in str(variants[name].get("layers"))]
        return settings | ({"select": Guess(kept, needed)} if short else {})
    cheap = [name for name, variant in variants.items() if not variant.get("layers")]
    different = int(training / lengths["delay"])
    size = max(size for size in SIZES if size.fewest <= different)
    count = f"{different:,} training windows a delay apart"
    if not size.units:
        few = f"no network, which would learn {count} by heart; a small one needs {SIZES[1].fewest}"
        return settings | {"select": Guess(cheap, few)}
    added = networks(size, training * interval)
    if short:
        del added["conv1d_change"]
    suit = f"{count} suit networks of {size.units} units" + f"; {needed}" * short
    return {
        "select": Guess([*added, *cheap], suit),
        "variants": changed | added,
        "steps": Guess(size.steps, "training steps in an epoch"),
        "max_epochs": Guess(EPOCHS, "also in a quick run"),
        "patience": Guess(PATIENCE, "epochs without a lower validation error that end a training"),
    }


def networks(size: Size, minutes: float) -> dict[str, dict]:
    """Variants that forecast the change from naive; the training part is ``minutes`` long.

    The change is that of the difference from the climatology, so that they need not learn the course of
    a day. They get the calendar only where training has seen every day of the year twice.
    """
    dropout = {"dropout": size.dropout, "recurrent_dropout": size.dropout}
    gru = [{"GRU": {"units": size.units} | dropout}]
    first, second = (
        {"Conv1D": {"filters": size.units, "kernel_size": 5, "activation": "relu"}}
        for _ in range(2)
    )
    pooled, last = {"MaxPooling1D": {"pool_size": 3}}, {"Dropout": {"rate": size.dropout}}
    convnet = [first, pooled, second, "GlobalAveragePooling1D", last]
    calendar = Guess(minutes > 2 * YEAR / 60, "only where training has two years")
    return {
        f"{name}_change": {
            "title": Guess(f"{title} of the change"),
            "layers": Guess(layers),
            "residual": Guess("climatology", "from naive to the target, beside what is usual"),
            "calendar": calendar,
            "ensemble": Guess(True, "of several seeds, the mean forecast counts too"),
            "epochs": Guess(EPOCHS),
        }
        for name, title, layers in [("gru", "GRU", gru), ("conv1d", "1D convnet", convnet)]
    }
