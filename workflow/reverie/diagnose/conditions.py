"""Conditions that hold in some hours of a stay, by published thresholds.

The Challenge's records have no diagnoses, so what is predicted is derived from later measurements of
the same stay. A condition that was not measured is not known to hold, and its label is 0: clinicians
measure what they suspect. So a label also says whether somebody looked, and a model is rewarded
for guessing that too. :attr:`Labels.known` tells how often a condition could have been seen at all.

One value is enough, but for blood pressure and heart rate: since single values of a monitor are often
artefacts, these must hold in the means of at least two hours.

The thresholds of SOFA, SAPS II, APACHE II, SIRS, KDIGO, the Berlin definition, WHO, BICAR-ICU, the
guidelines on hyponatraemia, hyperkalaemia and hypercapnia and the sepsis campaign's pressure have been
compared with tables or abstracts of these sources. The other thresholds are in common use, and their
sources are named as they are usually cited.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reverie.diagnose.episodes import Episodes

PAIRED = (
    6.0  # hours for which a fraction of inspired oxygen is taken to last, for the ratio to PaO2
)
OBSERVED = 18 / 24  # share of the hours between the first and the last record of urine, at least
Known = tuple[np.ndarray, np.ndarray]  # whether it holds, whether it was measured, (episodes,) each


@dataclass(frozen=True)
class Condition:
    """`test(episodes, start, end)` says in which episodes it holds between two hours, and is known."""

    title: str
    rule: str
    source: str
    test: Callable[[Episodes, float, float], Known]


@dataclass
class Labels:
    """Conditions by episode, (episodes, conditions) bool each: those of the later hours, whether they
    held in the earlier hours already, and whether they were measured in the later ones."""

    names: list[str]
    holds: np.ndarray
    prevalent: np.ndarray
    known: np.ndarray


def reduced(
    episodes: Episodes, variable: str, start: float, end: float, ufunc: np.ufunc
) -> np.ndarray:
    """The least, greatest or summed value of each episode, (episodes,); NaN without a measurement."""
    episode, _, value = episodes.of(variable, start, end)
    return by_episode(len(episodes), episode, value, ufunc)


def by_episode(count: int, episode: np.ndarray, value: np.ndarray, ufunc: np.ufunc) -> np.ndarray:
    """``ufunc.reduce`` of each episode's values, (count,); ``episode`` (values,) is sorted."""
    result = np.full(count, np.nan, np.float32)
    if len(episode):
        starts = np.flatnonzero(np.diff(episode, prepend=-1))
        result[episode[starts]] = ufunc.reduceat(value, starts)
    return result


def hourly(episodes: Episodes, variables: list[str], start: float, end: float):
    """Episodes and means of every hour with a measurement, (hours,) each, sorted by episode.

    An hour in which the first of the variables was not measured has the mean of the next one.
    """
    means = {}
    for variable in reversed(variables):
        episode, time, value = episodes.of(variable, start, end)
        cell = episode * np.int64(1 << 20) + np.floor(time).astype(np.int64)
        cells, place = np.unique(cell, return_inverse=True)
        sums = np.bincount(place, value, len(cells)) / np.bincount(place, minlength=len(cells))
        means |= dict(zip(cells.tolist(), sums.tolist(), strict=True))
    cells = np.array(sorted(means), np.int64)
    return cells >> 20, np.array([means[cell] for cell in cells.tolist()])


def below(variable: str, limit: float):
    """A value of the variable is below the limit."""

    def test(episodes, start, end):
        least = reduced(episodes, variable, start, end, np.minimum)
        return least < limit, ~np.isnan(least)

    return test


def above(variable: str, limit: float, equal: bool = False):
    """A value of the variable is above the limit, or with ``equal`` reaches it."""

    def test(episodes, start, end):
        greatest = reduced(episodes, variable, start, end, np.maximum)
        return (greatest >= limit if equal else greatest > limit), ~np.isnan(greatest)

    return test


def lasting(variables: list[str], low: float, high: float, least: int):
    """In at least so many hours the mean of the hour is below ``low`` or above ``high``.

    Known if so many hours were measured.
    """

    def test(episodes, start, end):
        episode, mean = hourly(episodes, variables, start, end)
        hours = np.bincount(episode[(mean < low) | (mean > high)], minlength=len(episodes))
        return hours >= least, np.bincount(episode, minlength=len(episodes)) >= least

    return test


def any_of(*tests):
    """One of several holds; known if one is known."""

    def test(episodes, start, end):
        holds, known = zip(*(part(episodes, start, end) for part in tests), strict=True)
        return np.any(holds, axis=0), np.any(known, axis=0)

    return test


def count_of(least: int, *tests):
    """At least so many of several hold; known if so many are."""

    def test(episodes, start, end):
        holds, known = zip(*(part(episodes, start, end) for part in tests), strict=True)
        return np.sum(holds, axis=0) >= least, np.sum(known, axis=0) >= least

    return test


def kidney_injury(episodes: Episodes, start: float, end: float) -> Known:
    """Creatinine rose by 0.3 mg/dL above an earlier value of the stay, or to 1.5 times it.

    The stay's 48 hours are the time in which KDIGO's rise of 0.3 must happen. There is no
    value from before the stay, so the least so far stands for the baseline. Known if a value has one before it.
    """
    episode, time, value = episodes.of("Creatinine", 0, end)
    least = running_minimum(episode, value)
    # Values have one decimal, but in binary; the running minimum rounds, too.
    risen = (value >= least + 0.295) | (value >= 1.5 * least - 0.005)
    later = time >= start
    compared = later & (np.diff(episode, prepend=-1) == 0)
    holds, known = (
        np.bincount(episode[values], minlength=len(episodes)) > 0
        for values in (later & risen, compared)
    )
    return holds, known


def running_minimum(episode: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The least value of the episode so far, for each value; ``episode`` is sorted."""
    # Episodes are shifted far apart, each below the one before, so that one minimum serves all.
    shift = episode.astype(np.float64) * -1e6
    return np.minimum.accumulate(value + shift) - shift


def oxygen_ratio(episodes: Episodes, start: float, end: float) -> np.ndarray:
    """The least PaO2/FiO2 of each episode in mmHg, (episodes,).

    PaO2 is divided by the last fraction of inspired oxygen that was recorded up to PAIRED hours before
    it; without one it is left out.
    """
    episode, time, oxygen = episodes.of("PaO2", start, end)
    of, at, fraction = episodes.of("FiO2", start - PAIRED, end)
    scale = 1e4
    place = np.searchsorted(of * scale + at, episode * scale + time, side="right") - 1
    paired = place >= 0
    paired &= of[place] == episode if len(of) else False
    paired[paired] &= time[paired] - at[place[paired]] <= PAIRED
    ratio = oxygen[paired] / fraction[place[paired]]
    return by_episode(len(episodes), episode[paired], ratio, np.minimum)


def poor_oxygenation(limit: float):
    """PaO2/FiO2 is at most the limit."""

    def test(episodes, start, end):
        ratio = oxygen_ratio(episodes, start, end)
        return ratio <= limit, ~np.isnan(ratio)

    return test


def oliguria(limit: float):
    """Less urine than ``limit`` mL in 24 hours. Gaps count as none.

    Not known unless the first and the last record are far enough apart: else a record that ends
    early, as when a patient leaves, would be taken for kidneys that fail.
    """

    def test(episodes, start, end):
        episode, time, value = episodes.of("Urine", start, end)
        urine, first, last = (
            by_episode(len(episodes), episode, values, ufunc)
            for values, ufunc in ((value, np.add), (time, np.minimum), (time, np.maximum))
        )
        known = last - first >= OBSERVED * (end - start)
        return known & (urine < limit * (end - start) / 24), known

    return test


def ventilated(episodes: Episodes, start: float, end: float) -> Known:
    """Mechanical ventilation was recorded; without a record there was none."""
    on = reduced(episodes, "MechVent", start, end, np.maximum) > 0
    return on, np.ones(len(episodes), bool)


MEAN_PRESSURE = ["MAP", "NIMAP"]
SOFA = "SOFA, Vincent et al. 1996"
SIRS = "SIRS, Bone et al. 1992"
APACHE = "APACHE II, Knaus et al. 1985"
SEPSIS3 = "Sepsis-3, Singer et al. 2016"
BERLIN = "Berlin definition, ARDS Definition Task Force 2012"

hypotension = lasting(MEAN_PRESSURE, 65, np.inf, 2)
sirs = (
    any_of(above("Temp", 38), below("Temp", 36)),
    lasting(["HR"], -np.inf, 90, 2),
    any_of(lasting(["RespRate"], -np.inf, 20, 1), below("PaCO2", 32)),
    any_of(above("WBC", 12), below("WBC", 4)),
)

CONDITIONS = {
    "hypotension": Condition(
        "Hypotension", "mean pressure below 65 mmHg in two hours",
        "Surviving Sepsis Campaign, Rhodes et al. 2017", hypotension,
    ),
    "shock": Condition(
        "Shock", "hypotension, and lactate above 2 mmol/L", SEPSIS3 + ", vasopressors not known",
        count_of(2, hypotension, above("Lactate", 2)),
    ),
    "hypertension": Condition(
        "Severe hypertension", "systolic pressure above 180 mmHg in two hours",
        "ACC/AHA guideline, Whelton et al. 2017",
        lasting(["SysABP", "NISysABP"], -np.inf, 180, 2),
    ),
    "tachycardia": Condition(
        "Tachycardia", "heart rate of 110/min or more in two hours", APACHE + ", 2 points",
        lasting(["HR"], -np.inf, 109.999, 2),
    ),
    "bradycardia": Condition(
        "Bradycardia", "heart rate below 50/min in two hours",
        "American Heart Association, advanced life support", lasting(["HR"], 50, np.inf, 2),
    ),
    "kidney_injury": Condition(
        "Acute kidney injury", "creatinine 0.3 mg/dL or 50 % above the least so far",
        "KDIGO 2012, stage 1", kidney_injury,
    ),
    "kidney_failure": Condition(
        "Kidney failure", "creatinine of 2 mg/dL or more", SOFA + ", 2 points",
        above("Creatinine", 2, equal=True),
    ),
    "oliguria": Condition(
        "Oliguria", "less than 500 mL of urine a day, recorded over at least 18 hours", SOFA + ", 3 points",
        oliguria(500),
    ),
    "uraemia": Condition(
        "Uraemia", "blood urea nitrogen of 28 mg/dL or more", "SAPS II, Le Gall et al. 1993",
        above("BUN", 28, equal=True),
    ),
    "liver_failure": Condition(
        "Liver failure", "bilirubin of 2 mg/dL or more", SOFA + ", 2 points",
        above("Bilirubin", 2, equal=True),
    ),
    "liver_injury": Condition(
        "Liver cell injury", "ALT above 120 IU/L, three times its upper limit",
        "Hy's law, FDA guidance 2009", above("ALT", 120),
    ),
    "coagulation_failure": Condition(
        "Coagulation failure", "platelets below 100,000/µL", SOFA + ", 2 points",
        below("Platelets", 100),
    ),
    "lung_failure": Condition(
        "Lung failure", "PaO2/FiO2 of at most 200 mmHg", BERLIN + ", moderate, no chest film known",
        poor_oxygenation(200),
    ),
    "ventilation": Condition(
        "Mechanical ventilation", "recorded at any time", "the record itself", ventilated,
    ),
    "hypercapnia": Condition(
        "Hypercapnia", "PaCO2 above 6.5 kPa, 48.8 mmHg",
        "BTS/ICS guideline, Davidson et al. 2016", above("PaCO2", 48.75),
    ),
    "acidosis": Condition(
        "Acidaemia", "arterial pH below 7.30", "goal of BICAR-ICU, Jaber et al. 2018",
        below("pH", 7.30),
    ),
    "alkalosis": Condition(
        "Alkalaemia", "arterial pH of 7.50 or more", APACHE + ", 1 point",
        above("pH", 7.495, equal=True),
    ),
    "low_bicarbonate": Condition(
        "Metabolic acidosis", "bicarbonate below 20 mmol/L", "SAPS II, Le Gall et al. 1993",
        below("HCO3", 20),
    ),
    "high_lactate": Condition(
        "High lactate", "lactate above 2 mmol/L", SEPSIS3, above("Lactate", 2),
    ),
    "hyponatraemia": Condition(
        "Hyponatraemia", "sodium below 135 mmol/L", "European guideline, Spasovski et al. 2014",
        below("Na", 135),
    ),
    "hypernatraemia": Condition(
        "Hypernatraemia", "sodium above 145 mmol/L", "Adrogué and Madias 2000", above("Na", 145),
    ),
    "hypokalaemia": Condition(
        "Hypokalaemia", "potassium below 3.5 mmol/L", "Kardalas et al. 2018", below("K", 3.5),
    ),
    "hyperkalaemia": Condition(
        "Hyperkalaemia", "potassium of 5.5 mmol/L or more",
        "European Resuscitation Council 2015, Truhlář et al.", above("K", 5.495, equal=True),
    ),
    "hypoglycaemia": Condition(
        "Hypoglycaemia", "glucose below 70 mg/dL", "American Diabetes Association, level 1",
        below("Glucose", 70),
    ),
    "hyperglycaemia": Condition(
        "Hyperglycaemia", "glucose above 180 mg/dL once (the source: twice in a row)",
        "Surviving Sepsis Campaign, Rhodes et al. 2017", above("Glucose", 180),
    ),
    "fever": Condition(
        "Fever", "temperature of 38.3 °C or more", "ACCM/IDSA guideline, O'Grady et al. 2008",
        above("Temp", 38.25, equal=True),
    ),
    "hypothermia": Condition(
        "Hypothermia", "temperature below 36 °C", SIRS, below("Temp", 36),
    ),
    "coma": Condition(
        "Coma", "Glasgow coma scale of at most 8", "Jennett and Teasdale 1977", below("GCS", 8.5),
    ),
    "anaemia": Condition(
        "Severe anaemia", "haematocrit below 24 %, about 8 g/dL of haemoglobin", "WHO 2011",
        below("HCT", 24),
    ),
    "leukocytosis": Condition(
        "Leukocytosis", "white cells above 12,000/µL", SIRS, above("WBC", 12),
    ),
    "leukopenia": Condition("Leukopenia", "white cells below 4,000/µL", SIRS, below("WBC", 4)),
    "infection_signs": Condition(
        "Signs of infection", "two of the four signs of SIRS, at any times of the day", SIRS,
        count_of(2, *sirs),
    ),
    "severe_kidney_failure": Condition(
        "Severe kidney failure", "creatinine of 3.5 mg/dL or more", SOFA + ", 3 points",
        above("Creatinine", 3.5, equal=True),
    ),
    "severe_liver_failure": Condition(
        "Severe liver failure", "bilirubin of 6 mg/dL or more", SOFA + ", 3 points",
        above("Bilirubin", 6, equal=True),
    ),
    "hypoxic_liver": Condition(
        "Hypoxic liver injury", "ALT or AST above 1,000 IU/L, some 20 times the upper limit",
        "Henrion et al. 2003",
        any_of(above("ALT", 1000), above("AST", 1000)),
    ),
    "severe_coagulation_failure": Condition(
        "Severe coagulation failure", "platelets below 50,000/µL", SOFA + ", 3 points",
        below("Platelets", 50),
    ),
    "severe_lung_failure": Condition(
        "Severe lung failure", "PaO2/FiO2 of at most 100 mmHg", BERLIN + ", severe",
        poor_oxygenation(100),
    ),
    "severe_acidosis": Condition(
        "Severe acidaemia", "arterial pH of at most 7.20", "BICAR-ICU, Jaber et al. 2018",
        below("pH", 7.205),
    ),
    "very_high_lactate": Condition(
        "Very high lactate", "lactate of 4 mmol/L or more", "Rivers et al. 2001",
        above("Lactate", 4, equal=True),
    ),
    "severe_hyponatraemia": Condition(
        "Profound hyponatraemia", "sodium below 125 mmol/L",
        "European guideline, Spasovski et al. 2014", below("Na", 125),
    ),
    "anuria": Condition(
        "Severe oliguria", "less than 200 mL of urine a day, recorded over at least 18 hours",
        SOFA + ", 4 points", oliguria(200),
    ),
}  # fmt: skip

# Milder or severer forms of others, parts of others, and what is rare: outputs beside the targets.
AUXILIARY = [
    "hypertension", "bradycardia", "uraemia", "liver_injury", "alkalosis", "leukocytosis",
    "leukopenia", "severe_kidney_failure", "severe_liver_failure", "hypoxic_liver",
    "severe_coagulation_failure", "severe_lung_failure", "severe_acidosis", "very_high_lactate",
    "severe_hyponatraemia", "anuria",
]  # fmt: skip
TARGETS = [name for name in CONDITIONS if name not in AUXILIARY]


def labels(episodes: Episodes, names: list[str], middle: float = 24, end: float = 48) -> Labels:
    """The conditions of the hours from ``middle`` to ``end``, and whether they held before that."""
    later = [CONDITIONS[name].test(episodes, middle, end) for name in names]
    earlier = [CONDITIONS[name].test(episodes, 0, middle)[0] for name in names]
    holds, known = (np.stack(part, axis=1) for part in zip(*later, strict=True))
    return Labels(list(names), holds, np.stack(earlier, axis=1), known)
