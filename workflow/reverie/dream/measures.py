"""What a dream did to a picture, in numbers."""

import numpy as np
from scipy import ndimage

FINE = 2.0  # pixels: detail is what a Gaussian of this width blurs away
TILE = 32  # pixels; far enough apart that tiles count as independent
RESAMPLES, SEED = 2000, 0


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


def difference(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """How much more detail one dream kept than another, with its 95 % bootstrap interval.

    Both are from :func:`kept_detail` with the same original.
    """
    tiles = one.shape[1]
    drawn = np.random.default_rng(SEED).integers(0, tiles, (RESAMPLES, tiles))
    samples = (one[0][drawn] - other[0][drawn]).sum(axis=1) / one[1][drawn].sum(axis=1)
    low, high = np.percentile(samples, [2.5, 97.5])
    return float((one[0] - other[0]).sum() / one[1].sum()), float(low), float(high)
