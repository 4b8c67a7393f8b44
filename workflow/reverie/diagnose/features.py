"""Features of an episode made by hand, for models without memory.

Lipton et al. 2016 give their baselines 143 of such features: first and last values, extremes, means,
trends and how often something was measured, besides what clinicians look at in critical illness.
"""

import numpy as np

from reverie.diagnose import conditions
from reverie.diagnose.episodes import Episodes
from reverie.diagnose.variables import UNITS, VARIABLES

OF_A_VARIABLE = [
    "first", "last", "least", "greatest", "mean", "deviation", "trend", "change", "count", "age",
]  # fmt: skip
PARTS = 2  # of the hours; the means of each are features
PRESSURES = {"mean pressure": conditions.MEAN_PRESSURE, "systolic pressure": ["SysABP", "NISysABP"]}
PRESSURE_LIMITS = {
    "mean pressure": (55, 65),
    "systolic pressure": (),
}  # mmHg; hours below are counted


def expert(episodes: Episodes, hours: int, statics: list[str]) -> tuple[np.ndarray, list[str]]:
    """Features of the first hours, (episodes, features) float32, and their names; NaN is not known."""
    columns: dict[str, np.ndarray] = {}
    for name in episodes.variables.tolist():
        columns |= {
            f"{name} {feature}": values
            for feature, values in of_a_variable(episodes, name, hours).items()
        }
    if set(episodes.variables.tolist()) <= set(VARIABLES):
        with np.errstate(divide="ignore", invalid="ignore"):  # ratios to 0, see below
            columns |= clinical(episodes, hours)
    for name in statics:
        values = episodes.statics[:, episodes.static_names.tolist().index(name)]
        if name == "ICUType":
            columns |= {f"ICUType {unit}": values == unit for unit in UNITS}
        else:
            columns[name] = values
    features = np.stack([*columns.values()], axis=1).astype(np.float32)
    features[np.isinf(features)] = np.nan
    return features, list(columns)


def of_a_variable(episodes: Episodes, name: str, hours: float) -> dict[str, np.ndarray]:
    """The features of one variable, (episodes,) each.

    `trend` is the slope of the least-squares line per hour, `change` last less first, `age` the hours
    from the last measurement to the end; the means of each part of the hours are `mean 1`, ….
    """
    episode, time, value = episodes.of(name, 0, hours)
    count = np.bincount(episode, minlength=len(episodes))
    features = {feature: np.full(len(episodes), np.nan) for feature in OF_A_VARIABLE}
    starts = np.flatnonzero(np.diff(episode, prepend=-1))
    of = episode[starts]
    if len(of):
        ends = np.append(starts[1:], len(episode)) - 1
        value = value.astype(np.float64)
        mean, middle = (np.add.reduceat(part, starts) / count[of] for part in (value, time))
        place = np.repeat(np.arange(len(of)), count[of])
        off, away = value - mean[place], time - middle[place]
        spread = np.add.reduceat(away**2, starts)
        with np.errstate(invalid="ignore", divide="ignore"):
            trend = np.add.reduceat(off * away, starts) / spread
        values = {
            "first": value[starts],
            "last": value[ends],
            "least": np.minimum.reduceat(value, starts),
            "greatest": np.maximum.reduceat(value, starts),
            "mean": mean,
            "deviation": np.sqrt(np.add.reduceat(off**2, starts) / count[of]),
            "trend": np.where(spread > 0.25, trend, np.nan),
            "change": np.where(count[of] > 1, value[ends] - value[starts], np.nan),
            "age": hours - time[ends],
        }
        for feature, column in values.items():
            features[feature][of] = column
    features["count"] = count.astype(np.float64)
    for part in range(PARTS):
        start, end = hours * part / PARTS, hours * (part + 1) / PARTS
        sums = conditions.reduced(episodes, name, start, end, np.add)
        counts = np.bincount(episodes.of(name, start, end)[0], minlength=len(episodes))
        features[f"mean {part + 1}"] = sums / np.maximum(counts, 1)
    return features


def clinical(episodes: Episodes, hours: float) -> dict[str, np.ndarray]:
    """What clinicians derive from several variables, (episodes,) each."""
    count = len(episodes)

    def reduced(name: str, ufunc: np.ufunc, start: float = 0) -> np.ndarray:
        return conditions.reduced(episodes, name, start, hours, ufunc)

    columns = pressures(episodes, hours)
    last_rate = of_a_variable(episodes, "HR", hours)["last"]
    columns["shock index"] = last_rate / columns["systolic pressure last"]
    columns["least PaO2/FiO2"] = conditions.oxygen_ratio(episodes, 0, hours)
    columns["urine"] = reduced("Urine", np.add)
    columns["urine of the second half"] = reduced("Urine", np.add, hours / 2)
    weight = of_a_variable(episodes, "Weight", hours)["mean"]
    weight = np.where(np.isnan(weight), VARIABLES["Weight"].normal, weight)
    columns["urine per weight"] = columns["urine"] / weight / hours
    columns["urea to creatinine"] = reduced("BUN", np.maximum) / reduced("Creatinine", np.maximum)
    counts = np.stack(
        [
            np.bincount(episodes.of(name, 0, hours)[0], minlength=count)
            for name in episodes.variables
        ]
    )
    columns["measurements"] = counts.sum(axis=0)
    columns["variables measured"] = (counts > 0).sum(axis=0)
    return columns


def pressures(episodes: Episodes, hours: float) -> dict[str, np.ndarray]:
    """Features of the hourly pressures, invasive or else by cuff, (episodes,) each."""
    count, columns = len(episodes), {}
    for title, names in PRESSURES.items():
        episode, value = conditions.hourly(episodes, names, 0, hours)
        measured = np.bincount(episode, minlength=count)
        for feature, ufunc in (("least", np.minimum), ("greatest", np.maximum)):
            columns[f"{title} {feature}"] = conditions.by_episode(count, episode, value, ufunc)
        sums = conditions.by_episode(count, episode, value, np.add)
        columns[f"{title} mean"] = sums / np.maximum(measured, 1)
        last = np.flatnonzero(np.diff(episode, append=-1))
        columns[f"{title} last"] = np.full(count, np.nan)
        columns[f"{title} last"][episode[last]] = value[last]
        for limit in PRESSURE_LIMITS[title]:
            columns[f"hours of {title} below {limit}"] = np.bincount(
                episode[value < limit], minlength=count
            )
    return columns
