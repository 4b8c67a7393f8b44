"""The configuration: what is accepted, and the sentence for every mistake."""

import copy
import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from reverie import durations
from reverie.config import docs, files
from reverie.config.__main__ import check
from reverie.config.fields import NAME, NAME_RULE
from reverie.config.files import differences, merged
from reverie.config.layers import LAYERS, OPTIMIZERS
from reverie.config.model import Config, ConfigError, load
from reverie.forecast import variants
from reverie.forecast.config import Forecast
from reverie.pictures.layer_names import LAYER_NAMES

REPOSITORY = Path(__file__).parents[2]
LECTURE = yaml.safe_load((REPOSITORY / "config.yaml").read_text())


def forecast(**settings) -> dict:
    return {"forecast": settings}


def diagnose(**settings) -> dict:
    return {"diagnose": settings}


def model(**settings) -> dict:
    return diagnose(models={"x": {"title": "X"} | settings})


def describe(**settings) -> dict:
    return {"describe": settings}


def gru(**settings) -> dict:
    return forecast(variants={"gru": settings})


def cut(text: str) -> str:
    return text[:500] + "…"


REPLICATED = (
    "needs GRU, LSTM or SimpleRNN as a layer, and after it only Activation, Dense, Dropout, GaussianNoise "
    "or LayerNormalization"
)
BROKEN = [
    # (what is changed, path, the sentence)
    ({"backends": "jax"}, "backends", "is not a setting; did you mean 'backend'?"),
    ({"backend": "torch"}, "backend", "must be 'tensorflow' or 'jax', not \"torch\""),
    ({"samples": True}, "samples", "must be 'never' or 'auto', not true"),
    ({"mirrors": "mirror"}, "mirrors", 'must be a list, not "mirror"'),
    (
        {"run": "My Run"},
        "run",
        f'{NAME_RULE}, not "My Run"',
    ),
    (
        {"assets": {"jena": {"hash": "md5:123"}}},
        "assets.jena.hash",
        "must be 'sha256:' and 64 or 'md5:' and 32 hexadecimal digits, not 'md5:123'",
    ),
    (
        {"assets": {"jena": {"addresses": ["ftp://example.org/x"]}}},
        "assets.jena.addresses.0",
        "must begin with https:// or http:// and name a file, not 'ftp://example.org/x'",
    ),
    (
        {"assets": {"jena": {"file": "../secret.csv"}}},
        "assets.jena.file",
        "must be the name of a file without folders, of at most 100 characters, not '../secret.csv'",
    ),
    ({"assets": {"jena": {"bytes": 0}}}, "assets.jena.bytes", "must be at least 1, not 0"),
    ({"assets": {"own": {}}}, "assets.own.file", "is missing"),
    (
        {"assets": {"jena": {"sample": "climate"}}},
        "assets.jena.sample",
        "must be 'docstrings', 'sky', 'painting', 'meadow', 'squeezenet', 'stays_a', 'stays_b', 'stays_c', 'outcomes_a', 'outcomes_b', 'outcomes_c', 'scenes' or 'sentences', not \"climate\"",
    ),
    (diagnose(k=0), "diagnose.k", "must be at least 1, not 0"),
    (
        diagnose(labels="labels.csv"),
        "diagnose.labels",
        "`table` and `labels` belong together; name both, or none",
    ),
    (
        diagnose(table="stays.json", labels="labels.csv"),
        "diagnose.table",
        "must be a table (.csv, .csv.gz, .zip), not 'stays.json'",
    ),
    (
        diagnose(sets=[]),
        "diagnose.sets",
        "name the Challenge's sets here, or your own `table` and `labels`",
    ),
    (
        diagnose(sets=[{"records": "stays_d", "outcomes": "outcomes_a"}]),
        "diagnose.sets.0.records",
        "there is no asset 'stays_d'; did you mean 'stays_c'?",
    ),
    (
        diagnose(select=["lstmm"]),
        "diagnose.select.0",
        "there is no model 'lstmm'; did you mean 'lstm'?",
    ),
    (
        model(kind="lstm"),
        "diagnose.models.x.units",
        "is missing; a network needs the units of each layer",
    ),
    (
        model(kind="base_rate", dropout=0.5),
        "diagnose.models.x.dropout",
        "is no setting of the kind base_rate, only of lstm, gru_d, mlp",
    ),
    (model(kind="lstm", units=[8], gain=True), "diagnose.models.x.gain", "needs `replication`"),
    (
        model(kind="logistic", reads="features", indicators=True),
        "diagnose.models.x.indicators",
        "are no use with features, which say what is not known",
    ),
    (
        model(kind="mlp", units=[8], indicators=True),
        "diagnose.models.x.indicators",
        "are no use with features, which say what is not known",
    ),
    (model(kind="trees", reads="ends"), "diagnose.models.x.reads", "must be features for trees"),
    (
        diagnose(select=["lstm_mlp_mean"]),
        "diagnose.models",
        "no model but ensembles stands in the task conditions",
    ),
    (describe(folder="shots"), "describe.table", "is missing; `folder` needs it"),
    (describe(table="shots.csv"), "describe.folder", "is missing; `table` needs it"),
    (
        describe(pictures=None),
        "describe.pictures",
        "name an entry of `assets` here, or your own `folder` and `table`",
    ),
    (
        describe(sentences="flickr8k"),
        "describe.sentences",
        "there is no asset 'flickr8k'; did you mean 'flickr8k_pictures'?",
    ),
    (
        describe(features={"layer": "mixed12"}),
        "describe.features.layer",
        "InceptionV3 has no layer 'mixed12'; did you mean 'mixed2'?",
    ),
    (describe(longest=201), "describe.longest", "must be at most 200, not 201"),
    (
        describe(select=["gruu"]),
        "describe.select.0",
        "there is no model or writer 'gruu'; did you mean 'gru'?",
    ),
    (
        describe(writers={"brnn": {"title": "X", "kind": "rnn", "units": 8}}),
        "describe.writers.brnn",
        "is the name of a model too; choose another",
    ),
    (
        describe(writers={"retrieval": {"title": "X", "kind": "rnn", "units": 8}}),
        "describe.writers.retrieval",
        "is the name of a writer that needs no network; choose another",
    ),
    (
        describe(writers={"rnn_adam": {"optimizer": {"learning_rate": 0.1}}}),
        "describe.writers.rnn_adam.rates",
        "are tried in place of the optimizer's learning_rate; leave one of the two out",
    ),
    (
        describe(models={"brnn": {"levels": [0]}}),
        "describe.models.brnn.levels.0",
        "must be at least 1, not 0",
    ),
    (forecast(seeds=[]), "forecast.seeds", "must not be empty"),
    (forecast(seeds=[0, -1]), "forecast.seeds.1", "must be at least 0, not -1"),
    (forecast(seeds=[0, 0]), "forecast.seeds", "0 is listed twice"),
    (forecast(seeds=[1, "1"]), "forecast.seeds", "1 is listed twice"),
    (
        forecast(seeds=list(range(1001))),
        "forecast.seeds",
        "must have at most 1,000 entries",
    ),
    (forecast(seeds=3), "forecast.seeds", "must be a list, not 3"),
    (forecast(steps=2.5), "forecast.steps", "must be a whole number, not 2.5"),
    (forecast(batch=0), "forecast.batch", "must be at least 1, not 0"),
    (forecast(batch=True), "forecast.batch", "must be a whole number, not True"),
    (
        forecast(delay="tomorrow"),
        "forecast.delay",
        "must be a duration such as '30 minutes', '1 hour' or '10 days', not 'tomorrow'",
    ),
    (
        forecast(lookback=1440),
        "forecast.lookback",
        "must be a duration such as '30 minutes', '1 hour' or '10 days', not 1440",
    ),
    (
        {"run": ".."},
        "run",
        f'{NAME_RULE}, not ".."',
    ),
    (
        forecast(step="7 hours"),
        "forecast.step",
        "7 hours does not divide the lookback of 10 days; choose a step that does",
    ),
    (
        gru(step="11 hours"),
        "forecast.variants.gru.step",
        "11 hours does not divide the lookback of 10 days; choose a step that does",
    ),
    (
        forecast(select=["gru", "gur"]),
        "forecast.select.1",
        "there is no variant 'gur'; did you mean 'gru'?",
    ),
    (
        forecast(select=["transformer"]),
        "forecast.select.0",
        "there is no variant 'transformer'; allowed: "
        + ", ".join(sorted(LECTURE["forecast"]["variants"])),
    ),
    (
        forecast(split={"train": "yesterday"}),
        "forecast.split.train",
        "must be a row (200000), a fraction of the rows (0.5) or a date ('2014-01-01'), "
        "not 'yesterday'",
    ),
    (
        forecast(split={"train": 300000}),
        "forecast.split.validation",
        "must come after the end of training, 300000",
    ),
    (
        forecast(split={"train": 0.5}),
        "forecast.split",
        "train is a fraction but validation is a row; use one kind for both",
    ),
    (
        forecast(series={"asset": "jenna"}),
        "forecast.series.asset",
        "there is no asset 'jenna'; did you mean 'jena'?",
    ),
    (
        forecast(series={"asset": None}),
        "forecast.series",
        "needs `asset` (an entry of `assets`) or `path` (your own file)",
    ),
    (
        forecast(series={"clean": "perhaps"}),
        "forecast.series.clean",
        'must be true or false, not "perhaps"',
    ),
    (
        forecast(series={"time": "Date Time"}),
        "forecast.series.time",
        'must be a group of `name: value`, not "Date Time"',
    ),
    (
        forecast(series={"path": ""}),
        "forecast.series.path",
        "must name .csv, .csv.gz, .zip or .parquet files, not ''",
    ),
    (
        forecast(series={"path": ["river_*.csv", "own.json"]}),
        "forecast.series.path",
        "must name .csv, .csv.gz, .zip or .parquet files, not 'own.json'",
    ),
    (forecast(series={"path": []}), "forecast.series.path", "must not be empty"),
    (
        forecast(series={"encoding": "latn-1"}),
        "forecast.series.encoding",
        "'latn-1' is no encoding; did you mean 'latin-1'?",
    ),
    (
        {"text": {"encoding": "utf-61"}},
        "text.encoding",
        "'utf-61' is no encoding; did you mean 'utf-16'?",
    ),
    (
        forecast(series={"decimal": ";"}),
        "forecast.series.decimal",
        "must be '.' or ',', not \";\"",
    ),
    (
        forecast(split={"train": float("inf")}),
        "forecast.split.train",
        "must be a row (200000), a fraction of the rows (0.5) or a date ('2014-01-01'), not inf",
    ),
    (forecast(series={"target": 1}), "forecast.series.target", "must be a text, not 1"),
    (forecast(series={"columns": []}), "forecast.series.columns", "must not be empty"),
    (
        forecast(series={"sentinels": ["none"]}),
        "forecast.series.sentinels.0",
        'must be a number, not "none"',
    ),
    (gru(layers=[]), "forecast.variants.gru.layers", "must not be empty"),
    (gru(layers=None), "forecast.variants.gru.layers", "is missing"),
    (
        forecast(variants={"bare": {"title": "x"}}),
        "forecast.variants.bare.layers",
        "is missing",
    ),
    (
        forecast(variants={"line": {"title": "x", "kind": "linaer"}}),
        "forecast.variants.line.kind",
        "there is no kind 'linaer'; did you mean 'linear'?",
    ),
    (
        gru(kind="linear"),
        "forecast.variants.gru.layers",
        "is no setting of the kind linear; leave it out",
    ),
    (
        forecast(variants={"line": {"title": "x", "kind": "linear", "epochs": 3}}),
        "forecast.variants.line.epochs",
        "is no setting of the kind linear; leave it out",
    ),
    (
        forecast(variants={"line": {"title": "x", "kind": "ridge", "ensemble": True}}),
        "forecast.variants.line.ensemble",
        "is no setting of the kind ridge; leave it out",
    ),
    (
        forecast(variants={"line": {"title": "x", "kind": "trees", "grid": {"units": [1]}}}),
        "forecast.variants.line.grid",
        "'units' is neither a setting of the variant nor an argument of one of its layers",
    ),
    (
        forecast(variants={"mix": {"title": "x", "blend": ["gru"]}}),
        "forecast.variants.mix.blend",
        "must be 'all' or a list of at least two names of variants, not ['gru']",
    ),
    (
        forecast(variants={"mix": {"title": "x", "blend": ["gru", "gru"]}}),
        "forecast.variants.mix.blend",
        "gru is listed twice",
    ),
    (
        forecast(variants={"mix": {"title": "x", "kind": "blend"}}),
        "forecast.variants.mix.blend",
        "is missing; name the forecasts to blend, or `all`",
    ),
    (
        gru(blend="all", kind="network"),
        "forecast.variants.gru.blend",
        "is no setting of the kind network; leave one of the two out",
    ),
    (
        forecast(variants={"mix": {"title": "x", "blend": "all", "step": "1 hour"}}),
        "forecast.variants.mix.step",
        "is no setting of the kind blend; leave it out",
    ),
    (
        forecast(variants={"mix": {"title": "x", "blend": "all", "refit": True}}),
        "forecast.variants.mix.refit",
        "is no setting of the kind blend; leave it out",
    ),
    (
        forecast(variants={"mix": {"title": "x", "blend": ["naive", "liner"]}}),
        "forecast.variants.mix.blend.1",
        "no variant 'liner' runs; did you mean 'linear'?",
    ),
    (
        forecast(
            variants={"mix": {"title": "x", "blend": ["gru", "mlp"]}}, select=["mix", "mlp", "lstm"]
        ),
        "forecast.variants.mix.blend.0",
        "no variant 'gru' runs; allowed: lstm, mlp, naive",
    ),
    (
        forecast(variants={"mix": {"title": "x", "blend": ["gru", "blend"]}}),
        "forecast.variants.mix.blend.1",
        "blend is a blend itself; name its members instead",
    ),
    (
        forecast(select=["blend"]),
        "forecast.variants.blend.blend",
        "has nothing to blend; select other variants too",
    ),
    (
        gru(layers=[{"GRUU": {"units": 8}}]),
        "forecast.variants.gru.layers.0",
        "layer 'GRUU' is not known; did you mean 'GRU'?",
    ),
    (
        gru(layers=[{"Lambda": {"function": "x"}}]),
        "forecast.variants.gru.layers.0",
        "layer 'Lambda' is not known; allowed: " + ", ".join(sorted(LAYERS)),
    ),
    (
        gru(layers=[{"Bidirectional": {}}]),
        "forecast.variants.gru.layers.0",
        "Bidirectional needs the layer it wraps: {Bidirectional: {layer: …}}",
    ),
    (
        gru(layers=[{"Bidirectional": {"layer": "Lambda"}}]),
        "forecast.variants.gru.layers.0",
        "layer 'Lambda' is not known; allowed: " + ", ".join(sorted(LAYERS)),
    ),
    (
        {"parts": ["dreams"]},
        "parts.0",
        "must be 'forecast', 'text', 'dream', 'style', 'diagnose' or 'describe', not \"dreams\"",
    ),
    ({"parts": []}, "parts", "must not be empty"),
    ({"parts": ["text", "text"]}, "parts", "text is listed twice"),
    (
        {"text": {"asset": "nietsche"}},
        "text.asset",
        "there is no asset 'nietsche'; did you mean 'nietzsche'?",
    ),
    (
        {"text": {"asset": None}},
        "text",
        "needs `asset` (an entry of `assets`) or `corpus` (your own file)",
    ),
    (
        {"dream": {"pictures": {"sky": {"size": 200}}}},
        "dream.pictures.sky",
        "its smallest octave would have 102 pixels, and InceptionV3 needs 128; use fewer octaves, a "
        "smaller octave_scale or a larger size",
    ),
    (
        {"dream": {"pictures": {"sky": {"sise": 640}}}},
        "dream.pictures.sky.sise",
        "is not a setting; did you mean 'size'?",
    ),
    (
        {"dream": {"select": ["skyy"]}},
        "dream.select.0",
        "there is no dream 'skyy'; did you mean 'sky'?",
    ),
    (
        {"dream": {"pictures": {"sky": {"picture": "ski"}}}},
        "dream.pictures.sky.picture",
        "must be an asset or a .jpg, .png or .webp file, not 'ski'; did you mean 'sky'?",
    ),
    (
        {
            "dream": {
                "pictures": {
                    "sky": {
                        "layers": dict.fromkeys(["mixed2", "mixed3", "mixed4"], 0) | {"mixed5": "0"}
                    }
                }
            }
        },
        "dream.pictures.sky.layers",
        "needs a layer with a weight above 0",
    ),
    (
        {"dream": {"pictures": {"sky": {"norm": "max"}}}},
        "dream.pictures.sky.norm",
        "must be 'mean', 'l2' or 'std', not \"max\"",
    ),
    (
        {"dream": {"pictures": {"Sky": {"picture": "noise", "layers": {"mixed2": 1}}}}},
        "dream.pictures.Sky",
        f'{NAME_RULE}, not "Sky"',
    ),
    (
        {"dream": {"pictures": {"sky": {"film": {"shift": [1]}}}}},
        "dream.pictures.sky.film.shift",
        "must have 2 entries, not 1",
    ),
    (
        {"dream": {"pictures": {"sky": {"network": "ResNet50"}}}},
        "dream.pictures.sky.network",
        "must be 'InceptionV3', 'VGG16', 'VGG19' or 'SqueezeNet', not \"ResNet50\"",
    ),
    (
        {"weights": {"VGG19": {"asset": "vgg"}}},
        "weights.VGG19.asset",
        "there is no asset 'vgg'; did you mean 'vgg19'?",
    ),
    (
        {"style": {"pictures": {"starry_sky": {"picture": "noise"}}}},
        "style.pictures.starry_sky.picture",
        "must be an asset or a .jpg, .png or .webp file, not 'noise'; allowed: "
        + ", ".join(sorted(LECTURE["assets"])),
    ),
    (
        {"style": {"pictures": {"starry_sky": {"grid": {"steps": [1]}}}}},
        "style.pictures.starry_sky.grid.steps",
        "must be 'content_weight', 'style_weight' or 'variation_weight', not \"steps\"",
    ),
    ({"text": {"held_out": 1}}, "text.held_out", "must be below 1, not 1"),
    ({"text": {"held_out": 0}}, "text.held_out", "must be above 0, not 0"),
    ({"text": {"window": 0}}, "text.window", "must be at least 1, not 0"),
    (
        {"text": {"layers": ["LSTN"]}},
        "text.layers.0",
        "layer 'LSTN' is not known; did you mean 'LSTM'?",
    ),
    ({"text": {"seeds": [1, 1]}}, "text.seeds", "1 is listed twice"),
    (
        {"text": {"sampling": {"temperatures": [0.5, -1]}}},
        "text.sampling.temperatures.1",
        "must be at least 0.001, not -1",
    ),
    ({"text": {"corpus": "own.json"}}, "text.corpus", "must be a plain text, not 'own.json'"),
    (
        {"text": {"sampling": {"temperatures": [float("inf")]}}},
        "text.sampling.temperatures.0",
        "must be a finite number, not Infinity",
    ),
    (
        {"text": {"sampling": {"temperatures": [0.5, 0.5001]}}},
        "text.sampling.temperatures",
        "0.5 is listed twice (three decimals count)",
    ),
    (
        {"text": {"sampling": {"prompt": None, "random_prompts": 0}}},
        "text.sampling",
        "needs a `prompt`, or `random_prompts` above 0",
    ),
    (
        {"text": {"sampling": {"epoch": 3}}},
        "text.sampling.epoch",
        "is not a setting; did you mean 'epochs'?",
    ),
    (
        gru(layers=[{"GRU": 32}]),
        "forecast.variants.gru.layers.0",
        "the arguments of GRU must be `name: value`, not 32",
    ),
    (
        gru(layers=[{"GRU": {}, "Dense": {}}]),
        "forecast.variants.gru.layers.0",
        "must be one layer such as {GRU: {units: 32}}, not {'GRU': {}, 'Dense': {}}",
    ),
    (
        gru(optimizer="Rmsprop"),
        "forecast.variants.gru.optimizer",
        "optimizer 'Rmsprop' is not known; did you mean 'RMSprop'?",
    ),
    (
        gru(optimizer={"name": "Adam", "use_ema": True}),
        "forecast.variants.gru.optimizer",
        "use_ema has no effect here; `average` of a network, where it has that setting, keeps moving averages of its weights",
    ),
    (
        forecast(variants={"again": {"title": "GRU", "layers": [{"GRU": {"units": 8}}]}}),
        "forecast.variants.again.title",
        "is that of gru, too: 'GRU'; give it another",
    ),
    (
        gru(optimizer={"learning_rate": 1}),
        "forecast.variants.gru.optimizer",
        "must be a name such as RMSprop, or {name: RMSprop, learning_rate: 0.001}, not {'learning_rate': 1}",
    ),
    (
        gru(grid={"unit": [8]}),
        "forecast.variants.gru.grid",
        "'unit' is neither a setting of the variant nor an argument of one of its layers",
    ),
    (
        gru(grid={"grid": [{"units": [1]}]}),
        "forecast.variants.gru.grid",
        "cannot have another grid in it",
    ),
    (
        gru(optimizer={"name": "Adam", "learning_rate": yaml.safe_load("1e-3")}),
        "forecast.variants.gru.optimizer",
        "learning_rate is the text '1e-3'; write the number 0.001",
    ),
    (
        gru(layers=[{"GRU": {"units": "32"}}]),
        "forecast.variants.gru.layers.0",
        "units is the text '32'; write the number 32",
    ),
    (gru(grid={"units": []}), "forecast.variants.gru.grid.units", "must not be empty"),
    (
        gru(grid={"lookback": ["5 days", "soon"]}),
        "forecast.variants.gru.grid",
        "lookback must be a duration such as '30 minutes', '1 hour' or '10 days', not 'soon'",
    ),
    (
        gru(schedule=[{"after": 1.5, "factor": 0.1}]),
        "forecast.variants.gru.schedule.0.after",
        "must be below 1, not 1.5",
    ),
    (
        gru(schedule=[{"after": 0.5, "factor": 0}]),
        "forecast.variants.gru.schedule.0.factor",
        "must be above 0, not 0",
    ),
    (
        gru(lookback="90 minutes"),
        "forecast.variants.gru.lookback",
        "1 hour does not divide the lookback of 90 minutes; choose a step that does",
    ),
    (
        gru(grid={"lookback": ["10 days", "90 minutes"]}),
        "forecast.variants.gru.lookback",
        "1 hour does not divide the lookback of 90 minutes; choose a step that does",
    ),
    (
        {
            "dream": {
                "pictures": {"film": {"picture": "noise", "layers": {"mixed2": 1}, "jiter": 1}}
            }
        },
        "dream.pictures.film.jiter",
        "is not a setting; did you mean 'jitter'?",
    ),
    ({"forecast": {1: 2}}, "forecast.1", "is not a setting; names of settings are texts"),
    (
        forecast(variants={"metrics.csv": {"title": "x", "layers": ["Flatten"]}}),
        "forecast.variants.metrics.csv",
        "is reserved; choose another name",
    ),
    (
        forecast(
            variants={"gru_residual_ensemble": {"title": "x", "layers": ["Flatten"]}},
        ),
        "forecast.variants.gru_residual_ensemble",
        "gru_residual_ensemble is the name of an ensemble too; choose another",
    ),
    (gru(epochs=0), "forecast.variants.gru.epochs", "must be at least 1, not 0"),
    (
        gru(schedule="cosin"),
        "forecast.variants.gru.schedule",
        "must be 'cosine' or a list of changes, not 'cosin'",
    ),
    (
        gru(schedule=[{"after": 2, "factor": 0.1}]),
        "forecast.variants.gru.schedule.0.after",
        "must be below 1, not 2",
    ),
    (gru(average=1), "forecast.variants.gru.average", "must be below 1, not 1"),
    (
        gru(average=0.9, layers=["BatchNormalization", "Flatten"]),
        "forecast.variants.gru.average",
        "cannot average BatchNormalization, whose statistics belong to other weights; use "
        "LayerNormalization, or leave it out",
    ),
    (
        gru(residual="mean"),
        "forecast.variants.gru.residual",
        "must be true, false or 'climatology', not 'mean'",
    ),
    (
        gru(auxiliary={"weight": 1}),
        "forecast.variants.gru.auxiliary",
        "has no output but the forecast itself; set steps above 1, or columns",
    ),
    (
        gru(replication=0.3, layers=[{"Bidirectional": {"layer": {"GRU": {"units": 3}}}}]),
        "forecast.variants.gru.replication",
        f"{REPLICATED}; change the layers, or leave it out",
    ),
    (
        gru(grid={"replication": [0.3], "units": [3]}, layers=[{"Dense": {"units": 1}}, "Flatten"]),
        "forecast.variants.gru.grid",
        f"replication {REPLICATED}; change the layers, or leave it out",
    ),
    (
        gru(quantiles=[0.1, 0.9]),
        "forecast.variants.gru.quantiles",
        "must have 0.5 among them, the median, which is the forecast",
    ),
    (
        gru(quantiles=[0.5, 0.1]),
        "forecast.variants.gru.quantiles",
        "must be in ascending order, each listed once",
    ),
    (
        gru(features=[{"kind": "range"}]),
        "forecast.variants.gru.features.0.over",
        "is missing; range needs it",
    ),
    (
        gru(features=[{"kind": "climatology", "over": "1 day"}]),
        "forecast.variants.gru.features.0.over",
        "is no setting of climatology; leave it out",
    ),
    (gru(epoch=5), "forecast.variants.gru.epoch", "is not a setting; did you mean 'epochs'?"),
    (
        forecast(variants={"my net": {"title": "x", "layers": ["Flatten"]}}),
        "forecast.variants.my net",
        f'{NAME_RULE}, not "my net"',
    ),
    (
        forecast(variants={"naive": {"title": "x", "layers": ["Flatten"]}}),
        "forecast.variants.naive",
        "is reserved; choose another name",
    ),
    (
        forecast(variants={"bare": {"layers": ["Flatten"]}}),
        "forecast.variants.bare.title",
        "is missing",
    ),
    # What would take all memory, or hours, or end in another's traceback.
    (
        {"dream": {"pictures": {"sky": {"size": 10**8}}}},
        "dream.pictures.sky.size",
        "must be at most 10,000, not 100000000",
    ),
    (
        {"style": {"pictures": {"starry_sky": {"sizes": [10**8]}}}},
        "style.pictures.starry_sky.sizes.0",
        "must be at most 10,000, not 100000000",
    ),
    (
        {"dream": {"pictures": {"sky": {"octaves": 10**9, "octave_scale": 2}}}},
        "dream.pictures.sky.octaves",
        "must be at most 50, not 1000000000",
    ),
    (
        {"dream": {"pictures": {"noise": {"film": {"frames": 10**9}}}}},
        "dream.pictures.noise.film.frames",
        "must be at most 100,000, not 1000000000",
    ),
    (
        {"dream": {"pictures": {"noise": {"film": {"rotation": float("nan")}}}}},
        "dream.pictures.noise.film.rotation",
        "must be a finite number, not NaN",
    ),
    (
        {"text": {"sampling": {"characters": 10**8}}},
        "text.sampling.characters",
        "must be at most 100,000, not 100000000",
    ),
    (
        {"text": {"sampling": {"temperatures": [1e300]}}},
        "text.sampling.temperatures.0",
        "must be at most 100, not 1e+300",
    ),
    (forecast(batch=10**8), "forecast.batch", "must be at most 10,000, not 100000000"),
    (
        forecast(steps="9" * 5000),
        "forecast.steps",
        cut(f"must be a whole number, not '{'9' * 5000}'"),
    ),
    (
        forecast(split={"train": 10**800}),
        "forecast.split.train",
        cut(
            f"must be a row (200000), a fraction of the rows (0.5) or a date ('2014-01-01'), not 1{'0' * 800}"
        ),
    ),
    (
        forecast(lookback=f"{'9' * 900} days"),
        "forecast.lookback",
        cut(f"must be a millisecond to a hundred years long, not '{'9' * 900} days'"),
    ),
    (
        forecast(step="1" + "0" * 9 + " weeks"),
        "forecast.step",
        "must be a millisecond to a hundred years long, not '1000000000 weeks'",
    ),
    (
        gru(grid=dict.fromkeys(["epochs", "steps", "batch", "units"], list(range(1, 101)))),
        "forecast.variants.gru.grid",
        "has 100,000,000 combinations, and at most 1,000 are allowed; leave values out",
    ),
    (
        merged(gru(grid={"epochs": list(range(1, 1001))}), forecast(seeds=list(range(20)))),
        "forecast",
        "variants and seeds make 20,223 trainings, and at most 10,000 are allowed; leave some out",
    ),
    (
        {"style": {"pictures": {"starry_sky": {"grid": {"style_weight": list(range(2000))}}}}},
        "style.pictures.starry_sky.grid",
        "has 2,000 combinations, and at most 1,000 are allowed; leave values out",
    ),
    # What would merge in silence.
    (
        gru(grid={"batch": [8, "8"]}),
        "forecast.variants.gru.grid",
        "two of its combinations have the same name; leave one of the values out",
    ),
    (
        {"style": {"pictures": {"starry_sky": {"grid": {"style_weight": [1, 1.0]}}}}},
        "style.pictures.starry_sky.grid",
        "two of its combinations have the same name; leave one of the values out",
    ),
    (
        forecast(
            variants={
                "gru": {"grid": {"units": [8]}},
                "gru.units-8": {"title": "x", "layers": ["Flatten"]},
            }
        ),
        "forecast.variants.gru.units-8",
        "gru.units-8 is the name of one of gru too; choose another",
    ),
    (
        gru(grid={"activation": ["x" * 300]}, layers=[{"GRU": {"units": 1, "activation": "relu"}}]),
        "forecast.variants.gru.grid",
        f"gru.activation-{'x' * 25}… has more than 200 characters; shorten the name or the values",
    ),
    (forecast(select=["gru", "gru"]), "forecast.select", "gru is listed twice"),
    # Layers of the networks that dream.
    (
        {"weights": {"VGG19": {"to": "block3_conf4"}}},
        "weights.VGG19.to",
        "VGG19 has no layer 'block3_conf4'; did you mean 'block3_conv4'?",
    ),
    (
        {"weights": {"InceptionV3": {"to": "mixd8"}}},
        "weights.InceptionV3.to",
        "InceptionV3 has no layer 'mixd8'; did you mean 'mixed8'?",
    ),
    (
        {"dream": {"pictures": {"sky": {"layers": {"block3_conv1": 1}}}}},
        "dream.pictures.sky.layers.block3_conv1",
        "InceptionV3 has no layer 'block3_conv1'; allowed: "
        + ", ".join([*LAYER_NAMES["InceptionV3"][:30], "…"]),
    ),
    (
        {"dream": {"pictures": {"sky": {"sheet": {"layers": ["mixed0", "mixed_1"]}}}}},
        "dream.pictures.sky.sheet.layers.1",
        "InceptionV3 has no layer 'mixed_1'; did you mean 'mixed9_1'?",
    ),
    (
        {"style": {"pictures": {"starry_sky": {"content_layer": "block5_conv5"}}}},
        "style.pictures.starry_sky.content_layer",
        "VGG19 has no layer 'block5_conv5'; did you mean 'block5_conv4'?",
    ),
    (
        {"style": {"pictures": {"starry_flowers": {"style_layers": ["conv1"]}}}},
        "style.pictures.starry_flowers.style_layers.0",
        "VGG19 has no layer 'conv1'; allowed: " + ", ".join(LAYER_NAMES["VGG19"]),
    ),
]


@pytest.mark.parametrize(("overlay", "path", "sentence"), BROKEN, ids=[b[1] for b in BROKEN])
def test_each_mistake_has_its_sentence(overlay, path, sentence):
    with pytest.raises(ConfigError) as error:
        load(merged(LECTURE, overlay))
    assert str(error.value) == f"The configuration has 1 mistake:\n  {path}: {sentence}"


def test_all_mistakes_are_listed_at_once():
    raw = LECTURE
    picked = [broken for broken in BROKEN if broken[1] in ("backend", "forecast.delay")]
    picked += [broken for broken in BROKEN if broken[1].startswith("forecast.select")][:1]
    for overlay, _, _ in picked:
        raw = merged(raw, overlay)
    with pytest.raises(ConfigError) as error:
        load(raw)
    lines = str(error.value).splitlines()
    assert lines[0] == "The configuration has 3 mistakes:"
    assert sorted(lines[1:]) == sorted(f"  {path}: {text}" for _, path, text in picked)


def test_of_many_mistakes_the_first_are_listed():
    with pytest.raises(ConfigError) as error:
        load(merged(LECTURE, {f"unknown{number}": 0 for number in range(40)}))
    lines = str(error.value).splitlines()
    assert (lines[0], lines[-1]) == ("The configuration has 40 mistakes:", "  … and 10 more")
    assert len(lines) == 32


def test_the_page_on_mirrors_makes_the_files_of_the_overlay(tmp_path):
    page = (REPOSITORY / "docs" / "offline.md").read_text()
    (tmp_path / "mine.yaml").write_text(re.search(r"```yaml\n(.*?)```", page, re.S)[1])
    overlays = [
        REPOSITORY / "config.yaml",
        REPOSITORY / "config/offline.yaml",
        tmp_path / "mine.yaml",
    ]
    config = load(files.read(map(str, overlays))[0])
    made = re.findall(r"\(applications\.(\w+), \"(\w+)\", \"(\w+)\"\)", page)
    assert len(made) == 2
    for network, last, name in made:
        assert config.weights[network].to == last
        asset = config.assets[config.weights[network].asset]
        assert (asset.file, asset.hash) == (f"{name}.weights.h5", None)


@pytest.mark.parametrize(
    "overlays", [[], ["quick"], ["demo"], ["quick", "offline"], ["further"], ["further", "offline"]]
)
def test_the_shipped_configurations_are_valid(overlays):
    raw, _ = files.read(
        [str(REPOSITORY / "config.yaml"), *(str(REPOSITORY / f"config/{o}.yaml") for o in overlays)]
    )
    assert load(raw).forecast.variants.keys() >= LECTURE["forecast"]["variants"].keys()


def plain(**changes) -> dict:
    """Networks of the lecture with one variant changed, in plain settings."""
    return variants.networks(load(merged(LECTURE, gru(**changes))).model_dump(mode="json"))


def test_the_step_of_a_blend_is_the_shortest_of_its_members():
    settings = {"select": ["gru", "conv1d_gru", "both", "all"], "variants": {
        "both": {"title": "Both", "blend": ["gru", "conv1d_gru"]},
        "all": {"title": "All", "blend": ["gru", "naive"]},
    }}  # fmt: skip
    config = load(merged(LECTURE, forecast(**settings))).model_dump(mode="json")
    half = "30 minutes"
    assert variants.steps(config) == {
        "gru": "1 hour", "conv1d_gru": half, "both": half, "all": "1 hour"
    }  # fmt: skip


def test_parts_have_the_order_of_the_lecture():
    assert load(LECTURE | {"parts": ["describe", "text", "forecast"]}).parts == [
        "forecast",
        "text",
        "describe",
    ]


def test_a_grid_becomes_variants():
    networks = plain(grid={"units": [8, 16], "lookback": ["5 days", "10 days"]})
    made = {name: network for name, network in networks.items() if name.startswith("gru.")}
    assert list(made) == [
        f"gru.units-{units}.lookback-{days}-days" for units in (8, 16) for days in (5, 10)
    ]
    assert made["gru.units-8.lookback-5-days"]["layers"] == [{"GRU": {"units": 8}}]
    assert made["gru.units-16.lookback-10-days"]["lookback"] == "10 days"
    assert "gru" not in networks
    assert all(re.fullmatch(NAME, name) for name in networks)


def test_rates_take_the_place_of_the_default_rate():
    writer = {"title": "A writer", "kind": "rnn", "units": 8, "rates": [0.1, 0.01]}
    settings = load(merged(LECTURE, describe(writers={"mine": writer}))).describe
    assert settings.writers["mine"].optimizer == {"name": "Adam"}


def test_a_grid_reaches_the_optimizer_and_wrapped_layers():
    networks = plain(
        layers=[{"Bidirectional": {"layer": {"GRU": {"units": 4}}}}],
        optimizer={"name": "Adam", "clipnorm": 1.0},
        grid={"learning_rate": [0.01], "units": [6]},
    )
    network = networks["gru.learning_rate-0.01.units-6"]
    assert network["optimizer"] == {"name": "Adam", "clipnorm": 1.0, "learning_rate": 0.01}
    assert network["layers"] == [{"Bidirectional": {"layer": {"GRU": {"units": 6}}}}]


def test_a_variants_own_settings_come_first():
    networks = plain(step="2 hours", batch=64, epochs=7)
    assert (networks["gru"]["step"], networks["gru"]["batch"]) == ("2 hours", 64)
    assert (networks["mlp"]["step"], networks["mlp"]["batch"]) == ("1 hour", 128)
    assert networks["gru"]["epochs"] == 7
    assert networks["conv1d_gru"]["step"] == "30 minutes"


def test_what_is_only_shown_trains_nothing():
    """Title, slide and ensemble are not part of what a training depends on."""
    before = plain()["gru"]
    assert plain(title="Another", slide="Another", ensemble=True)["gru"] == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no configuration file FILE; correct its path."),
        (b"forecast: [unclosed\nx: 1\n", "FILE is not valid YAML near line 2; correct it there."),
        (b"- a list\n", "FILE must hold `name: value` settings."),
        (b"\xff\xfe", "FILE is not UTF-8 text; save it as UTF-8."),
    ],
)
def test_a_file_that_cannot_be_read_has_its_sentence(tmp_path, content, sentence):
    file = tmp_path / "overlay.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit) as error:
        check(str(REPOSITORY / "config.yaml"), str(file))
    assert str(error.value).replace(str(file), "FILE").startswith(sentence)


def test_overlays_merge_deeply_and_change_no_input():
    base = {"a": {"b": 1, "c": [1]}, "d": 2}
    assert merged(base, {"a": {"c": [2]}, "e": 3}) == {"a": {"b": 1, "c": [2]}, "d": 2, "e": 3}
    assert base == {"a": {"b": 1, "c": [1]}, "d": 2}


def test_config_yaml_states_the_defaults():
    """The lecture stands in one place: what config.yaml leaves out is what it would say."""
    said = load(LECTURE).forecast
    default = Forecast(series={"asset": "jena"}, variants=LECTURE["forecast"]["variants"])
    assert said == default


def paths(node: dict, above: tuple = ()):
    for key, value in node.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from paths(value, (*above, key))


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**400), "9" * 5000, f"{'9' * 400} days", [{}] * 60_000]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(list(paths(LECTURE))), JUNK, min_size=1, max_size=3))
def test_whatever_stands_in_a_config_ends_in_sentences(junk):
    raw = copy.deepcopy(LECTURE)
    for path, value in junk.items():
        place = raw
        for key in path[:-1]:
            place = place[key] if isinstance(place, dict) and key in place else {}
        if isinstance(place, dict):
            place[path[-1]] = value
    try:
        load(raw)
    except ConfigError as error:
        assert all(line.startswith("  ") for line in str(error).split("\n")[1:])


@pytest.mark.parametrize("step", ["10 seconds", "20 seconds", "0.1 hours", "7.5 minutes"])
def test_steps_of_fractions_of_a_minute_divide(step):
    load(merged(LECTURE, forecast(step=step)))


def test_numbers_from_the_command_line_are_text():
    raw = merged(LECTURE, forecast(max_epochs="3", series={"clean": "true"}))
    loaded = load(raw).forecast
    assert loaded.max_epochs == 3
    assert loaded.series.clean is True


def test_the_schema_is_in_step():
    checked_in = (REPOSITORY / "workflow/schemas/config.schema.json").read_text()
    assert checked_in.strip() == docs.schema(), "run `make docs`"


def test_the_settings_page_is_in_step():
    assert (REPOSITORY / "docs/settings.md").read_text().strip() == docs.table(), "run `make docs`"


def test_every_setting_has_a_description():
    def descriptions(schema):
        for name, field in schema.get("properties", {}).items():
            yield name, field.get("description")

    schema = json.loads(docs.schema())
    for part in [schema, *schema["$defs"].values()]:
        for name, description in descriptions(part):
            assert description, name


def test_allowed_layers_and_optimizers_exist_in_keras():
    import keras

    assert all(hasattr(keras.layers, name) for name in LAYERS)
    assert all(hasattr(keras.optimizers, name) for name in OPTIMIZERS)


@pytest.mark.parametrize("name", LAYER_NAMES)
def test_the_networks_that_dream_have_these_layers(name):
    import keras
    from reverie.pictures.networks import NETWORKS

    keras.utils.clear_session()
    network = NETWORKS[name].build(weights=None, include_top=False)
    names = {layer.name for layer in network.layers} - {"input_layer"}
    assert names == set(LAYER_NAMES[name])
    assert len(names) == len(LAYER_NAMES[name])


def test_differences_are_found_by_path():
    base = {"a": {"b": 1, "c": 2}, "d": [1]}
    assert differences({"a": {"b": 1, "c": 3}, "e": 0}, base) == {
        "a.c": [2, 3],
        "d": [[1], None],
        "e": [None, 0],
    }
    assert differences(base, base) == {}
    assert differences({1: 0, "a": 0}, {"a": 0}) == {"1": [None, 0]}


@given(st.integers(1, 999), st.sampled_from(sorted(durations.MINUTES)))
def test_durations_in_words_are_their_length(count, unit):
    assert durations.minutes(f"{count} {unit}s") == pytest.approx(count * durations.MINUTES[unit])


@given(st.integers(1, 10_000), st.sampled_from([1, 5, 10, 15, 60, 1440]))
def test_durations_become_rows(count, interval):
    assert durations.rows(f"{count * interval} minutes", interval, "x") == count


def test_an_interval_that_does_not_divide_is_refused():
    from reverie.errors import ReverieError

    with pytest.raises(ReverieError) as error:
        durations.rows("30 minutes", 60, "forecast.step")
    assert str(error.value) == (
        "forecast.step: 30 minutes is 0.5 rows of this series, which has a row every 60 minutes; "
        "choose a multiple of 60 minutes."
    )


def test_a_mistake_names_the_file_and_the_line_of_its_setting(tmp_path, monkeypatch):
    """Of two overlays the one that states it; a missing setting has the line of its group."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text("a: 1\n" + (REPOSITORY / "config.yaml").read_text())
    (tmp_path / "first.yaml").write_text("forecast:\n  delay: soon\n  batch: 0\n")
    (tmp_path / "second.yaml").write_text(
        "forecast:\n  batch: -1\n  seeds:\n    - 1\n    - -1\n"
        "  variants:\n    bare:\n      layers: [Flatten]\n"
    )
    with pytest.raises(ConfigError) as error:
        load(*files.read(["base.yaml", "first.yaml", "second.yaml"]))
    assert str(error.value).splitlines()[1:] == [
        "  base.yaml:1: a: is not a setting; allowed: " + ", ".join(sorted(Config.model_fields)),
        "  second.yaml:2: forecast.batch: must be at least 1, not -1",
        "  first.yaml:2: forecast.delay: must be a duration such as '30 minutes', '1 hour' or "
        "'10 days', not 'soon'",
        "  second.yaml:5: forecast.seeds.1: must be at least 0, not -1",
        "  second.yaml:7: forecast.variants.bare.title: is missing",
    ]


def test_the_papers_task_stands_first():
    raw = copy.deepcopy(LECTURE)
    raw["diagnose"]["tasks"] = ["death", "conditions"]
    assert load(raw).diagnose.tasks == ["conditions", "death"]
