"""Drawn scenes with sentences from a small grammar: the embedded sample of pictures.

A scene has two halves, one above or left of the other. In each are one to three things of a shape and a
colour, or a pattern. Five sentences say so in different words: "two red stars above blue stripes".
"""

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from reverie.files import replacing

SCENES, SIDE, SEED = 2_000, 96, 0
SMOOTH = 3  # drawn at so many times the size
SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}
COLOURS = {
    "red": (204, 41, 41),
    "orange": (240, 140, 20),
    "yellow": (240, 208, 32),
    "green": (48, 150, 66),
    "blue": (40, 80, 200),
    "purple": (130, 50, 160),
    "black": (30, 30, 30),
}
SHAPES = ["star", "circle", "square", "triangle", "ring", "cross"]
PATTERNS = ["stripes", "dots", "waves"]
NUMBERS = ["a", "two", "three"]
GROUND = (245, 243, 236)


@dataclass(frozen=True)
class Half:
    """``number`` things of a shape, or a pattern, which has the number 0."""

    number: int
    colour: str
    shape: str

    def phrase(self, generator: np.random.Generator) -> str:
        """Such as "two red stars"; one in six leaves the colour out."""
        colour = [] if generator.random() < 1 / 6 else [self.colour]
        if not self.number:
            return " ".join([*colour, self.shape])
        plural = {"cross": "crosses"}.get(self.shape, f"{self.shape}s")
        noun = self.shape if self.number == 1 else plural
        words = [NUMBERS[self.number - 1], *colour, noun]
        if words[0] == "a" and words[1][0] == "o":
            words[0] = "an"
        return " ".join(words)


def draw_halves(generator: np.random.Generator) -> tuple[Half, Half]:
    """Two halves that differ in colour and in shape."""
    colours = generator.choice(list(COLOURS), 2, replace=False)
    shapes = generator.choice(SHAPES, 2, replace=False)
    halves = [
        Half(int(generator.integers(1, 4)), str(colour), str(shape))
        for colour, shape in zip(colours, shapes, strict=True)
    ]
    if generator.random() < 0.4:
        place = generator.integers(2)
        halves[place] = Half(0, halves[place].colour, str(generator.choice(PATTERNS)))
    return tuple(halves)


def sentences(first: Half, second: Half, beside: bool, generator: np.random.Generator) -> list[str]:
    """Five sentences about a scene, the ``second`` half below the ``first``, or right of it."""
    before, after = ("left of", "right of") if beside else ("above", "below")
    where = "on the right" if beside else "below"
    ways = [
        lambda a, b: f"{a} {before} {b}",
        lambda a, b: f"{b} {after} {a}",
        lambda a, b: f"{a} and {b}",
        lambda a, b: f"a picture of {a} with {b} {where}",
        lambda a, b: (
            f"{b} with {a} {'beside' if beside else 'over'} {'it' if second.number == 1 else 'them'}"
        ),
    ]
    return [way(first.phrase(generator), second.phrase(generator)) for way in ways]


def picture(first: Half, second: Half, beside: bool, generator: np.random.Generator) -> Image.Image:
    """The scene, SIDE pixels square."""
    side = SIDE * SMOOTH
    canvas = Image.new("RGB", (side, side), GROUND)
    pen = ImageDraw.Draw(canvas)
    for place, half in enumerate((first, second)):
        # The corner, and the length of the half along its long and its short side.
        start, long, short = place * side // 2, side, side // 2
        if half.number:
            slots = generator.permutation(3)[: half.number]
            for slot in slots:
                along = (slot + 0.5) * long / 3 + generator.uniform(-0.03, 0.03) * side
                across = start + short / 2 + generator.uniform(-0.06, 0.06) * side
                radius = generator.uniform(0.1, 0.15) * side
                centre = (across, along) if beside else (along, across)
                shape(pen, half.shape, centre, radius, COLOURS[half.colour])
        else:
            box = (start, 0, start + short, side) if beside else (0, start, side, start + short)
            pattern(pen, half.shape, box, COLOURS[half.colour])
    return canvas.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def shape(pen: ImageDraw.ImageDraw, name: str, centre, radius: float, colour) -> None:
    """Draw one thing."""
    x, y = centre
    box = (x - radius, y - radius, x + radius, y + radius)

    def polygon(corners: int, inner: float = 1.0) -> list[tuple[float, float]]:
        angles = np.arange(corners) * 2 * np.pi / corners - np.pi / 2
        radii = radius * np.where(np.arange(corners) % 2, inner, 1.0)
        return list(zip(x + radii * np.cos(angles), y + radii * np.sin(angles), strict=True))

    match name:
        case "circle":
            pen.ellipse(box, fill=colour)
        case "ring":
            pen.ellipse(box, outline=colour, width=round(radius / 3))
        case "square":
            half = 0.85 * radius
            pen.rectangle((x - half, y - half, x + half, y + half), fill=colour)
        case "triangle":
            pen.polygon(polygon(3), fill=colour)
        case "star":
            pen.polygon(polygon(10, 0.42), fill=colour)
        case "cross":
            thin = radius / 3
            pen.rectangle((x - thin, y - radius, x + thin, y + radius), fill=colour)
            pen.rectangle((x - radius, y - thin, x + radius, y + thin), fill=colour)


def pattern(pen: ImageDraw.ImageDraw, name: str, box, colour) -> None:
    """Fill a half with a pattern."""
    left, top, right, bottom = box
    step = SIDE * SMOOTH // 8
    if name == "dots":
        for x in range(left + step // 2, right, step):
            for y in range(top + step // 2, bottom, step):
                pen.ellipse((x - step / 4, y - step / 4, x + step / 4, y + step / 4), fill=colour)
        return
    swing = step / 3 if name == "waves" else 0
    xs = np.linspace(left, right, 60)
    for y in range(top + step // 2, bottom, step):
        heights = y + swing * np.sin((xs - left) * 2 * np.pi / (2 * step))
        pen.line(list(zip(xs, heights, strict=True)), fill=colour, width=step // 3)


def scene(number: int, seed: int) -> tuple[Half, Half, bool]:
    """The halves of a scene, and whether they stand beside each other."""
    generator = np.random.default_rng([seed, number])
    beside = bool(generator.random() < 0.5)
    return *draw_halves(generator), beside


def write_pictures(file: Path, scenes: int = SCENES, seed: int = SEED) -> None:
    """Write the pictures of the sample, a .zip of .png."""
    with replacing(file) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for number in range(scenes):
            data = io.BytesIO()
            generator = np.random.default_rng([seed, number, 1])
            picture(*scene(number, seed), generator).save(data, "png")
            # With a fixed time, so that the same sample is the same file.
            info = zipfile.ZipInfo(name(number), (2020, 1, 1, 0, 0, 0))
            archive.writestr(info, data.getvalue())


def write_sentences(file: Path, scenes: int = SCENES, seed: int = SEED) -> None:
    """Write the table (.csv) of their sentences, `picture,sentence,part`."""
    ends = np.cumsum([round(share * scenes) for share in SHARES.values()])[:-1]
    with replacing(file) as part, open(part, "w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(["picture", "sentence", "part"])
        for number in range(scenes):
            generator = np.random.default_rng([seed, number, 2])
            split = list(SHARES)[int(np.searchsorted(ends, number, "right"))]
            for sentence in sentences(*scene(number, seed), generator):
                writer.writerow([name(number), sentence, split])


def name(number: int) -> str:
    return f"scene{number:04d}.png"
