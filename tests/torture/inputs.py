"""Broken files and configurations, each through `make report`: accepted, or refused in a sentence.

A case follows from the seed and its number alone.
"""

import json
import math
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from random import Random

import numpy as np
import yaml
from PIL import Image

from tests.checkouts import Checkout, add_harbour
from tests.torture import broken, made
from tests.torture.made import Failed, Make
from tests.torture.server import WAYS, Server

LIMIT = 240  # seconds for a case, of which the longest takes 40 on an idle machine
SERIES = {
    "series": {
        "time": {"column": "time", "format": "%Y-%m-%d %H:%M"},
        "target": "level",
        "unit": "m",
    },
    "split": {"train": 0.5, "validation": 0.75},
    "lookback": "12 hours",
    "step": "1 hour",
    "delay": "3 hours",
    "batch": 16,
    "steps": 4,
    "max_epochs": 1,
    "seeds": [0],
    "select": ["mlp"],
}
OF_FILES = {
    "encoding": ["latin-1", "utf-16", "cp1252", "idna"],
    "decimal": [","],
    "every": ["1 hour", "30 minutes", "7 minutes"],
}
EPISODES = {
    "hours": 8,
    "seeds": [0],
    "max_epochs": 1,
    "models": {"small": {"title": "Small", "kind": "lstm", "units": [4], "replication": 0.5}},
    "select": ["base_rate", "lr_features", "small"],
}
TEXT = {
    "batch": 32,
    "window": 20,
    "steps": 4,
    "epochs": 1,
    "seeds": [0],
    "layers": [{"LSTM": {"units": 4}}],
    "sampling": {
        "prompt": None,
        "random_prompts": 1,
        "characters": 30,
        "temperatures": [0.5],
        "epochs": [],
    },
}
DREAM = {
    "network": "SqueezeNet",
    "layers": {"fire2": 1},
    "size": 128,
    "octaves": 1,
    "steps": 1,
}
# Parts of a setting's path.
SETTINGS = [
    "forecast",
    "diagnose",
    "text",
    "dream",
    "style",
    "assets",
    "weights",
    "parts",
    "samples",
    "run",
]
CUT = "block1_conv2"  # VGG19's weights up to here are small


@dataclass
class Case:
    """An overlay and what was done, in words; a refusal's sentence has one of `names`."""

    done: str
    overlay: dict | bytes
    names: list[str]
    check: Callable[[Path], None] = lambda run: None
    dry: bool = False


def apply(random: Random, data, ways: list, times: int = 1) -> tuple:
    """Some of the ways done to the data, and their names."""
    done = []
    for _ in range(times):
        way = random.choice(ways)
        with suppress(KeyError, IndexError, ValueError):  # what another way broke may not suit it
            data = way(random, data)
            done.append(way.__name__)
    return data, done


def perhaps_bytes(random: Random, data: bytes, done: list[str], ways: list, share: float) -> bytes:
    """With that probability, the bytes changed as well."""
    if data and random.random() < share:
        data, more = apply(random, data, ways)
        done += more
    return data


def series_case(random: Random, folder: Path, name: str) -> Case:
    table, done = apply(random, broken.series(random), broken.TABLES, random.choice([0, 1, 1, 2]))
    data = broken.table_text(random, table)
    share = 0.2 if done else 1
    data = perhaps_bytes(random, data, done, broken.BYTES + broken.TEXTS, share)
    file = f"{name}.csv"
    if random.random() < 0.15:
        file, data = broken.archive(random, file, data)
        done.append("archive")
    elif random.random() < 0.1:
        file = random.choice([f"{name}{{x}}.csv", f"{name} é.csv", f"{name}.csv.gz", f"{name}.zip"])
    (folder / file).write_bytes(data)
    settings = json.loads(json.dumps(SERIES))
    settings["series"] |= {"path": file, "clean": random.random() < 0.5}
    if random.random() < 0.1:
        forms = ["%Y-%Y", "%Q", "", "%", "ISO8601", "%s", "%d.%m.%Y", "%Y-%m-%d %H:%M %Z"]
        settings["series"]["time"]["format"] = random.choice(forms)
        done.append("format")
    for setting, values in OF_FILES.items():
        if random.random() < 0.15:
            settings["series"][setting] = random.choice(values)
            done.append(setting)
    names = [file, "forecast.", "train_forecaster:", "check_model:"]
    if random.random() < 0.2:  # a second file, which overlaps the first
        other = f"{name}.more.csv"
        broken.series(random)[random.randrange(700) :].to_csv(folder / other, index=False)
        settings["series"]["path"] = random.choice([[file, other], [other, file], f"{name}*.csv"])
        names.append(other)
        done.append("two files")
    overlay = {"parts": ["forecast"], "forecast": settings}
    return Case("+".join(done) or "whole", overlay, names, check_forecast)


def check_forecast(run: Path) -> None:
    """An accepted series has statistics and errors that mean something."""
    facts = json.loads((run / "forecast" / "series.json").read_text())
    for column in facts["columns"]:
        mean, std = facts["mean"][column], facts["std"][column]
        if not (math.isfinite(mean) and math.isfinite(std) and 0 < std < 1e25 and abs(mean) < 1e25):
            raise Failed(f"accepted, with mean {mean} and standard deviation {std} of {column!r}")
    for name in ("metrics.csv", "summary.csv"):
        text = (run / "forecast" / name).read_text()
        if re.search(r"\b(nan|inf)\b", text, re.IGNORECASE):
            raise Failed(f"accepted, with {name}:\n{text[:1500]}")
        for number in re.findall(r"(?<=,)-?\d+\.\d+(?:e[+-]?\d+)?(?=,)", text):
            if abs(float(number)) > 1e12:
                raise Failed(f"accepted, with {number} in {name}")


def episodes_case(random: Random, folder: Path, name: str) -> Case:
    """Measurements of episodes and their labels, of which one table or both are changed."""
    settings, done, names = json.loads(json.dumps(EPISODES)), [], ["diagnose.", "train_diagnoser:"]
    changed = random.choice([["table"], ["labels"], ["table", "labels"], []])
    for setting, table in (
        ("table", broken.measurements(random)),
        ("labels", broken.labels(random)),
    ):
        if setting in changed:
            table, ways = apply(random, table, broken.EPISODES, random.choice([1, 1, 2]))
            done += ways
        data = table.to_csv(index=False).encode()
        if setting in changed:
            data = perhaps_bytes(random, data, done, broken.BYTES + broken.TEXTS, 0.3)
        settings[setting] = f"{name}.{setting}.csv"
        (folder / settings[setting]).write_bytes(data)
        names.append(settings[setting])
    overlay = {"parts": ["diagnose"], "diagnose": settings}
    return Case("+".join(done) or "whole", overlay, names, check_episodes)


def check_episodes(run: Path) -> None:
    for name in ("metrics.csv", "summary.csv"):
        if re.search(r"\b(nan|inf)\b", (run / "diagnose" / name).read_text(), re.IGNORECASE):
            raise Failed(f"accepted, with nan or inf in diagnose/{name}")


def text_case(random: Random, folder: Path, name: str) -> Case:
    text, done = broken.corpus(random), []
    if random.random() < 0.6:
        text, done = apply(random, text, [broken.text_like])
    data = text.encode("utf-8", errors="surrogatepass")
    ways = broken.BYTES + broken.TEXTS if text else broken.BYTES
    data = perhaps_bytes(random, data, done, ways, 0.3 if done else 1)
    file = random.choice([f"{name}.txt"] * 8 + [f"{name}{{x}}.txt", f"{name} é.txt", f"{name}.csv"])
    (folder / file).write_bytes(data)
    settings = json.loads(json.dumps(TEXT)) | {"corpus": file}
    if random.random() < 0.2:
        prompt = random.choice(["my dear frie\u0301nd", "Ω", "", "\n", "my dear friend " * 500])
        settings["sampling"] |= {"prompt": prompt, "random_prompts": 0}
        done.append("prompt")
    names = [file, "text.", "prompt", "train_writer:"]
    return Case("+".join(done), {"parts": ["text"], "text": settings}, names, check_text)


def check_text(run: Path) -> None:
    for line in (run / "text" / "samples.jsonl").read_text().splitlines():
        if len(json.loads(line)["text"]) == 0:
            raise Failed("accepted, with an empty sample")
    if re.search(r"\b(nan|inf)\b", (run / "text" / "metrics.csv").read_text()):
        raise Failed("accepted, with nan in text/metrics.csv")


def picture_case(random: Random, folder: Path, name: str) -> Case:
    ending, data = broken.picture(random)
    done = [ending]
    ways = [*broken.BYTES, broken.claim_size]
    data = perhaps_bytes(random, data, done, ways, 0.7)
    file = f"{name}.{ending}"
    (folder / file).write_bytes(data)
    dream = DREAM | {"picture": file}
    if random.random() < 0.2:
        dream |= {"size": random.choice([76, 90, 1200]), "octaves": random.choice([1, 3])}
    overlay = {"parts": ["dream"], "dream": {"select": [name], "pictures": {name: dream}}}
    return Case(
        "+".join(done), overlay, [file, f"dream.pictures.{name}", "dream_picture:"], check_picture
    )


def check_picture(run: Path) -> None:
    for path in (run / "dream").glob("*.png"):
        with Image.open(path) as picture:
            if np.asarray(picture.convert("RGB")).std() == 0:
                raise Failed(f"accepted, and {path.name} is of one colour")


def weights_case(random: Random, folder: Path, name: str) -> Case:
    data, done = (folder / "valid.weights.h5").read_bytes(), []
    if random.random() < 0.6:
        data, done = broken.weights(random, data, folder / f"{name}.scratch"), ["weights"]
        (folder / f"{name}.scratch").unlink()
    data = perhaps_bytes(random, data, done, broken.BYTES, 0.2 if done else 1)
    file = f"{name}.weights.h5"
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / file).write_bytes(data)
    network = random.choice(["VGG19", "VGG19", "VGG16", "InceptionV3"])
    end = CUT if network != "InceptionV3" else "mixed0"
    dream = DREAM | {"picture": "harbour.jpg", "network": network, "layers": {end: 1}}
    overlay = {
        "parts": ["dream"],
        "samples": "never",
        "mirrors": ["mine"],
        "assets": {name: {"file": file}},
        "weights": {network: {"asset": name, "to": end}},
        "dream": {"select": [name], "pictures": {name: dream}},
    }
    return Case("+".join([network, *done]), overlay, [file, name], check_picture)


def download_case(random: Random, folder: Path, name: str) -> Case:
    """A series from an address of a server that misbehaves, or from no address at all."""
    data = broken.series(random).to_csv(index=False).encode()
    file, done = f"{name}.csv", []
    if random.random() < 0.4:
        file, data = broken.archive(random, file, data)
        done.append("archive")
    asset: dict = {"file": file}
    if random.random() < 0.3:
        asset["bytes"] = len(data)
    if random.random() < 0.8:
        way = random.choice(WAYS)
        done.append(way)
        SERVER.files[file] = data
        asset["addresses"] = [SERVER.address(int(name.removeprefix("case")), way, file)]
    else:
        odd = ["http://[::1/x", "http://" + "a" * 70 + ".invalid/x", "http://localhost:99999/x"]
        odd += ["ftp://localhost/x", "http:///x", "http://127.0.0.1:9/x", "http://é.invalid/é", "x"]
        asset["addresses"] = [random.choice(odd)]
        done.append("address")
    settings = json.loads(json.dumps(SERIES))
    settings["series"]["asset"] = name
    overlay = {
        "parts": ["forecast"],
        "samples": "never",
        "mirrors": ["nowhere"],
        "assets": {name: asset},
        "forecast": settings,
    }
    return Case("+".join(done), overlay, [file, name], check_forecast)


def config_case(random: Random, folder: Path, name: str) -> Case:
    """Checked, and where the check lets it pass, planned."""
    valid = {
        "parts": ["forecast", "text", "dream"],
        "assets": {
            "sea": {"file": "sea.csv", "addresses": ["http://localhost/sea.csv"], "bytes": 9}
        },
        "forecast": SERIES
        | {"series": SERIES["series"] | {"path": "harbour.jpg", "sentinels": [-1, -9999.0]}}
        | {"variants": {"mlp": {"title": "Mine", "grid": {"units": [4, 8]}, "epochs": 2}}},
        "text": TEXT | {"corpus": "harbour.jpg"},
        "weights": {"VGG19": {"asset": "vgg19", "to": CUT}},
        "dream": {
            "select": [name],
            "pictures": {name: DREAM | {"picture": "harbour.jpg", "film": {"frames": 3}}},
        },
    }
    overlay = broken.config(random, valid)
    return Case("config", overlay, [f"{name}.yaml", *SETTINGS], dry=True)


CASES = {
    series_case: 14,
    episodes_case: 6,
    text_case: 8,
    picture_case: 7,
    weights_case: 6,
    download_case: 8,
    config_case: 10,
}


@dataclass
class Inputs:
    """What was tried and how it ended."""

    ends: Counter = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def checkout_at(folder: Path) -> Checkout:
    """A checkout with a picture and with small weights that are valid."""
    from reverie.backend import keras  # imported without TensorFlow's greeting

    folder.mkdir(parents=True)
    checkout = Checkout(folder)
    add_harbour(folder)
    whole = keras.applications.VGG19(weights=None, include_top=False)
    keras.Model(whole.input, whole.get_layer(CUT).output).save_weights(folder / "valid.weights.h5")
    return checkout


def attempt(checkout: Checkout, seed: int, number: int, keep: bool) -> tuple[str, str]:
    """Play a case; its kind with how it ended, and what was wrong with that, if anything was."""
    random, name = Random(f"{seed}:{number}"), f"case{number}"
    make = random.choices(list(CASES), CASES.values())[0]
    kind = make.__name__.removesuffix("_case")
    case = make(random, checkout.folder, name)
    file = checkout.folder / "config" / f"{name}.yaml"
    if isinstance(case.overlay, dict):
        file.write_text(yaml.safe_dump(case.overlay | {"run": name}, allow_unicode=True))
    else:
        file.write_bytes(case.overlay)
    run = checkout.folder / "results" / (f"quick-{name}" if case.dry else name)
    screen = checkout.folder / f"{name}.screen"
    begin = time.monotonic()
    end, wrong = "failed", ""
    try:
        started = Make(checkout, [name], screen, cores="1 -n" if case.dry else 1)
        status = started.wait(LIMIT)
        made.assert_fit_for_eyes(started.printed())
        if status:
            end = "refused"
            assert_sentence(started, case)
        else:
            end = "accepted"
            if not case.dry:
                assert_whole(run, started)
                case.check(run)
        assert_nothing_half(run)
    except Failed as failed:
        seconds = time.monotonic() - begin
        wrong = f"inputs:{number} ({kind}, {case.done}, {seconds:.0f} s): {failed}"
        end = "failed"
    made.end_all_in(checkout.folder)
    if not keep:
        shutil.rmtree(run, ignore_errors=True)
        for path in checkout.folder.rglob(f"{name}[!0-9]*"):
            path.unlink(missing_ok=True)
    return f"{kind}, {end}", wrong


def assert_sentence(run: Make, case: Case) -> None:
    """The last line on the screen says what is wrong with which file or setting."""
    line = run.last_line()
    if not any(name in line for name in case.names):
        raise Failed(f"refused, but the last line names neither file nor setting: {line[:500]!r}")
    if re.search(r"(?<!')\bnan\b", line) or len(line) > 2000:  # which a cell may say
        raise Failed(f"refused, but the last line is no sentence for people: {line[:500]!r}")


def assert_whole(run: Path, started: Make) -> None:
    if (
        not (run / "report.html").is_file()
        or started.last_line() != f"The report: {report_of(run)}"
    ):
        raise Failed(f"status 0, but no report; the last line: {started.last_line()!r}")
    page = re.sub(r"<(script|style)\b.*?</\1>", "", (run / "report.html").read_text(), flags=re.S)
    if match := re.search(r">[^<]*\bnan\b[^<]*<", page):
        raise Failed(f"accepted, and the report has nan: {match[0][:300]!r}")


def report_of(run: Path) -> str:
    return f"results/{run.name}/report.html"


def assert_nothing_half(run: Path) -> None:
    """Whatever stands under its own name is whole; nothing temporary is left."""
    for path in run.rglob("*"):
        if path.name.startswith(".part"):
            raise Failed(f"{path.name} is left over")
        try:
            if path.suffix == ".json":
                json.loads(path.read_text())
            elif path.suffix == ".npz":
                with np.load(path, allow_pickle=False) as saved:
                    _ = [saved[name] for name in saved.files]
            elif path.suffix == ".png":
                with Image.open(path) as picture:
                    picture.load()
        except (ValueError, OSError) as error:
            raise Failed(f"{path.name} is half a file: {error}") from None


SERVER = Server()


def torture(
    folder: Path,
    seed: int,
    count: int,
    only: int | None = None,
    hours: float = math.inf,
    say=print,
) -> Inputs:
    """So many cases or as many as the hours allow, or the one with the number ``only``.

    Two are at work at a time, each in a checkout of its own.
    """
    numbers = range(1, count + 1) if only is None else [only]
    checkouts: Queue[Checkout] = Queue()
    checkouts.put(first := checkout_at(folder / "1"))
    checkouts.put(first.copied_to(folder / "2"))
    tried, begin, lock = Inputs(), time.monotonic(), threading.Lock()

    def play(number: int) -> None:
        if time.monotonic() - begin > 3600 * hours:
            return
        checkout = checkouts.get()
        end, wrong = attempt(checkout, seed, number, keep=only is not None)
        checkouts.put(checkout)
        with lock:
            tried.ends[end] += 1
            if wrong:
                tried.failures.append(wrong)
                end = f"{end}: {wrong.splitlines()[0][:300]}"
            minutes = (time.monotonic() - begin) / 60
            say(f"inputs: {tried.ends.total()} of {count}, {minutes:.1f} min: {number}, {end}")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(play, number) for number in numbers]:
            done.result()
    return tried
