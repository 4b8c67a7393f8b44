"""What a dream did to a picture: against closed forms."""

import math

import numpy as np
import pytest
from reverie.dream import measures


def wave(length: float, height=96, width=96) -> np.ndarray:
    """A wave along the width, (height, width, 3)."""
    row = np.sin(2 * np.pi * np.arange(width) / length)
    return np.broadcast_to(row[None, :, None], (height, width, 3)).copy()


@pytest.mark.parametrize("length", [4, 8, 24])
def test_the_wavelength_of_a_wave(length):
    assert measures.wavelength(wave(length)) == pytest.approx(length)
    assert measures.wavelength(np.swapaxes(wave(length), 0, 1)) == pytest.approx(length)
    assert measures.wavelength(3 * wave(length) + 7) == pytest.approx(length)  # a level has none


def test_two_waves_mix_by_their_power():
    mixed = 2 * wave(4) + wave(8)  # power 4 to 1 at the frequencies 1/4 and 1/8
    assert measures.wavelength(mixed) == pytest.approx(5 / (4 / 4 + 1 / 8))


def test_nothing_has_no_wavelength():
    assert math.isnan(measures.wavelength(np.zeros((8, 8, 3))))
    assert math.isnan(measures.wavelength(1e-4 * wave(8)))  # rounding, that no one sees


@pytest.mark.parametrize("slope", [1.0, 0.3, 0.0, -0.5])
def test_kept_detail_is_the_slope(slope):
    original = np.random.default_rng(0).uniform(0, 1, (96, 128, 3))
    covariance, variance = measures.kept_detail(original, 0.4 + slope * original)
    assert covariance.shape == (12,)
    assert covariance.sum() / variance.sum() == pytest.approx(slope, abs=1e-9)


def test_a_blurred_picture_has_lost_its_detail():
    from scipy import ndimage

    original = np.random.default_rng(0).uniform(0, 1, (96, 96, 3))
    blurred = ndimage.gaussian_filter(original, (8, 8, 0))
    covariance, variance = measures.kept_detail(original, blurred)
    assert abs(covariance.sum() / variance.sum()) < 0.05
