"""Regions of a picture: the cells of a convnet's layer, and means of neighbouring cells."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

POOLED = 256  # pictures whose cells are averaged at a time, which bounds the memory


def pyramid(grid: int, levels: list[int]) -> np.ndarray:
    """Regions as means of cells, (regions, cells) float32, whose rows sum to 1.

    A level of n has n × n regions: all squares of grid - n + 1 cells a side. So the level `grid` has the
    cells themselves, and the level 1 the whole picture.
    """
    return np.stack(
        [window.ravel() / window.sum() for window in windows(grid, levels)], dtype=np.float32
    )


def regions(features: np.ndarray, levels: list[int]) -> np.ndarray:
    """The regions of a :func:`pyramid`, (pictures, regions, dimensions) float16, of cells in a square.

    ``features`` (pictures, cells, dimensions).
    """
    pooling = pyramid(math.isqrt(features.shape[1]), levels)
    result = np.empty((len(features), len(pooling), features.shape[2]), np.float16)
    for start in range(0, len(features), POOLED):
        part = np.asarray(features[start : start + POOLED], np.float32)
        result[start : start + POOLED] = pooling @ part
    return result


def windows(grid: int, levels: list[int]) -> Iterator[np.ndarray]:
    """The cells of each region, (grid, grid) bool."""
    for level in levels:
        side = grid - level + 1
        for row in range(level):
            for column in range(level):
                window = np.zeros((grid, grid), bool)
                window[row : row + side, column : column + side] = True
                yield window


def boxes(grid: int, levels: list[int]) -> np.ndarray:
    """Left, top, right and bottom of each region as shares of the picture, (regions, 4)."""
    corners = []
    for window in windows(grid, levels):
        rows, columns = np.flatnonzero(window.any(axis=1)), np.flatnonzero(window.any(axis=0))
        corners.append([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return np.array(corners) / grid


def whole_pictures(features_file: Path) -> np.ndarray:
    """The mean of the cells of each picture, (pictures, dimensions) float32."""
    features = np.load(features_file, mmap_mode="r", allow_pickle=False)
    return features.mean(axis=1, dtype=np.float32)
