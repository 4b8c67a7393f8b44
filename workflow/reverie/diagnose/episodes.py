"""Episodes: what was measured of each patient, and when, in one compact file.

The records of the PhysioNet/CinC Challenge 2012 (Silva et al. 2012, "Predicting in-hospital mortality of
ICU patients") and tables of the user's own are read into the same arrays, :class:`Episodes`.
"""

import csv
import io
import math
import tarfile
from dataclasses import dataclass, fields
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
    """The rows of a table of measurements as they stand in a file, sorted in no way.

    `episode` and `variable` are places in the lists `ids` and `names`; `time` is in hours. All have
    the shape (rows,).
    """

    ids: list[str]
    names: list[str]
    episode: np.ndarray
    time: np.ndarray
    variable: np.ndarray
    value: np.ndarray


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
    return built(rows, outcome, list(VARIABLES), STATICS)


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
    except ValueError:
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
    """The lines `time,variable,value` of a text without header; ValueError if one is not so."""
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
    return built(measured, labels_of(labels), measured.names)


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
    with open_table(file) as source:
        try:
            table = pd.read_csv(source, dtype=str, na_filter=False, index_col=False)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())
            raise ReverieError(f"{file} cannot be read as a table: {reason}.") from None
    table.columns = [name.strip() for name in table.columns]
    for column in columns:
        if column not in table.columns:
            raise ReverieError(f"{file} has no column {column!r}; it needs {', '.join(columns)}.")
    return table


def numbers(file: Path, table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns as numbers, (rows, columns); ReverieError with the line of one that is none."""
    found = {}
    for column in columns:
        found[column] = pd.to_numeric(table[column], errors="coerce").astype(float)
        refuse(file, table[column], ~np.isfinite(found[column]), "number")
    return pd.DataFrame(found)


def refuse(file: Path, cells: pd.Series, wrong, what: str) -> None:
    """Raise a ReverieError about the first cell that is ``wrong``, if there is one."""
    if np.any(wrong):
        row = int(np.argmax(wrong))
        raise ReverieError(
            f"{file}, line {row + 2}: {quoted(cells.iloc[row])} in column {cells.name!r} is no {what}."
        )


def built(
    rows: Rows,
    outcomes: pd.DataFrame,
    variables: list[str],
    statics: dict[str, tuple[float, float]] | None = None,
) -> tuple[Episodes, dict]:
    """The episodes that the rows hold, and counts of what was dropped.

    ``outcomes`` has a row for each episode. ``statics``: the rows are the Challenge's, where −1 is
    missing, limits apply, and these variables, with limits of their own, are known at the start; a
    stay of which nothing but the weight was measured is dropped.
    """
    names = np.array(rows.names)
    counts = {"lines": len(rows.value)}
    kept = np.ones(len(rows.value), bool)
    fixed = np.full((len(rows.ids), len(statics or ())), np.nan, np.float32)
    if statics is not None:
        for column, (name, (low, high)) in enumerate(statics.items()):
            at = names[rows.variable] == name
            at &= (rows.value >= low) & (rows.value <= high)
            fixed[rows.episode[at], column] = rows.value[at]
        kept = ~np.isin(names, [*statics, "RecordID"])[rows.variable]
        unnamed = kept & (names == "")[rows.variable]
        missing = kept & ~unnamed & (rows.value == MISSING)
        counts |= {"without_name": int(unnamed.sum()), "missing_values": int(missing.sum())}
        kept &= ~unnamed & ~missing
    place = {name: number for number, name in enumerate(variables)}
    number = np.array([place.get(name, -1) for name in names])[rows.variable]
    unknown = np.bincount(rows.variable[kept & (number < 0)], minlength=len(names))
    counts["unknown_variables"] = counted(rows.names, unknown)
    kept &= number >= 0
    if statics is not None:
        low, high = limits(variables).T
        beyond = kept & ~((rows.value >= low[number]) & (rows.value <= high[number]))
        counts["beyond_limits"] = counted(
            variables, np.bincount(number[beyond], minlength=len(variables))
        )
        kept &= ~beyond

    weighed = kept & (number == place.get("Weight", -1)) if statics is not None else ~kept
    measured = np.bincount(rows.episode[kept & ~weighed], minlength=len(rows.ids)) > 0
    labelled = pd.Index(rows.ids).isin(outcomes.index)
    counts["without_measurements"] = int((~measured & labelled).sum()) + int(
        (~outcomes.index.isin(rows.ids)).sum()
    )
    counts["without_outcomes"] = int((~labelled).sum())
    chosen = measured & labelled
    if not chosen.any():
        raise ReverieError(
            "No episode has both measurements and labels; check the episodes' names."
        )
    kept &= chosen[rows.episode]
    episode = (np.cumsum(chosen) - 1)[rows.episode[kept]].astype(np.int32)
    time, number = rows.time[kept].astype(np.float32), number[kept]
    if statics is not None:
        time = np.minimum(time, LAST)
    order = np.lexsort([time, episode, number])
    counts["measurements"] = len(order)
    ids = [name for name, has in zip(rows.ids, chosen, strict=True) if has]
    episodes = Episodes(
        ids=np.array(ids),
        variables=np.array(variables),
        bounds=np.searchsorted(number[order], np.arange(len(variables) + 1)),
        episode=episode[order],
        time=time[order],
        value=rows.value[kept][order].astype(np.float32),
        statics=fixed[chosen],
        static_names=np.array(list(statics or ()), str),
        outcomes=outcomes.loc[ids].to_numpy(np.float32),
        outcome_names=np.array(outcomes.columns, str),
    )
    return episodes, counts


def counted(names: list[str], counts: np.ndarray) -> dict[str, int]:
    """The counts by name, without those of 0."""
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}
