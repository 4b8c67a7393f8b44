"""Measures of how a dream changed a picture."""

import numpy as np
from scipy import ndimage

FINE = 2.0  # pixels: fine detail is what a Gaussian blur of this deviation removes
VISIBLE = 0.5 / 255  # of the colours from 0 to 1: half a step of 8 bits
TILE = 32  # pixels a side; so large that tiles count as independent


def wavelength(change: np.ndarray) -> float:
    """Mean wavelength, in pixels, of a change (height, width, 3): the inverse of its mean frequency.

    Frequencies are weighted by the change's power spectrum. NaN where no colour changed by VISIBLE, as by
    shrinking a picture and putting its detail back.
    """
    if np.abs(change).max() < VISIBLE:
        return float("nan")
    power = (np.abs(np.fft.fft2(change, axes=(0, 1))) ** 2).sum(axis=2)
    power[0, 0] = 0
    height, width = power.shape
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    total = (power * frequency).sum()
    return float(power.sum() / total) if total > 0 else float("nan")


def kept_detail(original: np.ndarray, result: np.ndarray) -> np.ndarray:
    """How much of a picture's fine detail its dream keeps, as sums over tiles: (2, tiles).

    Both pictures are (height, width, 3). The first row's sum divided by the second's is the slope of
    a regression of the dream's detail on the original's: 1 where all detail is kept, 0 where none is.
    """
    fine = [
        (picture - ndimage.gaussian_filter(picture, FINE)).astype(np.float64)
        for picture in (original.mean(axis=2), result.mean(axis=2))
    ]
    return np.stack([tile_sums(fine[0] * fine[1]), tile_sums(fine[0] ** 2)])


def tile_sums(values: np.ndarray) -> np.ndarray:
    """Sums of values (height, width) over whole tiles, (tiles,); incomplete tiles are left out."""
    rows, columns = (side // TILE for side in values.shape)
    cut = values[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    return cut.sum(axis=(1, 3)).ravel()
