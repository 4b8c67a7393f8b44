"""Features of pictures: what a layer of a pretrained network says of each cell of a grid.

They take the place of the paper's objects, which a detector had found (R-CNN). A principal component
analysis reduces the channels, so that all features fit into memory.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from reverie import backend, records
from reverie.checkpoints import Checkpoints, Saver
from reverie.describe.dataset import Described
from reverie.describe.files import Files, picture
from reverie.durations import in_words
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.pictures import networks

BATCH = 16  # pictures in a compiled call; more cost memory and save no time
SAMPLE = 800  # training pictures from whose cells the principal components come
LINE_SECONDS = 30.0  # between two progress lines


@dataclass
class Projection:
    """Principal components: `mean` (channels,), `components` (channels, dimensions), `scale`.

    The features have the mean square 1 over the cells and dimensions of the sample.
    """

    mean: np.ndarray
    components: np.ndarray
    scale: float

    @classmethod
    def of(cls, cells: np.ndarray, dimensions: int) -> "Projection":
        """That of ``cells``, (…, channels), to as many ``dimensions`` at most."""
        cells = cells.reshape(-1, cells.shape[-1]).astype(np.float64)
        mean = cells.mean(axis=0)
        _, vectors = np.linalg.eigh(np.cov(cells.T, bias=True))
        components = vectors[:, ::-1][:, :dimensions]
        # The sign of an eigenvector is arbitrary; a fixed one gives the same file everywhere.
        largest = components[np.abs(components).argmax(axis=0), range(components.shape[1])]
        components = components * np.sign(largest)
        scale = np.sqrt(np.mean(((cells - mean) @ components) ** 2))
        return cls(
            mean.astype(np.float32), components.astype(np.float32), float(scale) or 1.0
        )  # 1 where all cells are equal

    def __call__(self, cells: np.ndarray) -> np.ndarray:
        return ((cells - self.mean) @ self.components / self.scale).astype(np.float16)

    def save(self, file: Path) -> None:
        with replacing(file) as part, open(part, "wb") as opened:
            np.savez(opened, mean=self.mean, components=self.components, scale=self.scale)


def load_projection(file: Path) -> Projection:
    with np.load(file, allow_pickle=False) as saved:
        return Projection(saved["mean"], saved["components"], float(saved["scale"]))


class Extractor:
    """The outputs of a ``layer``: batches of square pictures to cells, (pictures, cells, channels)."""

    def __init__(self, network: dict, record: Path):
        """``network`` has `network, layer, to, size`; ``record`` is that of its weights."""
        self.size = network["size"]
        self.model = networks.of_record(
            network["network"], [network["layer"]], network["to"], record
        )
        where = f"describe: a picture for {network['network']}"
        networks.refuse_small(
            self.model, [(self.size, self.size)], 0, where, "raise describe.features.size"
        )
        square = (self.size, self.size, 3)
        output = self.model.compute_output_shape((1, *square))
        _, height, width, _ = output if isinstance(output[0], int) else output[0]
        self.cells = height * width
        self.compiled = backend.compiled(
            self.model, lambda predict, x: predict(x), [(None, *square)]
        )

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """``pictures`` (pictures, size, size, 3) uint8."""
        inputs = keras.ops.convert_to_tensor(pictures.astype(np.float32) / 255)
        (cells,) = networks.features(self.compiled(inputs))
        cells = keras.ops.convert_to_numpy(cells)
        return cells.reshape(len(cells), -1, cells.shape[-1])


def compute(
    described: Described,
    pictures: Path,
    sha256: str,
    network: dict,
    record: Path,
    checkpoints_at: Checkpoints,
    features_file: Path,
    projection_file: Path,
    say: Callable[[str], None] = print,
) -> None:
    """Write the features of all pictures, (pictures, cells, dimensions) float16 (.npy), and the projection.

    ``sha256`` is the hash of the ``pictures``. ``network`` has what :class:`Extractor` takes, and
    `dimensions`. An interrupted job resumes after its last batch; what it has lies in the folder of the
    checkpoint.
    """
    files, extractor = Files(pictures), Extractor(network, record)

    def batches(places: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            yield part, extractor(read(files, described.names[part].tolist(), extractor.size))

    with (
        checkpoints_at.of(
            network=network,
            weights=records.source_of(record)[1]["sha256"],
            pictures=sha256,
            names=described.names.tolist(),
            part=described.part.tolist(),
        ) as checkpoint,
        Saver(checkpoint) as saver,
    ):
        partial, components = (
            checkpoint.folder / "features.npy",
            checkpoint.folder / "components.npz",
        )
        if not components.exists():
            training = described.pictures_of("train")
            sample = training[:: -(-len(training) // SAMPLE)]
            say(f"features: {len(sample)} pictures for the principal components")
            cells = []
            for _, part in batches(sample):
                cells.append(part.astype(np.float16))
                saver(lambda: ({}, {"done": 0}), "features: stopped before the first picture")
            Projection.of(np.concatenate(cells), network["dimensions"]).save(components)
        projection = load_projection(components)
        saved, done = checkpoint.load(), 0
        if saved and partial.exists():
            done = saved[1]["done"]
            array = np.lib.format.open_memmap(partial, "r+")
            say(f"features: resumes after {done} pictures")
        else:
            shape = (len(described.names), extractor.cells, projection.components.shape[1])
            array = np.lib.format.open_memmap(partial, "w+", np.float16, shape)

        def state():
            array.flush()
            return {}, {"done": done}

        progress = Progress(done, len(described.names), say)
        for places, cells in batches(np.arange(done, len(described.names))):
            array[places] = projection(cells)
            done = int(places[-1]) + 1
            saver(state, f"features: stopped after {done} pictures")
            progress(done)
        array.flush()
        features_file.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(partial, features_file)
        shutil.move(components, projection_file)


def read(files: Files, names: list[str], size: int) -> np.ndarray:
    """The pictures, (pictures, size, size, 3) uint8; raises ReverieError for one that cannot be read."""
    pictures = []
    for name in names:
        squeezed = picture(files.read(name), size)
        if squeezed is None:
            raise ReverieError(f"{name} in {files.path} cannot be read; copy the picture again.")
        pictures.append(squeezed)
    return np.stack(pictures)


class Progress:
    """A line every half minute: how many of ``total`` are done, and how long the others will take."""

    def __init__(self, done: int, total: int, say: Callable[[str], None]):
        self.first, self.total, self.say = done, total, say
        self.started = self.said = time.monotonic()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self.said > LINE_SECONDS and done < self.total:
            left = (now - self.started) / (done - self.first) * (self.total - done)
            self.say(f"features: {done} of {self.total} pictures; about {in_words(left)} left")
            self.said = now
