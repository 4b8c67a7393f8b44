"""Simulated stays in the form of the user's own tables: the embedded sample.

No patient is in it. Each stay has a latent severity that drifts, and a latent process for each of three
diseases; they move the eight variables that they are known for away from normal, and who is ill is
measured more often, as in a ward.
"""

import csv
import gzip
import io
from pathlib import Path

import numpy as np

STAYS, HOURS, SEED = 1_500, 48, 0
DISEASES = ["bleeding", "kidney_failure", "pneumonia"]
SHARES = [0.2, 0.25, 0.25]  # of the stays, with each disease

# Normal value, spread in a healthy patient, measurements a day, and what severity and each disease add.
VARIABLES = {
    "heart_rate": (80, 8, 24, (12, 18, 0, 10)),
    "mean_pressure": (85, 8, 24, (-8, -14, 4, -5)),
    "respiratory_rate": (17, 2.5, 16, (3, 2, 1, 8)),
    "temperature": (37, 0.35, 8, (0.1, -0.3, 0, 1.2)),
    "haematocrit": (36, 3, 3, (-1, -9, -2, 0)),
    "creatinine": (1.0, 0.2, 2, (0.2, 0.1, 2.2, 0)),
    "lactate": (1.4, 0.4, 1, (0.9, 1.2, 0.1, 0.4)),
    "white_cells": (10, 2.5, 2, (1.5, 0, 0, 6)),
}


def simulate(stays: int = STAYS, seed: int = SEED) -> tuple[list[list], list[list]]:
    """Rows `episode, time, variable, value` and rows `episode, …` with a 0 or 1 for each label.

    The labels are the diseases, and death, whose chance grows with severity at the end.
    """
    generator = np.random.default_rng(seed)
    rows, labels = [], []
    for number in range(stays):
        name = f"simulated-{number:05d}"
        ill = generator.random(len(DISEASES)) < SHARES
        # An Ornstein–Uhlenbeck process by the hour, with half of its deviation lost in twelve hours.
        keep = 0.5 ** (1 / 12)
        severity = np.empty(HOURS)
        severity[0] = generator.normal(0.3 * ill.sum(), 1)
        for hour in range(1, HOURS):
            drift = keep * severity[hour - 1] + (1 - keep) * 0.5 * ill.sum()
            severity[hour] = drift + generator.normal(0, np.sqrt(1 - keep**2) * 0.8)
        onset = generator.uniform(-24, 18, len(DISEASES))  # hours in which each disease builds up
        grown = ill * np.clip((np.arange(HOURS)[:, None] - onset) / 12, 0, 1)
        activity = np.column_stack([np.clip(severity, -1, 3), grown])
        for variable, (normal, spread, daily, effects) in VARIABLES.items():
            level = normal + activity @ np.array(effects) + generator.normal(0, spread)
            rate = daily / 24 * np.clip(0.7 + 0.3 * severity, 0.3, 2)
            for hour in np.flatnonzero(generator.random(HOURS) < rate):
                value = max(level[hour] + generator.normal(0, spread / 2), 0.1)
                rows.append(
                    [name, f"{hour:02d}:{generator.integers(60):02d}", variable, f"{value:.2f}"]
                )
        death = generator.random() < 1 / (1 + np.exp(3.2 - 1.3 * severity[-6:].mean()))
        labels.append([name, *ill.astype(int), int(death)])
    return rows, labels


def write(table: Path, labels: Path, stays: int = STAYS) -> None:
    """Write the sample: ``table`` (.csv.gz) of measurements and ``labels`` (.csv)."""
    rows, outcomes = simulate(stays)
    with open(table, "wb") as file:
        # Without a name and a time, so that the same sample is the same file.
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            with io.TextIOWrapper(packed, encoding="utf-8", newline="") as text:
                writer = csv.writer(text, lineterminator="\n")
                writer.writerow(["episode", "time", "variable", "value"])
                writer.writerows(rows)
    with open(labels, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["episode", *DISEASES, "death"])
        writer.writerows(outcomes)
