"""Generated pictures: a sky, a painting, a meadow."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from reverie.files import replacing

SKY = (640, 360)  # width, height
PAINTING = (480, 300)
MEADOW = (480, 360)
FLOWERS = 160
PETALS = np.array(
    [
        [0.97, 0.96, 0.93],
        [0.98, 0.80, 0.15],
        [0.85, 0.12, 0.10],
        [0.55, 0.25, 0.70],
        [0.95, 0.55, 0.70],
    ]
)


def write(path: Path, picture: np.ndarray) -> None:
    """Write a picture, (height, width, 3) from 0 to 1, as .png, atomically."""
    with replacing(path) as part:
        Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5)).save(part, format="png")


def clouds(height: int, width: int, generator: np.random.Generator, slope: float = 1.7):
    """A fractal field, (height, width) from 0 to 1: noise of amplitude frequency ** -slope."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = np.inf
    noise = np.fft.rfft2(generator.normal(size=(height, width)))
    field = np.fft.irfft2(noise * frequency**-slope, (height, width))
    low, high = np.percentile(field, [1, 99])
    return np.clip((field - low) / (high - low), 0, 1)


def sky() -> np.ndarray:
    """White fractal clouds on a blue sky that pales towards the horizon, (height, width, 3)."""
    width, height = SKY
    field = clouds(height, width, np.random.default_rng(6))
    light = clouds(height, width, np.random.default_rng(7))
    down = np.linspace(0, 1, height)[:, None, None]
    blue = (1 - down) * [0.16, 0.36, 0.66] + down * [0.55, 0.73, 0.90]
    white = (0.80 + 0.18 * light[..., None]) * np.array([1, 0.99, 0.98])
    cover = smooth(0.42, 0.85, field)[..., None]
    return (1 - cover) * blue + cover * white


def painting() -> np.ndarray:
    """Short strokes of thick paint along a swirling field, (height, width, 3): a style to transfer."""
    width, height = PAINTING
    generator = np.random.default_rng(3)
    flow = 2 * np.pi * clouds(height, width, generator, 2.2)
    tone = clouds(height, width, generator, 1.9)
    paints = np.array(
        [
            [0.07, 0.12, 0.35],
            [0.13, 0.28, 0.58],
            [0.36, 0.57, 0.74],
            [0.86, 0.80, 0.45],
            [0.97, 0.68, 0.15],
        ]
    )
    # Strokes are noise, smeared along the flow and lit from one side as a relief.
    strokes = generator.normal(size=(height, width))
    y, x = np.mgrid[:height, :width].astype(float)
    smeared = np.zeros_like(strokes)
    for side in (-1, 1):
        at_y, at_x = y.copy(), x.copy()
        for _ in range(9):
            angle = ndimage.map_coordinates(flow, [at_y, at_x], order=1, mode="nearest")
            at_y, at_x = at_y + side * np.sin(angle), at_x + side * np.cos(angle)
            smeared += ndimage.map_coordinates(strokes, [at_y, at_x], order=1, mode="reflect")
    smeared = ndimage.gaussian_filter(smeared, 0.8)
    smeared /= smeared.std()
    place = np.clip(len(paints) * (tone + 0.09 * smeared), 0, len(paints) - 1).astype(int)
    relief = ndimage.sobel(smeared, axis=0)
    return paints[place] + 0.025 * relief[..., None]


def meadow() -> np.ndarray:
    """Flowers in grass, small ones far away and large ones near, (height, width, 3)."""
    width, height = MEADOW
    generator = np.random.default_rng(5)
    blades = ndimage.gaussian_filter(generator.normal(size=(height, width)), (9, 0.8))
    grass = smooth(-0.4, 1.6, clouds(height, width, generator) + 0.35 * blades / blades.std())
    grass = grass[..., None]
    picture = (1 - grass) * [0.06, 0.15, 0.05] + grass * [0.55, 0.75, 0.25]
    for down in np.sort(generator.uniform(0, 1, FLOWERS)):
        radius = 5 + 22 * down**1.5
        row, column = down * height, generator.uniform(0, width)
        top, left = max(int(row - 1.2 * radius), 0), max(int(column - 1.2 * radius), 0)
        part = picture[top : int(row + 1.2 * radius), left : int(column + 1.2 * radius)]
        y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        draw_flower(part, (x - column) / radius, (y - row) / radius, generator)
    return picture


def draw_flower(picture, x, y, generator: np.random.Generator) -> None:
    """Add a flower of random petals, seen at a slant, to a picture, (height, width, 3).

    ``x`` and ``y``, (height, width), are coordinates in which the flower has the radius 1.
    """
    petals, turn = generator.integers(5, 10), generator.uniform(0, 2 * np.pi)
    colour = PETALS[generator.integers(len(PETALS))]
    y = y / generator.uniform(0.7, 1)
    distance, angle = np.hypot(x, y), np.arctan2(y, x) + turn
    edge = 0.65 + 0.35 * np.abs(np.cos(petals / 2 * angle))
    shade = np.clip(0.7 + 0.4 * distance, 0, 1)
    for cover, paint in (
        (inside(distance - edge, 0.1), shade[..., None] * colour),
        (inside(distance - 0.28, 0.08), [0.93, 0.72, 0.12]),
        (inside(distance - 0.12, 0.1), [0.45, 0.25, 0.05]),
    ):
        picture += cover[..., None] * (paint - picture)


def smooth(low: float, high: float, values: np.ndarray) -> np.ndarray:
    """Smoothstep: from 0 at ``low`` to 1 at ``high``, with zero slope at both ends."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return share**2 * (3 - 2 * share)


def inside(distance: np.ndarray, softness: float) -> np.ndarray:
    """1 where the signed ``distance`` is negative, 0 where it is positive, with a soft edge."""
    return 1 - smooth(-softness, softness, distance)
