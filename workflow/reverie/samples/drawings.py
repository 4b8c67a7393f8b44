"""Generated pictures: a sky, a painting, and the drawings that the small convnet is trained on."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from reverie.files import replacing

SKY = (640, 360)  # width, height
PAINTING = (480, 300)
SHEET = (4, 3, 96)  # columns and rows of drawings, pixels a side of each


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


def sheet() -> np.ndarray:
    """Drawings of every kind, the first ones twice, (height, width, 3): a guide for dreams."""
    columns, rows, side = SHEET
    generator = np.random.default_rng(5)
    tiles = [drawing(kind, side, generator) for kind in (2 * KINDS)[: columns * rows]]
    return np.vstack([np.hstack(tiles[row * columns :][:columns]) for row in range(rows)])


def smooth(low: float, high: float, values: np.ndarray) -> np.ndarray:
    """Smoothstep: from 0 at ``low`` to 1 at ``high``, with zero slope at both ends."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return share**2 * (3 - 2 * share)


def inside(distance: np.ndarray, softness: float = 0.06) -> np.ndarray:
    """1 where the signed ``distance`` is negative, 0 where it is positive, with a soft edge."""
    return 1 - smooth(-softness, softness, distance)


# Each kind takes coordinates x and y, (side, side), and yields layers `(cover, colour)` from back to
# front: an opacity, (side, side), and a fixed colour or "a" or "b", which are drawn at random.
BLACK, LIGHT = (0.03, 0.03, 0.05), (0.97, 0.96, 0.93)


def eyes(x, y):
    radius = np.hypot(x, y)
    yield inside(np.abs(y) - 0.62 * (1 - (x / 1.25) ** 2), 0.1), LIGHT
    yield inside(radius - 0.58), "a"
    yield inside(np.abs(radius - 0.58) - 0.05), BLACK
    yield inside(radius - 0.27), BLACK
    yield inside(np.hypot(x + 0.14, y + 0.16) - 0.09), LIGHT


def spirals(x, y):
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    arm = np.sin(angle + 9 * radius)
    yield inside(radius - 1.3, 0.2), "a"
    yield smooth(-0.4, 0.4, arm) * inside(radius - 1.3, 0.2), "b"


def checkers(x, y):
    yield np.ones_like(x), "a"
    yield smooth(-0.15, 0.15, np.sin(5 * x) * np.sin(5 * y)), "b"


def stars(x, y):
    angle = np.arctan2(y, x) % (2 * np.pi / 5) - np.pi / 5
    edge = np.cos(angle) + 1.6 * np.abs(np.sin(angle))
    yield inside(np.hypot(x, y) * edge - 0.98), "a"


def stripes(x, y):
    yield np.ones_like(x), "a"
    yield smooth(-0.3, 0.3, np.sin(8 * x)), "b"


def bricks(x, y):
    row = np.floor(2.6 * y)
    along = (1.2 * x + 0.5 * (row % 2)) % 1
    across = (2.6 * y) % 1
    mortar = np.minimum(np.minimum(along, 1 - along) * 2.2, np.minimum(across, 1 - across))
    yield np.ones_like(x), LIGHT
    yield smooth(0.06, 0.16, mortar), "a"


def rings(x, y):
    radius = np.hypot(x, y)
    yield inside(radius - 1.25, 0.1), "a"
    yield smooth(-0.3, 0.3, np.sin(11 * radius)) * inside(radius - 1.25, 0.1), "b"


def dots(x, y):
    row = np.round(2.2 * y)
    across = 2.2 * x + 0.5 * (row % 2)
    yield np.ones_like(x), "a"
    yield inside(np.hypot(across - np.round(across), 2.2 * y - row) - 0.3, 0.08), "b"


def flowers(x, y):
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    yield inside(radius - 0.62 - 0.38 * np.cos(6 * angle), 0.08), "a"
    yield inside(radius - 0.3), (0.95, 0.75, 0.1)
    yield inside(np.abs(radius - 0.3) - 0.04), BLACK


def scales(x, y):
    yield np.ones_like(x), "a"
    for row in range(-9, 10):  # from back to front, each row covering the last
        centre = row / 3
        across = 1.6 * x + 0.5 * (row % 2)
        radius = np.hypot((across - np.round(across)) / 0.8, (y - centre) * 2.1)
        yield inside(radius - 0.72), "b"
        yield inside(np.abs(radius - 0.66) - 0.07), BLACK


KINDS = [eyes, spirals, checkers, stars, stripes, bricks, rings, dots, flowers, scales]


def drawing(kind, side: int, generator: np.random.Generator) -> np.ndarray:
    """A drawing, (side, side, 3) from 0 to 1, of random angle, scale and colours, on clouds."""
    angle, scale = generator.uniform(-0.6, 0.6), generator.uniform(1.1, 2.2)
    at_x, at_y = generator.uniform(-0.25, 0.25, 2)
    y, x = (np.mgrid[:side, :side] + 0.5) / side * 2 - 1
    x, y = scale * (x - at_x), scale * (y - at_y)
    x, y = np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y
    a, b, paper, shade = colours(generator)
    ground = clouds(side, side, generator)[..., None]
    picture = ground * paper + (1 - ground) * shade
    for cover, colour in kind(x, y):
        paint = {"a": a, "b": b}[colour] if isinstance(colour, str) else colour
        picture += cover[..., None] * (paint - picture)
    picture += generator.normal(0, 0.02, picture.shape)
    return np.clip(picture, 0, 1)


def colours(generator: np.random.Generator) -> np.ndarray:
    """Two contrasting colours, and two similar ones for the ground, (4, 3)."""
    while True:
        a, b = generator.uniform(0, 1, (2, 3))
        if np.abs(a - b).sum() > 0.9:
            break
    paper = generator.uniform(0.2, 0.9, 3)
    return np.array([a, b, paper, np.clip(paper + generator.uniform(-0.3, 0.3, 3), 0, 1)])
