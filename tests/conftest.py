"""What all tests share."""

import gc
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from once import once_for_all

REPOSITORY = Path(__file__).parent.parent
sys.path[:0] = [str(REPOSITORY / name) for name in (".", "workflow", "tests")]

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
# As in jobs; threads of several test processes would wait for each other.
os.environ |= dict.fromkeys(
    ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, since many tests wait for other processes."""
    return len(os.sched_getaffinity(0)) + 1


LONG = {"test_training.py", "test_recurrent.py", "test_text.py", "test_weather.py"}


def pytest_collection_modifyitems(items: list) -> None:
    """The longest files of one core first: at the end the other processes would wait for them."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_collection_finish() -> None:
    """What is imported by now is no garbage and need not be searched for any, again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The mirror with real files; what needs it is skipped where there is none."""
    places = [
        os.environ.get("REVERIE_MIRROR"),
        REPOSITORY / "mirror",
        REPOSITORY / "../shared/mirror",
    ]
    for place in filter(None, places):
        if (Path(place) / "jena_hourly_2009_2016.csv.gz").is_file():
            return Path(place).resolve()
    pytest.skip("no mirror with the real files is here")


NAMES = ("mlp", "gru", "gru_dropout", "conv1d", "gru_residual")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory, worker_id) -> Path:
    """A run's folder with everything that needs a network, made up, and nothing that follows.

    Five networks with two seeds on 370 days of a gauge, a text of two seeds, three dreams, a style.
    """
    return once_for_all(tmp_path_factory, worker_id, "trained", made_run) / "results" / "made"


def made_run(root: Path) -> None:
    from reverie import provenance
    from reverie.config.model import load

    run = root / "results" / "made"
    raw = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    lecture = load(raw).model_dump(mode="json")
    raw["forecast"] |= {
        "seeds": [0, 1],
        "select": list(NAMES),
        "lookback": "2 days",
        "max_epochs": 5,
    }
    raw["forecast"]["variants"]["mlp"]["title"] = f"Dense {SCRIPT}"
    raw["text"] |= {"seeds": [0, 1], "epochs": 3, "window": 20}
    raw["text"]["sampling"] |= {"prompt": "the gauge is read eve", "epochs": [2]}
    raw["dream"]["select"] = ["sky", "flowers", "flowers_without_details", "noise"]
    raw["style"]["select"] = ["starry_sky"]
    settings = load(raw).model_dump(mode="json")
    generator = np.random.default_rng(0)
    made_forecasts(root, run / "forecast", settings["forecast"], generator)
    made_text(root, run / "text", settings["text"], generator)
    made_pictures(run, generator)
    record = {
        "asset": "sky",
        "source": "made up",
        "file": "sky.jpg",
        "bytes": 9,
        "sha256": "5" * 64,
    }
    (root / "resources").mkdir()
    (root / "resources" / "sky.json").write_text(json.dumps(record | {"sample": True}))
    job = {
        "rule": "train_forecaster",
        "wildcards": {"variant": "gru", "seed": "0"},
        "seconds": 12.5,
    }
    job |= {"max_rss_mb": 900, "device": "cpu", "commit": "c" * 40, "dirty": False, "code": "x"}
    (run / "logs").mkdir()
    (run / "logs" / "gru.json").write_text(json.dumps(job))
    records = [Path("results/made/logs/gru.json"), Path("results/made/logs/not-yet.json")]
    command = f"snakemake --config 'a={SCRIPT}'"
    overlays, assets = ["config/made.yaml"], [Path("resources/sky.json")]
    plan = provenance.plan(command, settings, lecture, overlays, assets, records)
    provenance.write(plan, run / "plan.json")


def made_forecasts(root: Path, folder: Path, config: dict, generator) -> None:
    from reverie.forecast import series

    time = pd.date_range("2021-01-01", periods=24 * 370, freq="h")
    hours = np.arange(len(time))
    level = 5 + np.sin(hours / 24 * 2 * np.pi) + np.cumsum(generator.normal(0, 0.1, len(time)))
    table = pd.DataFrame({"Date Time": time.strftime("%d.%m.%Y %H:%M:%S"), "T (degC)": level})
    table["p (mbar)"] = generator.normal(1000, 9, len(time))
    table.loc[7700, "p (mbar)"] = -9999
    table.to_csv(root / "gauge.csv", index=False)
    folder.mkdir(parents=True)
    origin = {"source": "gauge.csv", "sha256": "7" * 64, "sample": False}
    spans = {"forecast.lookback": "2 days", "forecast.step": "1 hour", "forecast.delay": "24 hours"}
    series.prepare(
        path=root / "gauge.csv", settings=config["series"], split={"train": 0.5, "validation": 0.7},
        spans=spans, batch=32, origin=origin,
        series_file=folder / "series.npz", facts_file=folder / "series.json",
    )  # fmt: skip
    with np.load(folder / "series.npz") as saved:
        values = saved["values"][:, int(saved["target"])]
    parts = json.loads((folder / "series.json").read_text())["split"]
    for place, name in enumerate(NAMES):
        (folder / name).mkdir()
        (folder / name / "model.json").write_text(json.dumps({"parameters": 1000 + place}))
        for seed in (0, 1):
            training = folder / name / f"seed{seed}"
            training.mkdir()
            for split in ("val", "test"):
                row = np.arange(parts[split][0], parts[split][1])
                target = values[row + 24]
                noise = generator.normal(0, 0.1 + 0.1 * place, (2, len(row))).astype(np.float32)
                np.savez(
                    training / f"predictions_{split}.npz",
                    row=row, target=target, prediction=target + noise[0],
                    prediction_last=target + 1.1 * noise[1],
                )  # fmt: skip
            lines = [
                f"{e},{0.4 - 0.02 * e},{0.3 + 0.01 * (e - 3) ** 2},{9 + place}" for e in range(1, 6)
            ]
            history = "\n".join(["epoch,loss,val_loss,seconds", *lines]) + "\n"
            (training / "history.csv").write_text(history)


def made_text(root: Path, folder: Path, config: dict, generator) -> None:
    from reverie.text import corpus, sampling

    words = [
        "the",
        "gauge",
        "is",
        "read",
        "every",
        "day",
        "and",
        "the",
        "river",
        "is",
        "high",
        "when",
        "it",
        "rains",
    ]
    (root / "words.txt").write_text(" ".join(generator.choice(words, 4000)))
    folder.mkdir(parents=True)
    origin = {"source": "words.txt", "sha256": "8" * 64, "sample": False}
    corpus.prepare(
        root / "words.txt", origin, 20, 3, 0.05, 128, folder / "corpus.npz", folder / "corpus.json"
    )
    alphabet = corpus.load(folder / "corpus.npz").alphabet
    for seed in (0, 1):
        training = folder / f"seed{seed}"
        training.mkdir()
        lines = [f"{e},{3 - 0.3 * e},{2.9 - 0.3 * e},{4 - 0.4 * e},9" for e in (1, 2, 3)]
        history = "\n".join(["epoch,loss,val_loss,bits_per_char,seconds", *lines]) + "\n"
        (training / "history.csv").write_text(history)
        (training / "model.json").write_text(json.dumps({"parameters": 999, "steps": 10}))
        logits = {"alphabet": alphabet, "logits": generator.normal(0, 2, len(alphabet)).tolist()}
        (training / "next.json").write_text(json.dumps(logits | {"epoch": 3, "prompt": "x"}))
        samples = []
        for epoch in (2, 3):
            for method, heat in sampling.methods(config["sampling"]["temperatures"], True):
                pool = words if (heat or 0) < 0.9 else [*words, "rivver", SCRIPT]
                drawn = generator.choice(pool[: 3 if not heat else None], 60)
                facts = {"epoch": epoch, "seed": seed, "method": method, "temperature": heat}
                samples.append(facts | {"prompt": "the gauge is read eve", "text": " ".join(drawn)})
        written = "".join(json.dumps(sample) + "\n" for sample in samples)
        (training / "samples.jsonl").write_text(written)


def made_pictures(run: Path, generator) -> None:
    import imageio_ffmpeg
    from reverie.pictures import images

    dream, style = run / "dream", run / "style"
    original = generator.uniform(0, 1, (160, 240, 3)).astype(np.float32)
    dull = np.full_like(original, 0.5)
    table = "octave,height,width,step,loss\n" + "".join(
        f"{octave},{80 * octave},{120 * octave},{step},{step + octave}\n"
        for octave in (1, 2)
        for step in (1, 2, 3)
    )
    results = {"sky": original, "flowers": original, "flowers_without_details": dull, "noise": dull}
    for name, result in results.items():
        images.write(dream / f"{name}.png", result, {})
        images.write(dream / "octaves" / f"{name}.png", result, {})
        images.write(dream / "originals" / f"{name}.png", original, {})
        (dream / f"{name}.csv").write_text(table)
    images.write(dream / "sheets" / "sky.png", original, {})
    (dream / "sheets" / "sky.csv").write_text("layer,wavelength\nmixed0,4.10\nmixed4,17.00\n")
    (dream / "films").mkdir()
    film = imageio_ffmpeg.write_frames(dream / "films" / "noise.mp4", (240, 160))
    film.send(None)
    for _ in range(5):
        film.send(np.uint8(255 * original))
    film.close()
    for name in ("starry_sky", "originals/starry_sky.content", "originals/starry_sky.style"):
        images.write(style / f"{name}.png", original, {})
    terms = "step,content_loss,style_loss,variation_loss,loss\n1,1,2,0.1,3.1\n2,1,1,0.1,2.1\n"
    (style / "starry_sky.csv").write_text(terms)


@pytest.fixture(scope="session")
def whole_run(trained_run, tmp_path_factory, worker_id) -> Path:
    """The same run with all that follows from the networks' results, as the workflow leaves it."""
    from reverie import provenance
    from reverie.report import partial

    def make(folder: Path) -> None:
        scratch = tmp_path_factory.mktemp("scratch")
        found = partial.so_far(trained_run, scratch)
        shutil.copytree(scratch, folder / "results" / "made")
        provenance.write(found.provenance, folder / "results" / "made" / "provenance.json")

    return once_for_all(tmp_path_factory, worker_id, "whole", make) / "results" / "made"
