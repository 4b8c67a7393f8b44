"""Moisture formulas against published values and the station's own columns."""

import numpy as np
import pandas as pd
import pytest
from reverie.forecast import moisture


def test_the_density_of_dry_air_follows_the_gas_law():
    air = moisture.derived(np.array([1013.25]), np.array([15.0]), np.array([17.0]), np.array([0.0]))
    assert air["rho (g/m**3)"][0] == pytest.approx(1225, rel=1e-3)  # the standard atmosphere
    assert air["sh (g/kg)"][0] == 0


def test_derived_columns_are_the_stations(mirror):
    table = pd.read_csv(mirror / "jena_10min_2020.csv.gz")
    found = moisture.derived(
        *(table[name] for name in ("p (mbar)", "T (degC)", "VPmax (mbar)", "rh (%)"))
    )
    for name, values in found.items():
        worst = np.abs(values - table[name]).max()
        assert worst < 0.01 * table[name].std(), name
