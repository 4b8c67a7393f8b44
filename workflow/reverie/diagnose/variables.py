"""The 37 variables of the PhysioNet/CinC Challenge 2012: units, limits, normal values.

Limits are what a measurement of a living patient can be; a value beyond them is an error of the
record (a pressure line that was opened reads 0, a pH of 735 lacks its point) and is dropped. Most are
close to the valid ranges of Harutyunyan et al. 2019 ("Multitask learning and benchmarking with clinical
time series data", Scientific Data 6, 96; their `variable_ranges.csv`). They are narrower where those let
an instrument's zero pass (pressures, rates, saturation, temperature), and wider for enzymes, bilirubin and
troponin T, of which a few patients of the Challenge have more. Normal values are about the middle of the
usual reference intervals of healthy adults at rest, and are our choice.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Variable:
    """A measured quantity.

    ``low`` and ``high`` are the limits, ``normal`` is the value assumed where nothing was measured.
    ``skewed``: it spans orders of magnitude and is scaled by its logarithm. ``lasts``: the hours for which
    a value is taken to last, of a variable that is recorded only while it is not normal.
    """

    title: str
    unit: str
    low: float
    high: float
    normal: float
    skewed: bool = False
    lasts: float = np.inf


VARIABLES = {
    "Albumin": Variable("albumin", "g/dL", 0.6, 6, 4.2),
    "ALP": Variable("alkaline phosphatase", "IU/L", 5, 5_000, 80, skewed=True),
    "ALT": Variable("alanine transaminase", "IU/L", 1, 20_000, 25, skewed=True),
    "AST": Variable("aspartate transaminase", "IU/L", 2, 40_000, 25, skewed=True),
    "Bilirubin": Variable("bilirubin", "mg/dL", 0.05, 90, 0.7, skewed=True),
    "BUN": Variable("blood urea nitrogen", "mg/dL", 1, 250, 14, skewed=True),
    "Cholesterol": Variable("cholesterol", "mg/dL", 20, 600, 170),
    "Creatinine": Variable("creatinine", "mg/dL", 0.1, 40, 0.9, skewed=True),
    "DiasABP": Variable("diastolic pressure, invasive", "mmHg", 10, 200, 70),
    "FiO2": Variable("fraction of inspired oxygen", "", 0.21, 1, 0.21),
    "GCS": Variable("Glasgow coma scale", "points", 3, 15, 15),
    "Glucose": Variable("glucose", "mg/dL", 10, 2_000, 95, skewed=True),
    "HCO3": Variable("bicarbonate", "mmol/L", 2, 60, 25),
    "HCT": Variable("haematocrit", "%", 5, 70, 42),
    "HR": Variable("heart rate", "1/min", 10, 300, 75),
    "K": Variable("potassium", "mmol/L", 1, 12, 4.2),
    "Lactate": Variable("lactate", "mmol/L", 0.2, 33, 1, skewed=True),
    "Mg": Variable("magnesium", "mg/dL", 0.3, 12, 2),
    "MAP": Variable("mean pressure, invasive", "mmHg", 15, 250, 90),
    "MechVent": Variable("mechanical ventilation", "yes", 0, 1, 0, lasts=6),
    "Na": Variable("sodium", "mmol/L", 90, 200, 140),
    "NIDiasABP": Variable("diastolic pressure, cuff", "mmHg", 10, 200, 70),
    "NIMAP": Variable("mean pressure, cuff", "mmHg", 15, 250, 90),
    "NISysABP": Variable("systolic pressure, cuff", "mmHg", 30, 300, 120),
    "PaCO2": Variable("arterial carbon dioxide", "mmHg", 8, 200, 40),
    "PaO2": Variable("arterial oxygen", "mmHg", 15, 700, 95),
    "pH": Variable("arterial pH", "", 6.5, 8, 7.4),
    "Platelets": Variable("platelets", "1000/µL", 1, 2_500, 260),
    "RespRate": Variable("respiratory rate", "1/min", 2, 100, 16),
    "SaO2": Variable("arterial oxygen saturation", "%", 20, 100, 97),
    "SysABP": Variable("systolic pressure, invasive", "mmHg", 30, 300, 120),
    "Temp": Variable("temperature", "°C", 25, 45, 37),
    "TroponinI": Variable("troponin I", "µg/L", 0.01, 600, 0.02, skewed=True),
    "TroponinT": Variable("troponin T", "µg/L", 0.001, 30, 0.01, skewed=True),
    "Urine": Variable("urine", "mL", 0, 5_000, 60),
    "WBC": Variable("white cells", "1000/µL", 0.05, 600, 7.5, skewed=True),
    "Weight": Variable("weight", "kg", 20, 350, 80),
}

# What is known of a stay when it begins: its limits, and the value of one of which it is not known. The
# type of the unit is a category.
STATICS = {
    "Age": (0, 120, 65),
    "Gender": (0, 1, 0.5),
    "Height": (100, 230, 170),
    "ICUType": (1, 4, np.nan),
}
UNITS = {1: "coronary care", 2: "cardiac surgery", 3: "medical", 4: "surgical"}


def limits(names: list[str]) -> np.ndarray:
    """The limits of the variables, (variables, 2); infinite for one that is not in the table."""
    unlimited = Variable("", "", -np.inf, np.inf, np.nan)
    table = [VARIABLES.get(name, unlimited) for name in names]
    return np.array([[variable.low, variable.high] for variable in table])
