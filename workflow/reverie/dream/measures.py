"""What a dream did to a picture, in numbers."""

import numpy as np
from scipy import ndimage

FINE = 2.0  # pixels: detail is what a Gaussian of this width blurs away
TILE = 32  # pixels; far enough apart that tiles count as independent


def wavelength(change: np.ndarray) -> float:
    """Mean wavelength in pixels of a change (height, width, 3): the inverse of the mean frequency.

    Frequencies weigh as much as the change has power at them; not a number where nothing changed.
    """
    power = (np.abs(np.fft.fft2(change, axes=(0, 1))) ** 2).sum(axis=2)
    power[0, 0] = 0
    height, width = power.shape
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    total = (power * frequency).sum()
    return float(power.sum() / total) if total > 0 else float("nan")


def kept_detail(original: np.ndarray, result: np.ndarray) -> np.ndarray:
    """How much of a picture's fine detail its dream still has, in tiles: (2, tiles).

    Both pictures are (height, width, 3). The sum of the first row over that of the second is the
    slope of the dream's detail on the original's: 1 where all is there, 0 where nothing is.
    """
    fine = [
        (picture - ndimage.gaussian_filter(picture, FINE)).astype(np.float64)
        for picture in (original.mean(axis=2), result.mean(axis=2))
    ]
    return np.stack([tile_sums(fine[0] * fine[1]), tile_sums(fine[0] ** 2)])


def tile_sums(values: np.ndarray) -> np.ndarray:
    """Sums over whole tiles, (tiles,); what is left at the ends is cut off."""
    rows, columns = (side // TILE for side in values.shape)
    cut = values[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    return cut.sum(axis=(1, 3)).ravel()
