"""`python -m benchmarks gpu`: how fast this code is on a GPU, in at most 20 minutes, as one table.

It needs JAX with CUDA, Keras, NumPy, SciPy, h5py, PyYAML and filelock, and the repository: neither
TensorFlow nor Snakemake, pydantic or pandas. Pillow adds the picture of a style, PyTorch its GRU for
comparison. From the repository's folder:

    PYTHONPATH=workflow python -m benchmarks gpu

Networks and budgets are those of config.yaml; the series is the embedded hourly weather, interpolated to
ten minutes; texts, pictures and weights are random. Each line of the table is measured in a process of
its own and written to results/gpu.json at once. A second start measures what is missing and prints the
table again; `--again` measures all anew, `--only gru writer` these lines alone. The lines come in the order of
their use, and what does not fit into `--minutes` is left out. `--small` tries everything in a small size,
also on a processor.
"""

import argparse
import csv
import json
import lzma
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from reverie import durations
from reverie.files import replacing
from reverie.forecast import variants, windows

REPOSITORY = Path(__file__).parents[1]
RESULTS = REPOSITORY / "results" / "gpu.json"
HOURLY = REPOSITORY / "workflow/reverie/embedded/jena_hourly_2009_2016.csv.xz"
SEEDS = 3  # that train together
LONGEST = 180  # seconds of a line; with 20 minutes for all
STEPS_OF_A_CALL = 256  # training steps that are timed
# The settings that config.yaml leaves to their defaults; a test compares them with those of the package.
VARIANT = {key: False for key in ("reversed", "shuffled", "calendar", "residual", "refit")}
VARIANT |= {key: None for key in ("optimizer", "average", "auxiliary", "replication", "quantiles")}
VARIANT |= {key: None for key in variants.SHARED}
VARIANT |= {"schedule": [], "features": [], "grid": {}, "kind": "network", "blend": None}
FEATURE = {"column": None, "over": None, "latitude": None, "longitude": None, "ahead": 0.0}
DREAM = {"network": "InceptionV3", "size": 640, "octaves": 3, "octave_scale": 1.4, "steps": 20}
SHEET = {"size": 320, "octaves": 2, "steps": 20}
FILM = {"size": 320, "frames": 120, "steps": 4}
COLUMNS = {
    "step": "a step, ms",
    "together": f"of {SEEDS} seeds together, ms",
    "validation": "validation, s",
    "validation_together": f"of {SEEDS} seeds together, s",
    "epoch": "an epoch, s",
    "memory": "memory, MB",
    "start": "start and compilation, s",
    "error": "error",
    "lecture": "in the lecture, min",
    "note": "",
}


@dataclass(frozen=True)
class Sizes:
    """How much is measured; the lecture's sizes, but for the steps."""

    hours: int = 70_091  # of the series, at six rows each
    steps: int = STEPS_OF_A_CALL
    validation: int = 98_432  # windows
    learned: int = 1000  # steps before the error is compared
    characters: int = 600_901
    held_out: int = 30_000  # windows of the text
    picture: tuple[int, int] = (360, 640)
    painting: tuple[int, int] = (384, 512)
    picture_steps: int = 20


SMALL = Sizes(2_000, 2, 64, 2, 2_000, 64, (96, 128), (64, 96), 2)


@cache
def settings() -> dict:
    return yaml.safe_load((REPOSITORY / "config.yaml").read_text())


def spec(layer) -> dict:
    """`Flatten` as `{Flatten: {}}`, also within Bidirectional."""
    if isinstance(layer, str):
        return {layer: {}}
    ((name, arguments),) = layer.items()
    if "layer" in arguments:
        arguments = {**arguments, "layer": spec(arguments["layer"])}
    return {name: arguments}


def networks() -> dict[str, dict]:
    """The settings of every network of config.yaml by name, as :func:`variants.networks` gives them."""
    forecast = {"patience": None, "max_epochs": None} | settings()["forecast"]
    by_name = {}
    for name, variant in forecast["variants"].items():
        if "layers" in variant:
            full = {**VARIANT, "optimizer": forecast["optimizer"], **variant}
            full["layers"] = [spec(layer) for layer in full["layers"]]
            full["features"] = [FEATURE | feature for feature in full["features"]]
            if full["auxiliary"]:
                full["auxiliary"] = {"steps": 1, "columns": [], "weight": 0.5} | full["auxiliary"]
            by_name[name] = variants.network({"forecast": forecast, "backend": "jax"}, full)
    return by_name


def weather(hours: int) -> dict:
    """The arrays of :func:`reverie.forecast.series.prepare`: weather every ten minutes, 14 quantities.

    Six are measured; the others are their changes over an hour, and the two largest of these squared.
    """
    with lzma.open(HOURLY, "rt", encoding="utf-8") as file:
        names, *lines = csv.reader(file)
    hourly = np.array([line[1:] for line in lines[:hours]], float)
    at = np.arange(6 * len(hourly) - 5) / 6
    measured = np.stack([np.interp(at, np.arange(len(hourly)), x) for x in hourly.T], 1)
    changes = measured - np.roll(measured, 6, 0)
    values = np.concatenate([measured, changes, changes[:, :2] ** 2], 1)
    train_end, validation_end = (round(len(values) * share) for share in (0.4756, 0.7134))
    values = (values - values[:train_end].mean(0)) / values[:train_end].std(0)
    return {
        "values": values.astype(np.float32),
        "time": 600.0 * np.arange(len(values)) + 1.2308e9,  # seconds since 1970, from 2009 on
        "columns": np.array([str(number) for number in range(values.shape[1])]),
        "target": np.array(names[1:].index("T (degC)")),
        "measured": np.ones(len(values), bool),
        "unmeasured": np.zeros(len(values), bool),
        "interval_minutes": np.array(10.0),
        "train_end": np.array(train_end),
        "validation_end": np.array(validation_end),
    }


def timed(function, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def say(**figures) -> None:
    """Hand figures of this process's line to the process that started it."""
    print(json.dumps(figures), flush=True)


def memory() -> int:
    """The peak of the GPU's memory in MB; on a processor that of this process."""
    from reverie import backend

    peak = backend.used()["device_memory_mb"]
    return peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def steps_of(loop, rows) -> None:
    """Measure the steps with these rows, and what comes before the first step in a process."""
    loop.train(rows)
    first = time.time() - STARTED
    seconds = timed(loop.train, rows)
    say(start=first - seconds, step=seconds / len(rows) * 1000)


def forecaster(name: str, sizes: Sizes, way: str = "") -> None:
    """Steps and validations of a network, alone and with three seeds together.

    ``way``: "TF32" or "bfloat16" for that precision, "Keras" for its own loop instead of ours,
    "together" for the three seeds; else one seed. :func:`measured` sees to "CUDA graph".
    """
    import keras
    from reverie import backend, recurrent, training
    from reverie.forecast import models

    network = networks()[name]
    backend.set_precision(way == "TF32")
    if way == "bfloat16":
        network["layers"] = [in_bfloat16(layer) for layer in network["layers"]]
    if way == "Keras":
        recurrent.GRU.supported = lambda self: False
    series = weather(sizes.hours)
    lookback, step, delay = (
        durations.rows(network[key], 10, key) for key in ("lookback", "step", "delay")
    )
    parts = windows.parts(
        int(series["train_end"]), int(series["validation_end"]), len(series["values"]), delay
    )
    batch = network["batch"]
    evaluated = windows.evaluation_rows(parts["val"], lookback, batch)[: sizes.validation]

    def rows(epoch: int, steps: int = sizes.steps):
        return windows.training_rows(parts["train"], lookback, steps, batch, 0, epoch)

    keras.utils.set_random_seed(0)  # so that errors differ by the arithmetic alone
    loop = models.loop(network, lookback, step, delay, series, name)
    share = sizes.validation / len(evaluated)  # the interpolated series has a few windows less
    if way == "together":
        loop = backend.together(loop, [loop.state()] * SEEDS)
        seeds = [rows(epoch) for epoch in range(1, 1 + SEEDS)]
        loop.train(np.stack(seeds, 1))
        say(together=timed(loop.train, np.stack(seeds, 1)) / sizes.steps * 1000)
        training.predict(loop, evaluated)
        say(validation_together=timed(training.predict, loop, evaluated) * share)
        return say(memory=memory())
    initial = loop.state()
    steps_of(loop, rows(1))
    recurrent.note(loop.model)
    say(recurrent=backend.used()["recurrent"])
    training.predict(loop, evaluated)
    say(validation=timed(training.predict, loop, evaluated) * share)
    say(memory=memory())
    if name in ("gru", "gru_dropout"):
        loop.restore(initial)
        loop.train(rows(3, sizes.learned))
        say(error=training.evaluate(loop, evaluated, min(2048, len(evaluated))))


def in_bfloat16(layer: dict) -> dict:
    ((name, arguments),) = layer.items()
    return {name: arguments | {"dtype": "mixed_bfloat16"}}


def pytorch(name: str, sizes: Sizes) -> None:
    """The epoch of PyTorch's GRU: cuDNN's, or with recurrent dropout a loop over its GRUCell.

    In float32, on windows that are gathered on the device; the loop's dropout masks are the same at all
    times, as in Keras.
    """
    try:
        import torch
    except ImportError:
        return say(note="PyTorch is not installed")

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    arguments = networks()[name]["layers"][0]["GRU"]
    series = weather(sizes.hours)
    values = torch.tensor(series["values"], device=device)
    features, units, rate = values.shape[1], arguments["units"], arguments.get("dropout", 0)
    offsets = torch.arange(-1440, 0, 6, device=device)
    target = int(series["target"])

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            kind = torch.nn.GRUCell if rate else torch.nn.GRU
            self.gru = kind(features, units, **({} if rate else {"batch_first": True}))
            self.dense = torch.nn.Linear(units, 1)

        def forward(self, inputs):
            if not rate:
                return self.dense(self.gru(inputs)[1][0])
            state = torch.zeros(len(inputs), units, device=device)
            drop = torch.nn.functional.dropout
            of_input = drop(torch.ones_like(inputs[:, 0]), rate, self.training)
            of_state = drop(torch.ones_like(state), rate, self.training)
            for time_step in (inputs * of_input[:, None]).unbind(1):
                state = self.gru(time_step, state * of_state)
            return self.dense(state)

    model = Network().to(device)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9, eps=1e-7)

    def batch(rows):
        return values[rows[:, None] + offsets], values[rows + 144, target]

    def train(steps):
        model.train()
        drawn = torch.randint(1440, int(series["train_end"]), (steps, 128), device=device)
        for rows in drawn:
            inputs, targets = batch(rows)
            optimizer.zero_grad()
            (model(inputs)[:, 0] - targets).abs().mean().backward()
            optimizer.step()
        return float(targets[0])  # waits for the device

    first = int(series["train_end"]) + 1441
    rows = torch.arange(first, int(series["validation_end"]), device=device)[: sizes.validation]

    def validate(rows):
        model.eval()
        with torch.no_grad():
            parts = [model(batch(part)[0]) for part in rows.split(2048)]
        return float(torch.cat(parts).mean())

    train(2)
    steps = min(sizes.steps, 64) if rate else sizes.steps
    say(step=timed(train, steps) / steps * 1000)
    validate(rows[:2048])
    say(validation=timed(validate, rows) * sizes.validation / len(rows))
    say(recurrent="a loop over the cell" if rate else "cuDNN" if device.type == "cuda" else "")
    if device.type == "cuda":
        say(memory=torch.cuda.max_memory_allocated() >> 20)


def writer(sizes: Sizes) -> None:
    """A step of the text's network, and the loss on the held-out part, in float32."""
    import keras
    from reverie import backend, layers, recurrent, training
    from reverie.text import models

    backend.set_precision(False)
    text, alphabet = settings()["text"], 57
    ids = np.random.default_rng(0).integers(0, alphabet, sizes.characters).astype(np.uint8)
    model = models.build([spec(layer) for layer in text["layers"]], text["window"], alphabet)
    loop = backend.loop(
        models.reader(model),
        layers.optimizer(text["optimizer"], "text"),
        models.loss,
        models.gatherer(text["window"]),
        [keras.ops.convert_to_tensor(ids)],
        compiled=False,
    )
    windows = len(ids) - text["window"]
    rows = np.random.default_rng(1).integers(0, windows, (sizes.steps, text["batch"]))
    rows = rows.astype(np.int32)
    steps_of(loop, rows)
    recurrent.note(loop.model)
    say(recurrent=backend.used()["recurrent"])
    held_out = np.arange(sizes.held_out, dtype=np.int32) % windows
    training.evaluate(loop, held_out, min(4096, len(held_out)))
    say(validation=timed(training.evaluate, loop, held_out, min(4096, len(held_out))))
    say(memory=memory())


def random_network(name: str, layers: list[str], to: str):
    """A network of `reverie.pictures` with random weights, up to the layer ``to``."""
    import keras
    from reverie.pictures import networks

    whole = networks.NETWORKS[name].build(weights=None, include_top=False)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "random.weights.h5"
        keras.Model(whole.input, whole.get_layer(to).output).save_weights(file)
        return networks.load(name, layers, file, to)


def dream(sizes: Sizes) -> None:
    """The largest octave of the lecture's dream, with TF32."""
    from reverie import backend
    from reverie.dream import ascent

    backend.set_precision(True)
    weights = settings()["dream"]["pictures"]["sky"]["layers"]
    model = random_network("InceptionV3", list(weights), "mixed8")
    dreamer = ascent.Dreamer(
        model,
        lambda features: ascent.activation(features, list(weights.values())),
        ascent.Ascent(sizes.picture_steps, 0.005),
        0,
    )
    picture = np.random.default_rng(0).random((*sizes.picture, 3), np.float32)

    def octave():
        for _ in ascent.dream(dreamer, picture, [sizes.picture]):
            pass

    first = timed(octave)
    again = timed(octave)
    say(start=time.time() - STARTED, compilation=first - again)
    say(step=again / sizes.picture_steps * 1000, memory=memory())


def style(sizes: Sizes) -> None:
    """An iteration of the lecture's transfer of style, with TF32."""
    from reverie import backend
    from reverie.style import transfer

    backend.set_precision(True)
    painting = settings()["style"]["pictures"]["starry_sky"]
    layers = [painting["content_layer"], *painting["style_layers"]]
    loss = transfer.Loss(
        random_network("VGG19", layers, painting["content_layer"]), [1.0, 1.0, 1.0]
    )
    content, picture = np.random.default_rng(0).random((2, *sizes.painting, 3), np.float32)
    loss.aim(content, picture)
    first = timed(loss, content)
    say(start=time.time() - STARTED, compilation=first - timed(loss, content))
    taken = []
    seconds = timed(transfer.lbfgs, loss, content, sizes.picture_steps, taken.append)
    say(step=seconds / len(taken) * 1000, memory=memory())


def lines() -> dict[str, list]:
    """What is measured, by the name of its line, in the order of its use: a function and arguments."""
    every = networks()
    first = [name for name in ("gru", "gru_dropout") if name in every]
    rest = [name for name in every if name not in first]
    table = {name: [forecaster, name] for name in first}
    table |= {f"{name}, PyTorch": [pytorch, name] for name in first}
    for name in first:
        table[f"{name}, {SEEDS} seeds"] = [forecaster, name, "together"]
    table |= {"writer": [writer], "an octave of a dream": [dream], "a style": [style]}
    for name in rest:
        table[name] = [forecaster, name]
    for name in first:
        for way in ("CUDA graph", "Keras", "bfloat16", "TF32"):
            table[f"{name}, {way}"] = [forecaster, name, way]
    for name in rest:
        table[f"{name}, {SEEDS} seeds"] = [forecaster, name, "together"]
    return table


def measure(name: str, small: bool) -> None:
    """Measure a line in this process and print its figures, a line of JSON each."""
    import jax

    device = jax.devices()[0]
    say(card="a processor" if device.platform == "cpu" else device.device_kind)
    function, *arguments = lines()[name]
    sizes = SMALL if small else Sizes()
    function(*arguments[:1], sizes, *arguments[1:])
    say(done=True)


def measured(name: str, small: bool, seconds: float) -> dict:
    """The figures of a line, measured in another process within so many seconds."""
    command = [sys.executable, "-m", "benchmarks.gpu", name, *["--small"] * small]
    environment = {
        "KERAS_BACKEND": "jax",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONPATH": os.pathsep.join(
            [str(REPOSITORY / "workflow"), os.environ.get("PYTHONPATH", "")]
        ),
    }
    if name.endswith("CUDA graph"):  # whole loops are started at once; not XLA's default
        flags = os.environ.get("XLA_FLAGS", "")
        environment["XLA_FLAGS"] = f"{flags} --xla_gpu_enable_command_buffer=+WHILE"
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        try:
            done = subprocess.run(
                command,
                cwd=REPOSITORY,
                env=os.environ | environment,
                stdout=output,
                stderr=errors,
                timeout=seconds,
            )
            note = f"failed ({done.returncode})" if done.returncode else ""
        except subprocess.TimeoutExpired:
            note = f"stopped after {seconds:.0f} s"
        output.seek(0)
        errors.seek(0)
        figures = {}
        for line in output.read().splitlines():
            with suppress(ValueError):  # what a library prints is no figure
                figures |= json.loads(line)
        if note.startswith("failed"):
            *_, last = errors.read().strip().splitlines() or [""]
            note = f"{note}: {last[:200]}"
    return {"note": note} | figures


def epoch(figures: dict, steps: int) -> float | None:
    """Seconds of so many steps and a validation."""
    if "step" in figures and "validation" in figures:
        return figures["step"] * steps / 1000 + figures["validation"]
    return None


def minutes(by_line: dict[str, dict]) -> dict[str, float]:
    """Minutes of the lecture by line, one job after the other; only of lines that are measured.

    ``by_line`` has the figures of each line. Three seeds together where that was measured and is faster
    than one after the other.
    """
    result, forecast, text = {}, settings()["forecast"], settings()["text"]
    for name, network in networks().items():
        alone, three = by_line.get(name, {}), by_line.get(f"{name}, {SEEDS} seeds", {})
        seconds = epoch(alone, network["steps"])
        if seconds is None:
            continue
        seeds = len(forecast["seeds"])
        total = seeds * (network["epochs"] * seconds + alone["start"])
        if "together" in three and "validation_together" in three:
            each = three["together"] * network["steps"] / 1000 + three["validation_together"]
            total = min(total, seeds / SEEDS * (network["epochs"] * each + alone["start"]))
        result[name] = total / 60
    steps = round(Sizes.characters * (1 - text["held_out"]) / text["step"] / text["batch"])
    if (seconds := epoch(by_line.get("writer", {}), steps)) is not None:
        start = by_line["writer"]["start"]
        result["writer"] = len(text["seeds"]) * (text["epochs"] * seconds + start) / 60
    for line, pixels, jobs, shapes in pictures():
        if "step" in by_line.get(line, {}):
            figures, size = by_line[line], Sizes.picture if "dream" in line else Sizes.painting
            steps = pixels / (size[0] * size[1])
            seconds = steps * figures["step"] / 1000 + shapes * figures["compilation"]
            result[line] = (seconds + jobs * (figures["start"] - figures["compilation"])) / 60
    return result


def pictures() -> list[tuple[str, float, int, int]]:
    """For dreams and styles: pixels over all steps, jobs, and sizes that are compiled."""

    def octaves(entry: dict) -> list[float]:
        scale = entry["octave_scale"]
        return [(entry["size"] / scale**n) ** 2 for n in range(entry["octaves"])]

    pixels, jobs, shapes = 0.0, 0, 0
    for raw in settings()["dream"]["pictures"].values():
        entry = DREAM | raw
        drawn = [(octaves(entry), entry["steps"])]
        if "sheet" in raw:
            sheet = {"octave_scale": entry["octave_scale"]} | SHEET | raw["sheet"]
            drawn += [(octaves(sheet), sheet["steps"])] * len(sheet["layers"])
        if "film" in raw:
            film = FILM | raw["film"]
            drawn.append(([film["size"] ** 2], film["frames"] * film["steps"]))
        pixels += sum(sum(areas) * steps for areas, steps in drawn)
        jobs += 1 + ("sheet" in raw) + ("film" in raw)
        shapes += sum(len(areas) for areas, _ in drawn)
    styles = settings()["style"]["pictures"].values()
    # The lecture's pictures are 4 : 3; dreams of 640 are 640 × 360.
    painted = sum(0.75 * size**2 * entry["steps"] for entry in styles for size in entry["sizes"])
    return [
        ("an octave of a dream", 0.5625 * pixels, jobs, shapes),
        ("a style", painted, len(styles), sum(len(entry["sizes"]) for entry in styles)),
    ]


def table(by_line: dict[str, dict], card: str, small: bool) -> str:
    """The figures of each line, ``by_line``, in Markdown."""
    lecture, every = minutes(by_line), networks()
    text = [f"**GPU**: {card}{', in a small size' if small else ''}.", ""]
    text += [f"| | {' | '.join(COLUMNS.values())} |", "|---" * (1 + len(COLUMNS)) + "|"]
    for name in lines():
        if name not in by_line:
            continue
        figures = dict(by_line[name])
        figures["note"] = ", ".join(filter(None, [figures.get("recurrent"), figures["note"]]))
        network = every.get(name.partition(",")[0])
        if network:
            figures["epoch"] = epoch(figures, network["steps"])
        figures["lecture"] = lecture.get(name)
        ours, theirs = (epoch(by_line.get(key, {}), 500) for key in (name, f"{name}, PyTorch"))
        if ours and theirs:
            figures["note"] += f"; PyTorch’s epoch takes {theirs / ours:.3g} times as long"
        cells = (figures.get(column) for column in COLUMNS)
        shown = [cell if isinstance(cell, str) else number(cell) for cell in cells]
        text.append(f"| {name} | {' | '.join(shown)} |")
    missing = [
        name
        for name in [*every, "writer", *(line for line, *_ in pictures())]
        if name not in lecture
    ]
    without = f" without {', '.join(missing)}" if missing else ""
    text += [
        "",
        f"The whole lecture, one job after the other{without}: {sum(lecture.values()):.3g} min.",
    ]
    return "\n".join(text)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser("python -m benchmarks gpu")
    parser.add_argument("--small", action="store_true", help="small sizes, for a try")
    parser.add_argument(
        "--again", action="store_true", help="measure anew what is measured already"
    )
    parser.add_argument("--minutes", type=float, default=20, help="the most that all may take")
    parser.add_argument("--only", nargs="+", metavar="LINE", choices=list(lines()), help="lines")
    parser.add_argument("--file", type=Path, default=RESULTS, help="where the figures are kept")
    chosen = parser.parse_args(arguments)
    end = time.monotonic() + 60 * chosen.minutes
    saved = {"small": chosen.small, "lines": {}}
    if chosen.file.exists() and not chosen.again:
        kept = json.loads(chosen.file.read_text())
        saved = kept if kept["small"] == chosen.small else saved
    by_line = saved["lines"]
    for name in chosen.only or lines():
        left = end - time.monotonic()
        if by_line.get(name, {}).get("done"):
            continue
        if left < 20:
            print(f"{name}: left out, the time is over", file=sys.stderr)
            continue
        figures = measured(name, chosen.small, min(LONGEST, left))
        saved["card"] = figures.pop("card", saved.get("card", "no device"))
        by_line[name] = figures
        print(f"{name}: {json.dumps(figures)}", file=sys.stderr, flush=True)
        chosen.file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(chosen.file) as part:
            part.write_text(json.dumps(saved, indent=1) + "\n")
    print(table(by_line, saved.get("card", "nothing measured"), chosen.small))


STARTED = time.time()  # of the process that measures one line

if __name__ == "__main__":
    measure(sys.argv[1], "--small" in sys.argv)
