"""Humidity and density of air from the measured quantities.

The Jena station measures pressure, temperature, dew point and relative humidity, and gives the
saturation pressure; the other moisture columns of the full file are computed from them.
"""

import numpy as np

WATER_TO_DRY = 0.622  # ratio of the molar masses of water and dry air
GAS_DRY, GAS_WATER = 287.05, 461.5  # J / (kg K)
# The columns of the full file that the hourly extract lacks, in the full file's order.
COLUMNS = [
    "Tpot (K)",
    "VPact (mbar)",
    "VPdef (mbar)",
    "sh (g/kg)",
    "H2OC (mmol/mol)",
    "rho (g/m**3)",
]
ZERO_K, POISSON, REFERENCE_MBAR = 273.15, 0.286, 1000.0


def derived(pressure, temperature, saturation, humidity) -> dict[str, np.ndarray]:
    """The six columns COLUMNS.

    All arrays have the same shape: ``pressure`` in mbar, ``temperature`` in °C, ``saturation`` vapour
    pressure in mbar, relative ``humidity`` in percent.
    """
    kelvin = temperature + ZERO_K
    vapour = saturation * humidity / 100
    dry = pressure - vapour
    values = (
        kelvin * (REFERENCE_MBAR / pressure) ** POISSON,
        vapour,
        saturation - vapour,
        1000 * WATER_TO_DRY * vapour / (dry + WATER_TO_DRY * vapour),
        1000 * vapour / pressure,
        1e5 * (dry / GAS_DRY + vapour / GAS_WATER) / kelvin,
    )
    return dict(zip(COLUMNS, values, strict=True))
