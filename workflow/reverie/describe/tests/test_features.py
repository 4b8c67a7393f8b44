"""Features of pictures: principal components, a job that resumes, and a real network."""

import json

import numpy as np
import pytest
from reverie.assets import embedded
from reverie.checkpoints import Checkpoints, Interrupted, Saver
from reverie.describe import features
from reverie.describe.dataset import Described
from reverie.describe.files import Files
from reverie.describe.tests.data import picture, zipped
from reverie.errors import ReverieError

NETWORK = {"network": "SqueezeNet", "layer": "fire9", "to": None, "size": 32, "dimensions": 2}


class Fake:
    """Two cells of three channels: mean colours of the upper and the lower half."""

    size, cells, batches = 8, 2, 0

    def __init__(self, network, record):
        pass

    def __call__(self, pictures):
        Fake.batches += 1
        return pictures.reshape(len(pictures), 2, -1, 3).mean(axis=2).astype(np.float32)


@pytest.fixture
def described():
    count = 25
    empty = np.zeros(0, int)
    names = np.array([f"{number:02d}.png" for number in range(count)])
    part = (np.arange(count) % 3).astype(np.uint8)
    return Described(names, part, empty, empty, empty, empty, empty)


def compute(described, folder, say=print, sha256="7" * 64):
    pictures = folder / "pictures.zip"
    if not pictures.exists():
        zipped(pictures, {name: picture(n) for n, name in enumerate(described.names)})
    record = {"path": str(pictures), "source": "made up", "sha256": "5" * 64, "sample": False}
    (folder / "record.json").write_text(json.dumps(record))
    features.compute(
        described,
        pictures,
        sha256,
        NETWORK,
        folder / "record.json",
        Checkpoints(folder / "checkpoints", "code"),
        folder / "features.npy",
        folder / "projection.npz",
        say,
    )
    return np.load(folder / "features.npy")


def test_features_are_the_principal_components_of_the_cells(described, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "Extractor", Fake)
    found = compute(described, tmp_path)
    assert found.shape == (25, 2, 2) and found.dtype == np.float16
    training = found[described.part == 0].astype(float).reshape(-1, 2)
    assert np.allclose(training.mean(axis=0), 0, atol=0.01)
    covariance = np.cov(training.T, bias=True)
    assert abs(covariance[0, 1]) < 0.01 and np.trace(covariance) / 2 == pytest.approx(1, abs=0.01)
    projection = features.load_projection(tmp_path / "projection.npz")
    files = Files(tmp_path / "pictures.zip")
    cells = Fake(None, None)(features.read(files, described.names[:5].tolist(), 8))
    assert (projection(cells) == found[:5]).all()
    assert not (tmp_path / "checkpoints").exists() or not list((tmp_path / "checkpoints").iterdir())


def test_an_interrupted_job_resumes(described, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "Extractor", Fake)
    monkeypatch.setattr(features, "BATCH", 4)
    (tmp_path / "whole").mkdir()
    whole = compute(described, tmp_path / "whole")

    calls = []

    class Ending(Saver):
        def __call__(self, state, where):
            calls.append(where)
            self.ended = len(calls) == 7  # three batches for the components, then four
            super().__call__(state, where)

    monkeypatch.setattr(features, "Saver", Ending)
    with pytest.raises(Interrupted, match="stopped after 16 pictures"):
        compute(described, tmp_path)
    lines = []
    compute(described, tmp_path, lines.append, sha256="8" * 64)
    assert "resumes" not in " ".join(lines)  # other pictures of the same names
    Fake.batches, lines = 0, []
    resumed = compute(described, tmp_path, lines.append)
    assert lines == ["features: resumes after 16 pictures"] and Fake.batches == 3
    assert (resumed == whole).all()


def test_a_picture_that_cannot_be_read_any_more_is_named(tmp_path):
    files = Files(zipped(tmp_path / "p.zip", {"a.png": picture(), "b.png": b"damaged"}))
    with pytest.raises(ReverieError, match="b.png in .* cannot be read"):
        features.read(files, ["a.png", "b.png"], 8)


def test_progress_says_how_long_the_others_take(monkeypatch):
    times = iter([0.0, 10.0, 40.0, 50.0, 90.0])
    monkeypatch.setattr(features.time, "monotonic", lambda: next(times))
    lines = []
    progress = features.Progress(100, 500, lines.append)
    for done in (150, 200, 250, 500):
        progress(done)
    assert lines == ["features: 200 of 500 pictures; about 2 min left"]


def record(folder):
    weights = embedded("squeezenet_1_1_notop.weights.h5")
    facts = {"path": str(weights), "source": "embedded", "sha256": "", "sample": False}
    (folder / "record.json").write_text(json.dumps(facts))
    return folder / "record.json"


def test_cells_of_a_network(tmp_path):
    extractor = features.Extractor(NETWORK | {"size": 64}, record(tmp_path))
    pictures = np.zeros((2, 64, 64, 3), np.uint8)
    pictures[1, :32, :32] = 255
    cells = extractor(pictures)
    assert cells.shape == (2, extractor.cells, 512) and extractor.cells == 9
    # A change in one corner changes its cell most.
    changes = np.abs(cells[1] - cells[0]).mean(axis=-1)
    assert changes.argmax() == 0
    with pytest.raises(ReverieError, match="16 × 16 pixels is too small"):
        features.Extractor(NETWORK | {"size": 16}, record(tmp_path))
