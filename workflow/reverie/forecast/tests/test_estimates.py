"""How long a training step of a network is expected to take."""

import pytest
from checkouts import REPOSITORY
from reverie.config import files
from reverie.config.model import load
from reverie.forecast import estimates, variants

BASE, _ = files.read([REPOSITORY / "config.yaml"])
GRU = {"GRU": {"units": 32}}


def step(*layers, **changes) -> float:
    """Milliseconds of a step, beyond those that every network takes."""
    settings = load(
        files.merged(BASE, {"forecast": {"variants": {"gru": {"layers": list(layers)}}}})
    )
    network = variants.networks(settings.model_dump())["gru"] | changes
    return estimates.step_ms(network) - estimates.NETWORK


def test_a_step_grows_with_the_work_of_its_layers():
    assert step({"Flatten": {}}, {"Dense": {"units": 32}}) == 0
    assert step({"Bidirectional": {"layer": GRU}}) == pytest.approx(2 * step(GRU))
    assert step(GRU, lookback="5 days") == pytest.approx(step(GRU) / 2)
    assert step(GRU) < step({"LSTM": {"units": 32}}) < step({"GRU": {"units": 64}})
    features = [{"column": "all"}, {"column": None}]
    assert step(GRU, features=features) > step(GRU)


@pytest.mark.parametrize(("kernel", "seconds"), [(7, 96), (9, 104)])
def test_wider_kernels_take_as_much_longer_as_in_the_full_run(kernel, seconds):
    """Whose convnet with kernels of 5 took 84 seconds."""

    def convnet(size):
        layer, pool = (
            {"Conv1D": {"filters": 32, "kernel_size": size}},
            {"MaxPooling1D": {"pool_size": 3}},
        )
        return estimates.NETWORK + step(layer, pool, layer, pool, layer)

    assert convnet(kernel) / convnet(5) == pytest.approx(seconds / 84, rel=0.03)


def test_pooling_shortens_what_comes_after():
    convolution = {"Conv1D": {"filters": estimates.COLUMNS, "kernel_size": 5}}
    pooled = step(convolution, {"MaxPooling1D": {"pool_size": 3}}, GRU)
    assert pooled - step(convolution) == pytest.approx(step(GRU) / 3)


@pytest.mark.parametrize("options", [{}, {"units": "many"}, {"units": -1}, {"unit": 4}])
def test_layers_that_keras_will_refuse(options):
    assert step({"GRU": options}) < step(GRU)
    assert step({"Bidirectional": {"layer": {"GRU": options}}}) < 2 * step(GRU)


@pytest.mark.parametrize(
    "options", [{}, {"pool_size": "few"}, {"pool_size": 0}, {"pool_size": [3]}]
)
def test_a_pool_without_a_count_has_the_default(options):
    assert step({"MaxPooling1D": options}, GRU) == step({"MaxPooling1D": {"pool_size": 2}}, GRU)
