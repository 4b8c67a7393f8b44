"""Simulated stays, in the form of the Challenge's records and of the user's own tables: the embedded sample.

No patient is in it. Each stay has a latent severity that drifts, and a latent process for each of three
diseases; they move the variables that they are known for away from normal, and who is ill is
measured more often, as in a ward.
"""

import csv
import gzip
import io
import tarfile
from pathlib import Path

import numpy as np

from reverie.diagnose.variables import VARIABLES as LIMITS
from reverie.files import replacing

STAYS, HOURS = 1_200, 48
DISEASES = ["bleeding", "kidney_failure", "pneumonia"]
SHARES = [0.2, 0.25, 0.25]  # of the stays, with each disease
SETS = "abc"

# Normal value, spread in a healthy patient, measurements a day, and what severity and each disease add.
VARIABLES = {
    "HR": (80, 8, 24, (12, 18, 0, 10)),
    "MAP": (85, 8, 24, (-8, -14, 4, -5)),
    "SysABP": (122, 12, 24, (-9, -18, 8, -6)),
    "RespRate": (17, 2.5, 16, (3, 2, 1, 8)),
    "Temp": (37, 0.35, 8, (0.1, -0.3, 0, 1.2)),
    "Urine": (90, 30, 12, (-15, -15, -60, 0)),
    "GCS": (13.5, 1.2, 6, (-2.5, -0.5, -0.5, -0.5)),
    "MechVent": (0.1, 0.2, 6, (0.2, 0.1, 0, 0.5)),
    "FiO2": (0.35, 0.06, 4, (0.05, 0, 0, 0.2)),
    "PaO2": (105, 20, 3, (-6, 0, 0, -30)),
    "PaCO2": (40, 4, 3, (1, -1, -2, 6)),
    "pH": (7.4, 0.03, 3, (-0.03, -0.03, -0.06, -0.03)),
    "HCT": (36, 3, 3, (-1, -9, -2, 0)),
    "Glucose": (125, 25, 4, (18, 5, 5, 10)),
    "K": (4.1, 0.4, 3, (0.1, 0, 0.9, 0)),
    "Na": (139, 3, 3, (-1, 0, -3, -1)),
    "Creatinine": (1.0, 0.2, 2, (0.2, 0.1, 2.2, 0)),
    "BUN": (18, 5, 2, (5, 8, 35, 2)),
    "HCO3": (25, 2, 2, (-1.5, -2, -5, 0)),
    "Platelets": (220, 60, 2, (-20, -60, -15, 0)),
    "WBC": (10, 2.5, 2, (1.5, 0, 0, 6)),
    "Bilirubin": (0.8, 0.4, 1, (0.4, 0.2, 0.1, 0.1)),
    "Lactate": (1.4, 0.4, 1, (0.9, 1.2, 0.1, 0.4)),
}
WHOLE = {"GCS", "HR", "Urine", "MechVent", "Platelets", "Glucose"}  # measured in whole numbers


def simulate(stays: int = STAYS, seed: int = 0) -> tuple[list[list], list[list], list[list]]:
    """Rows of measurements, labels and outcomes.

    Measurements are `episode, time, variable, value`, in the order of time; labels are `episode`, 0 or 1 for
    each disease, and death, whose chance grows with age and with severity at the end; outcomes are
    `episode, age, sex, height, type of unit, SAPS-I, SOFA, days`.
    """
    generator = np.random.default_rng(seed)
    names = [str(900_000 + 10_000 * seed + number) for number in range(stays)]
    ill = generator.random((stays, len(DISEASES))) < SHARES
    severity = severities(ill.sum(axis=1), generator)
    onset = generator.uniform(-24, 18, ill.shape)  # hours in which each disease builds up
    hours = np.arange(HOURS)[:, None]
    grown = ill[:, None] * np.clip((hours - onset[:, None]) / 12, 0, 1)
    activity = np.concatenate([np.clip(severity, -1, 3)[..., None], grown], axis=2)
    measured = []
    for variable, (normal, spread, daily, effects) in VARIABLES.items():
        level = normal + activity @ np.array(effects) + generator.normal(0, spread, (stays, 1))
        rate = daily / 24 * np.clip(0.7 + 0.3 * severity, 0.3, 2)
        stay, hour = np.nonzero(generator.random((stays, HOURS)) < rate)
        values = level[stay, hour] + generator.normal(0, spread / 2, len(stay))
        values = np.clip(values, LIMITS[variable].low, LIMITS[variable].high)
        minutes = 60 * hour + generator.integers(60, size=len(hour))
        digits = 0 if variable in WHOLE else 2
        measured += [
            (number, minute, variable, f"{value:.{digits}f}")
            for number, minute, value in zip(
                stay.tolist(), minutes.tolist(), values.tolist(), strict=True
            )
            if variable != "MechVent" or value > 0.5  # only ever recorded as 1
        ]
    rows = [
        [names[number], f"{minute // 60:02d}:{minute % 60:02d}", variable, value]
        for number, minute, variable, value in sorted(measured)
    ]
    age = generator.uniform(20, 90, stays)
    odds = 1.3 * severity[:, -6:].mean(axis=1) + 0.03 * age - 5
    death = generator.random(stays) < 1 / (1 + np.exp(-odds))
    labels = np.column_stack([ill, death]).astype(int).tolist()
    facts = np.column_stack(
        [age, generator.integers(2, size=stays), generator.normal(170, 10, stays)]
        + [generator.integers(1, 5, stays), 12 + 4 * severity.mean(axis=1)]
        + [np.clip(5 + 3 * severity.mean(axis=1), 0, 24), 2 + generator.gamma(2, 4, stays)]
    )
    outcomes = facts.astype(int).tolist()
    return (
        rows,
        [[name, *line] for name, line in zip(names, labels, strict=True)],
        [[name, *line] for name, line in zip(names, outcomes, strict=True)],
    )


def severities(diseases: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """An Ornstein–Uhlenbeck process by the hour, (stays, HOURS), around half the number of diseases.

    Half of its deviation is lost in twelve hours.
    """
    keep, level = 0.5 ** (1 / 12), 0.5 * diseases
    hours = [generator.normal(0.3 * diseases, 1)]
    for _ in range(HOURS - 1):
        noise = generator.normal(0, np.sqrt(1 - keep**2) * 0.8, len(diseases))
        hours.append(keep * hours[-1] + (1 - keep) * level + noise)
    return np.stack(hours, axis=1)


def write(table: Path, labels: Path, stays: int = STAYS) -> None:
    """Write ``table`` (.csv.gz) of measurements and ``labels`` (.csv), as of the user's own."""
    rows, lines, _ = simulate(stays)
    text = lines_of([["episode", "time", "variable", "value"], *rows])
    # Without a name and a time, so that the same sample is the same file.
    with open(table, "wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        packed.write(text.encode())
    labels.write_text(lines_of([["episode", *DISEASES, "death"], *lines]))


def write_records(file: Path, letter: str, stays: int = STAYS) -> None:
    """Write the archive of the records of a set, which is one of SETS, as the Challenge has them."""
    rows, _, outcomes = simulate(stays, SETS.index(letter))
    by_stay: dict[str, list] = {
        name: [
            ["00:00", key, value]
            for key, value in zip(("Age", "Gender", "Height", "ICUType"), statics, strict=True)
        ]
        for name, *statics in (line[:5] for line in outcomes)
    }
    for name, *line in rows:
        by_stay[name].append(line)
    with (
        replacing(file) as part,
        open(part, "wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name, lines in by_stay.items():
            text = lines_of([["Time", "Parameter", "Value"], *lines]).encode()
            member = tarfile.TarInfo(f"set-{letter}/{name}.txt")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))


def write_outcomes(file: Path, letter: str, stays: int = STAYS) -> None:
    """Write the table of the outcomes of the same set."""
    _, labels, outcomes = simulate(stays, SETS.index(letter))
    header = ["RecordID", "SAPS-I", "SOFA", "Length_of_stay", "Survival", "In-hospital_death"]
    lines = [
        [name, *scores_and_days, -1, death]
        for (name, _, _, _, _, *scores_and_days), (*_, death) in zip(outcomes, labels, strict=True)
    ]
    with replacing(file) as part:
        part.write_text(lines_of([header, *lines]))


def lines_of(rows: list[list]) -> str:
    """The rows as lines of a .csv."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
