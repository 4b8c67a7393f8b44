"""Episodes: what was measured of each patient, and when, in one compact file.

The records of the PhysioNet/CinC Challenge 2012 (Silva et al. 2012, "Predicting in-hospital mortality of
ICU patients") and tables of the user's own are read into the same arrays, :class:`Episodes`.
"""

import csv
import io
import math
import tarfile
import warnings
from collections import Counter
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from reverie.archives import open_table
from reverie.diagnose.variables import STATICS, VARIABLES, limits
from reverie.errors import ReverieError, quoted

HEADER = b"Time,Parameter,Value"
OUTCOMES = ["SAPS-I", "SOFA", "Length_of_stay", "Survival", "In-hospital_death"]
DEATH = "In-hospital_death"
TABLE = ["episode", "time", "variable", "value"]
MISSING = -1  # the Challenge's mark of a value that is missing
LAST = np.nextafter(np.float32(48), 0)  # its records end at 48:00, a moment of their last hour


@dataclass
class Episodes:
    """Measurements of all episodes, sorted by variable, episode and time, and facts of each episode.

    Arrays: `ids` (episodes,) texts; `variables` (variables,) names; `bounds` (variables + 1,), where
    the measurements of each variable start; `episode` (measurements,) numbers of episodes, `time`
    (measurements,) hours since the start, `value` (measurements,); `statics` (episodes, statics), what is
    known at the start, and `outcomes` (episodes, outcomes), with their names; NaN is unknown.
    """

    ids: np.ndarray
    variables: np.ndarray
    bounds: np.ndarray
    episode: np.ndarray
    time: np.ndarray
    value: np.ndarray
    statics: np.ndarray
    static_names: np.ndarray
    outcomes: np.ndarray
    outcome_names: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, variable: str, start: float = 0, end: float = np.inf):
        """Episodes, times and values of a variable from ``start`` to before ``end``, each (measurements,).

        Empty for a variable that was never measured.
        """
        (place,) = np.nonzero(self.variables == variable)
        part = slice(*self.bounds[place[0] : place[0] + 2]) if len(place) else slice(0, 0)
        episode, time, value = self.episode[part], self.time[part], self.value[part]
        inside = (time >= start) & (time < end)
        return episode[inside], time[inside], value[inside]

    def outcome(self, name: str) -> np.ndarray:
        """The outcome of each episode, (episodes,)."""
        return self.outcomes[:, self.outcome_names.tolist().index(name)]

    def only(self, rows: np.ndarray) -> "Episodes":
        """The episodes ``rows``, sorted numbers, and their measurements."""
        kept = np.isin(self.episode, rows)
        counts = np.concatenate([[0], np.cumsum(kept)])
        return replace(
            self,
            ids=self.ids[rows],
            bounds=counts[self.bounds],
            episode=np.searchsorted(rows, self.episode[kept]).astype(self.episode.dtype),
            time=self.time[kept],
            value=self.value[kept],
            statics=self.statics[rows],
            outcomes=self.outcomes[rows],
        )

    def save(self, file: Path) -> None:
        np.savez_compressed(
            file, **{field.name: getattr(self, field.name) for field in fields(self)}
        )


def load(file: Path) -> Episodes:
    """The episodes that :meth:`Episodes.save` wrote."""
    with np.load(file, allow_pickle=False) as saved:
        return Episodes(**{field.name: saved[field.name] for field in fields(Episodes)})


@dataclass
class Rows:
    """The rows of a table of measurements, as they stand in a file.

    `episode` and `variable`, (rows,), are places in the lists `ids` and `names`; `time` (rows,) is in
    hours, `value` (rows,) in the variable's unit.
    """

    ids: list[str]
    names: list[str]
    episode: np.ndarray
    time: np.ndarray
    variable: np.ndarray
    value: np.ndarray

    def named(self, *names: str) -> np.ndarray:
        """Whether the variable of each row is one of these, (rows,)."""
        return np.isin(self.names, names)[self.variable]

    def where(self, kept: np.ndarray) -> "Rows":
        """The rows that are ``kept``, (rows,) bool."""
        arrays = {
            name: getattr(self, name)[kept] for name in ("episode", "time", "variable", "value")
        }
        return replace(self, **arrays)


def challenge(sets: list[tuple[Path, Path]]) -> tuple[Episodes, dict]:
    """The stays of the Challenge, and counts of what was dropped.

    ``sets`` are pairs of an archive of records and its table of outcomes. Raises ReverieError for an
    archive that is damaged, a record or table that cannot be read, and outcomes without a record.
    """
    parts, outcomes = [], []
    for archive, table in sets:
        parts.append(records(archive))
        outcomes.append(outcome_table(table))
        without = sorted(set(outcomes[-1].index) - set(parts[-1].ids))
        if without:
            raise ReverieError(
                f"{archive} has no record of {len(without):,} of the {len(outcomes[-1]):,} stays in "
                f"{table}, {without[0]} for one; it is damaged or of another set."
            )
    rows, outcome = joined(parts), pd.concat(outcomes)
    if len(set(rows.ids)) < len(rows.ids) or not outcome.index.is_unique:
        raise ReverieError(f"{sets[0][0]} and the other sets share stays; name each set once.")
    statics = statics_of(rows)
    rows, counts = without_errors(rows)
    rows.time = np.minimum(rows.time, LAST)
    weighed_only = np.bincount(rows.episode[~rows.named("Weight")], minlength=len(rows.ids)) == 0
    rows = rows.where(~weighed_only[rows.episode])
    return built(rows, outcome, list(VARIABLES), statics, counts)


def statics_of(rows: Rows) -> pd.DataFrame:
    """What is known of each stay at its start, by stay; NaN where it is missing or beyond its limits."""
    values = np.full((len(rows.ids), len(STATICS)), np.nan, np.float32)
    for column, (name, (low, high, _)) in enumerate(STATICS.items()):
        measured = rows.where(rows.named(name) & (rows.value >= low) & (rows.value <= high))
        values[measured.episode, column] = measured.value
    return pd.DataFrame(values, rows.ids, list(STATICS))


def without_errors(rows: Rows) -> tuple[Rows, dict]:
    """The rows that are measurements, and counts of those that are not: without a name, missing, of an
    unknown variable, or beyond the limits of theirs."""
    rows = rows.where(~rows.named("RecordID", *STATICS))
    unnamed, missing = rows.named(""), rows.value == MISSING
    counts = {
        "lines": len(rows.value),
        "without_name": int(unnamed.sum()),
        "missing_values": int((missing & ~unnamed).sum()),
    }
    rows = rows.where(~unnamed & ~missing)
    unknown = ~rows.named(*VARIABLES)
    counts["unknown_variables"] = by_name(rows.where(unknown))
    rows = rows.where(~unknown)
    low, high = limits(rows.names)[rows.variable].T
    beyond = ~((rows.value >= low) & (rows.value <= high))
    counts["beyond_limits"] = by_name(rows.where(beyond))
    return rows.where(~beyond), counts


def by_name(rows: Rows) -> dict[str, int]:
    """How many rows there are of each variable, without those of 0."""
    counts = np.bincount(rows.variable, minlength=len(rows.names))
    return {name: int(count) for name, count in zip(rows.names, counts, strict=True) if count}


def joined(parts: list[Rows]) -> Rows:
    """The rows of several tables with different episodes, as one."""
    names = sorted({name for part in parts for name in part.names})
    place = {name: number for number, name in enumerate(names)}
    starts = np.cumsum([0, *(len(part.ids) for part in parts)])
    return Rows(
        ids=[name for part in parts for name in part.ids],
        names=names,
        episode=np.concatenate(
            [part.episode + start for part, start in zip(parts, starts, strict=False)]
        ),
        time=np.concatenate([part.time for part in parts]),
        variable=np.concatenate(
            [np.array([place[name] for name in part.names])[part.variable] for part in parts]
        ),
        value=np.concatenate([part.value for part in parts]),
    )


def records(archive: Path) -> Rows:
    """All rows of an archive of records, a .txt for each stay.

    The records are parsed as one text: one by one they would take several times as long.
    """
    names, texts, lines = [], [], []
    try:
        with tarfile.open(fileobj=open_table(archive), mode="r|") as members:
            for member in members:
                if not member.isfile() or not member.name.endswith(".txt"):
                    continue
                header, _, text = members.extractfile(member).read().partition(b"\n")
                if header.rstrip(b"\r") != HEADER:
                    raise ReverieError(
                        f"{archive}: {member.name} must begin with {HEADER.decode()!r}, not with "
                        f"{quoted(header.decode(errors='replace'))}."
                    )
                text = text if text.endswith(b"\n") or not text else text + b"\n"
                names.append(member.name)
                texts.append(text)
                lines.append(text.count(b"\n"))
    except tarfile.TarError:
        raise ReverieError(
            f"{archive} is not a tar archive or is damaged; fetch it again."
        ) from None
    if not names:
        raise ReverieError(f"{archive} holds no record, a .txt for each stay.")
    try:
        table = parsed(b"".join(texts))
    except (ValueError, pd.errors.ParserWarning):
        raise first_mistake(archive, names, texts) from None
    ids = [PurePosixPath(name).stem for name in names]
    if len(set(ids)) < len(ids):
        raise ReverieError(f"{archive} holds two records of the same stay; fetch it again.")
    return Rows(
        ids=ids,
        names=table["variable"].cat.categories.tolist(),
        episode=np.repeat(np.arange(len(ids), dtype=np.int32), lines),
        time=table["time"].to_numpy(),
        variable=table["variable"].cat.codes.to_numpy(),
        value=table["value"].to_numpy(),
    )


def parsed(text: bytes) -> pd.DataFrame:
    """The lines `time,variable,value` of a text without header; ValueError or ParserWarning if one is not so."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # lines with more cells
        table = pd.read_csv(
            io.BytesIO(text), header=None, names=["time", "variable", "value"], index_col=False,
            dtype={"time": "category", "variable": "category", "value": np.float64},
            na_filter=False, skip_blank_lines=False, quoting=csv.QUOTE_NONE,
        )  # fmt: skip
    times = np.array([hours(time) for time in table["time"].cat.categories], np.float32)
    table["time"] = times[table["time"].cat.codes]
    if not np.isfinite(table["value"]).all():
        raise ValueError("a value is not finite")
    return table


def hours(time: str) -> float:
    """The hours of `hh:mm` or of a number of hours; ValueError for anything else."""
    whole, colon, minutes = str(time).partition(":")
    if colon and not (whole.isdecimal() and minutes.isdecimal() and int(minutes) < 60):
        raise ValueError(time)
    value = int(whole) + int(minutes) / 60 if colon else float(whole)
    if not 0 <= value < np.inf:
        raise ValueError(time)
    return value


def first_mistake(archive: Path, names: list[str], texts: list[bytes]) -> ReverieError:
    """Where the first line is that is not `hh:mm,name,number`."""
    for name, text in zip(names, texts, strict=True):
        for number, line in enumerate(text.decode(errors="replace").splitlines(), 2):
            try:
                time, _, value = line.split(",")
                if not (hours(time) >= 0 and math.isfinite(float(value))):
                    raise ValueError(value)
            except ValueError:
                return ReverieError(
                    f"{archive}: {name}, line {number}: {quoted(line)} is not a time, a name and a "
                    "number."
                )
    return ReverieError(f"{archive}: its records cannot be read as tables; fetch it again.")


def outcome_table(file: Path) -> pd.DataFrame:
    """The outcomes of a set by stay; what is missing is NaN. Raises ReverieError for another table."""
    table = table_of(file, ["RecordID", *OUTCOMES])
    outcomes = numbers(file, table, OUTCOMES)
    refuse(file, table[DEATH], ~outcomes[DEATH].isin([0, 1]), "death, 0 or 1")
    return outcomes.where(outcomes != MISSING).set_index(table["RecordID"])


def own(table: Path, labels: Path) -> tuple[Episodes, dict]:
    """Episodes of the user's own, and counts of what was dropped.

    ``table`` has the columns `episode, time, variable, value`, a row a measurement, with the time in
    hours or as `hh:mm`; ``labels`` has `episode` and a column of 0 and 1 for each label. No limits
    are applied, since the units are the user's. Raises ReverieError for tables that are not so.
    """
    rows = table_of(table, TABLE)
    refuse(table, rows["episode"], rows["episode"] == "", "name of an episode")
    refuse(table, rows["variable"], rows["variable"] == "", "name of a variable")
    times, ids, names = (rows[name].astype("category") for name in ("time", "episode", "variable"))
    time = np.array([as_hours(text) for text in times.cat.categories])[times.cat.codes]
    refuse(table, rows["time"], np.isnan(time), "time, hours as a number or as hh:mm")
    measured = Rows(
        ids=ids.cat.categories.tolist(),
        names=names.cat.categories.tolist(),
        episode=ids.cat.codes.to_numpy(),
        time=time,
        variable=names.cat.codes.to_numpy(),
        value=numbers(table, rows, ["value"])["value"].to_numpy(),
    )
    statics, counts = pd.DataFrame(index=measured.ids), {"lines": len(rows)}
    return built(measured, labels_of(labels), measured.names, statics, counts)


def labels_of(file: Path) -> pd.DataFrame:
    """The labels of each episode in the user's table, 0 or 1."""
    table = table_of(file, ["episode"])
    names = [name for name in table if name != "episode"]
    if not names:
        raise ReverieError(f"{file} needs a column for each label, beside `episode`.")
    refuse(file, table["episode"], table["episode"].duplicated(), "new episode")
    labels = numbers(file, table, names)
    for name in names:
        refuse(file, table[name], ~labels[name].isin([0, 1]), "label, 0 or 1")
    return labels.set_index(table["episode"])


def as_hours(time: str) -> float:
    try:
        return hours(time)
    except ValueError:
        return np.nan


def table_of(file: Path, columns: list[str]) -> pd.DataFrame:
    """The table in the file, as texts; ReverieError where a column is missing or lines are torn."""
    with open_table(file) as source, warnings.catch_warnings():
        # Of lines with more cells than the first.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            table = pd.read_csv(
                source,
                header=None,
                dtype=str,
                na_filter=False,
                index_col=False,
                skip_blank_lines=False,
            )
        except (
            pd.errors.ParserError,
            pd.errors.ParserWarning,
            pd.errors.EmptyDataError,
            UnicodeDecodeError,
        ) as error:
            reason = " ".join(str(error).split())
            raise ReverieError(f"{file} cannot be read as a table: {reason}.") from None
    table = table.map(str.strip)
    table.columns = table.iloc[0].tolist()
    if twice := [name for name, count in Counter(table.columns).items() if count > 1]:
        raise ReverieError(f"{file} has two columns {quoted(twice[0])}; rename one of them.")
    table = table[1:]
    table = table[(table != "").any(axis=1)]  # without blank lines; the others keep their numbers
    for column in columns:
        if column not in table.columns:
            raise ReverieError(f"{file} has no column {column!r}; it needs {', '.join(columns)}.")
    return table


def numbers(file: Path, table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns as numbers, (rows, columns); ReverieError with the line of one that is none."""
    numbers = {}
    for column in columns:
        numbers[column] = pd.to_numeric(table[column], errors="coerce").astype(float)
        refuse(file, table[column], ~np.isfinite(numbers[column]), "number")
    return pd.DataFrame(numbers)


def refuse(file: Path, cells: pd.Series, wrong, what: str) -> None:
    """Raise a ReverieError about the first cell that is ``wrong``, if there is one."""
    if np.any(wrong):
        row = int(np.argmax(wrong))
        raise ReverieError(
            f"{file}, line {cells.index[row] + 1}: {quoted(cells.iloc[row])} in column {cells.name!r} is no {what}."
        )


def built(
    rows: Rows, outcomes: pd.DataFrame, variables: list[str], statics: pd.DataFrame, counts: dict
) -> tuple[Episodes, dict]:
    """The episodes of the rows, sorted, and the counts with those that are added here.

    ``outcomes`` and ``statics`` have a row for each episode. Episodes without a row or without outcomes
    are dropped. Every variable of the rows must be one of ``variables``.
    """
    measured = np.bincount(rows.episode, minlength=len(rows.ids)) > 0
    labelled = pd.Index(rows.ids).isin(outcomes.index)
    chosen = measured & labelled
    ids = np.array(rows.ids)[chosen]
    if not len(ids):
        raise ReverieError(
            "No episode has both measurements and labels; check the episodes' names."
        )
    rows = rows.where(chosen[rows.episode])
    place = {name: number for number, name in enumerate(variables)}
    number = np.array([place.get(name, -1) for name in rows.names])[rows.variable]
    episode = (np.cumsum(chosen) - 1).astype(np.int32)[rows.episode]
    time = rows.time.astype(np.float32)
    order = np.lexsort([time, episode, number])
    counts = counts | {
        "without_measurements": len(outcomes) - len(ids),
        "without_outcomes": int((~labelled).sum()),
        "measurements": len(order),
    }
    episodes = Episodes(
        ids=ids,
        variables=np.array(variables),
        bounds=np.searchsorted(number[order], np.arange(len(variables) + 1)),
        episode=episode[order],
        time=time[order],
        value=rows.value[order].astype(np.float32),
        statics=statics.loc[ids].to_numpy(np.float32),
        static_names=np.array(statics.columns, str),
        outcomes=outcomes.loc[ids].to_numpy(np.float32),
        outcome_names=np.array(outcomes.columns, str),
    )
    return episodes, counts
