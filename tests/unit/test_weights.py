"""Weights files that are damaged, or of another network: a sentence, and no random layer."""

import shutil
import subprocess

import h5py
import keras
import numpy as np
import pytest
from reverie import assets, weights
from reverie.errors import ReverieError


def small() -> keras.Model:
    keras.utils.set_random_seed(0)
    picture = keras.Input((None, None, 3))
    found = keras.layers.Conv2D(4, 3, name="first")(picture)
    found = keras.layers.BatchNormalization(name="normal")(found)
    return keras.Model(picture, keras.layers.Conv2D(2, 3, name="second")(found))


@pytest.fixture
def file(tmp_path):
    small().save_weights(tmp_path / "small.weights.h5")
    return tmp_path / "small.weights.h5"


def load(file, model=None):
    model = model or small()
    weights.load(model, file, "the network", "copy it again")
    return model


def test_all_weights_are_read(file):
    saved, read = small(), small()
    for weight in read.weights:
        weight.assign(weight + 1)
    for one, two in zip(saved.weights, load(file, read).weights, strict=True):
        assert np.array_equal(one, two)


def test_the_state_of_an_optimizer_does_no_harm(file):
    model = small()
    model.compile("adam", "mse")
    model.fit(np.zeros((1, 9, 9, 3)), np.zeros((1, 5, 5, 2)), verbose=0)
    model.save_weights(file)
    load(file)


def test_a_layer_without_weights_of_its_own_is_an_error(file):
    """Keras may warn, and leave the layer as it was drawn."""

    class Warned(keras.layers.Conv2D):
        def load_own_variables(self, store):
            pass

    picture = keras.Input((None, None, 3))
    found = keras.layers.Conv2D(4, 3, name="first")(picture)
    found = keras.layers.BatchNormalization(name="normal")(found)
    model = keras.Model(picture, Warned(2, 3, name="second")(found))
    model.save_weights(file)
    sentence = "it has no weights for the layer second, or some are no numbers; copy it again."
    with pytest.raises(ReverieError, match=sentence):
        load(file, model)


def test_numbers_that_are_none_are_refused(file):
    with h5py.File(file, "r+") as whole:
        whole["layers/conv2d/vars/0"][0, 0, 0, 0] = np.nan
    with pytest.raises(ReverieError, match="the layer first, or some are no numbers"):
        load(file)


def test_arrays_elsewhere_are_refused(file):
    with h5py.File(file, "r+") as whole:
        whole.move("layers/conv2d", "layers/other")
    with pytest.raises(ReverieError, match=r"does not hold .*: it cannot be read \("):
        load(file)


def test_damaged_metadata_get_a_sentence(file, tmp_path, monkeypatch):
    """Some damages crash the HDF5 library; the asset's check, in a process of its own, sees those."""
    monkeypatch.setattr(weights, "SECONDS", 20)
    generator = np.random.default_rng(0)
    whole = np.frombuffer(file.read_bytes(), np.uint8)
    refused = 0
    for number in range(12):
        damaged = whole.copy()
        places = generator.choice(np.flatnonzero(whole), 3)
        damaged[places] = generator.integers(0, 256, 3)
        path = tmp_path / f"{number}.weights.h5"
        path.write_bytes(damaged.tobytes() if number % 3 else whole[: places[0]].tobytes())
        if reason := assets.defect(path, {}):
            assert reason == "it is damaged, or no .h5 file"
            refused += 1
            continue
        try:
            load(path)
        except ReverieError:
            refused += 1
    assert refused > 4


def test_a_file_that_crashes_the_library_or_never_ends_is_not_sound(file, monkeypatch):
    assert weights.sound(file)
    shutil.copy(file, file.with_name("crash.h5"))
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], -11, b"", b"")
    )
    assert not weights.sound(file)

    def slow(command, **_):
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", slow)
    assert not weights.sound(file)
