"""What a person sees when something is wrong: sentences, never a traceback."""

import gzip

import pytest
from checkouts import river_checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return river_checkout(tmp_path_factory.mktemp("mistakes"))


def lines(printed: str) -> list[str]:
    assert "Traceback" not in printed
    return printed.splitlines()


def test_a_broken_configuration(checkout):
    overlay = checkout.folder / "config" / "broken.yaml"
    overlay.write_text("backend: torch\nforecast: {delay: soon, batch: 0, select: [gru, mpl]}\n")
    printed = checkout.run(overlays=("river", "tiny", "broken"), succeeds=False)
    assert lines(printed)[-5:] == [
        "The configuration has 4 mistakes:",
        "  config/broken.yaml:1: backend: must be 'tensorflow' or 'jax', not \"torch\"",
        "  config/broken.yaml:2: forecast.batch: must be at least 1, not 0",
        "  config/broken.yaml:2: forecast.delay: must be a duration such as '30 minutes', '1 hour' or "
        "'10 days', not 'soon'",
        "  config/broken.yaml:2: forecast.select.1: there is no variant 'mpl'; did you mean 'mlp'?",
    ]
    assert not (checkout.folder / "results/river-tiny-broken").exists()


def test_a_block_that_stands_there_twice(checkout):
    (checkout.folder / "config" / "broken.yaml").write_text(
        "forecast: {delay: 1 hour}\nparts: [forecast]\nforecast: {batch: 8}\n"
    )
    printed = checkout.run(overlays=("river", "tiny", "broken"), succeeds=False)
    assert lines(printed)[-1] == (
        "config/broken.yaml, line 3: `forecast` was given in line 1 already; put both into one."
    )


def test_a_layer_that_the_weights_cannot_end_with(checkout):
    (checkout.folder / "config" / "broken.yaml").write_text("weights: {VGG19: {to: blok5_pool}}\n")
    printed = checkout.run(overlays=("river", "tiny", "broken"), succeeds=False)
    assert lines(printed)[-1] == (
        "  config/broken.yaml:1: weights.VGG19.to: VGG19 has no layer 'blok5_pool'; did you mean "
        "'block5_pool'?"
    )


def test_a_series_that_is_not_there(checkout):
    (checkout.folder / "config" / "broken.yaml").write_text(
        "forecast: {series: {path: [river*.csv, sea*.csv]}}\n"
    )
    printed = checkout.run(overlays=("river", "tiny", "broken"), succeeds=False)
    assert lines(printed)[-1] == (
        "forecast.series.path: there is no file sea*.csv; correct the path."
    )


def test_a_column_that_is_not_there(checkout):
    (checkout.folder / "config" / "broken.yaml").write_text("forecast: {series: {target: depth}}\n")
    printed = checkout.run(overlays=("river", "tiny", "broken"), succeeds=False)
    sentence = (
        "prepare_series: river.csv: there is no column 'depth' (forecast.series.target); it has "
        "'level_m', 'rain_mm'."
    )
    assert lines(printed)[-1] == sentence
    log = checkout.folder / "results/river-tiny-broken/logs/forecast/series.log"
    assert log.read_text() == sentence + "\n"


@pytest.mark.parametrize("mistake", ["packed", "lookback"])
def test_a_series_that_cannot_be_used(checkout, mistake):
    """The many ways are in tests/unit: these take their way through the workflow."""
    overlay, expected = {
        "packed": (
            "series: {path: own.csv.gz}",
            "prepare_series: own.csv.gz is not a gzip file or is damaged; fetch it again.",
        ),
        "lookback": (
            "variants: {gru: {lookback: 8 days}}",
            "check_model: forecast.split: the val part, rows 1481 to 2220, is too short for a lookback of 768 rows "
            "(forecast.variants.gru.lookback) and a batch of 32; move the split, or lower "
            "forecast.variants.gru.lookback or forecast.batch.",
        ),
    }[mistake]
    packed = bytearray(gzip.compress((checkout.folder / "river.csv").read_bytes()))
    packed[len(packed) // 2] ^= 0x55
    (checkout.folder / "own.csv.gz").write_bytes(packed)
    (checkout.folder / "config" / "broken.yaml").write_text(f"forecast: {{{overlay}}}\n")
    printed = checkout.run(overlays=("river", "tiny", "broken"), succeeds=False)
    assert expected in lines(printed)
    assert not list(checkout.folder.glob("results/river-tiny-broken/forecast/*/seed0/history.csv"))


def test_a_layer_that_keras_refuses(checkout):
    (checkout.folder / "config" / "broken.yaml").write_text(
        "forecast: {variants: {gru: {layers: [{GRU: {unit: 4}}]}}}\n"
    )
    printed = checkout.run(overlays=("river", "tiny", "broken"), succeeds=False)
    report, *failures = lines(printed)[-2:]
    assert report.startswith("The report so far: ")  # said once, though no network is trained
    assert failures[0].startswith(
        "check_model: forecast.variants.gru.layers.0: Keras refuses {'GRU'"
    )
    trained = checkout.folder.glob("results/river-tiny-broken/forecast/*/seed0/history.csv")
    assert not list(trained)
