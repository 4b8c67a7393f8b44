"""What all tests share, those in the parts' folders included: environment, order, fixtures."""

import gc
import json
import os
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import hypothesis
import numpy as np
import pytest
import yaml
from once import once_for_all

from tests import forks

REPOSITORY = Path(__file__).parents[1]

hypothesis.settings.register_profile("any machine", deadline=None)  # no test is about time
hypothesis.settings.load_profile("any machine")

gc.disable()  # until all test files are imported, which makes many objects and no garbage

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
# As in jobs; threads of several test processes would wait for each other.
os.environ |= dict.fromkeys(
    ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)

forks.address(sys.executable)  # one process for all workers; it imports when first used


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, since many tests wait for other processes."""
    return len(os.sched_getaffinity(0)) + 1


LONG = {
    "test_training.py",
    "test_recurrent.py",
    "test_text.py",
    "test_workflow.py",
}


def pytest_collection_modifyitems(items: list) -> None:
    """The longest files of one core first: at the end the other processes would wait for them."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `faults` take minutes together; `.ci/run` has them, `make test` does not."""
    if item.get_closest_marker("faults") and not os.environ.get("REVERIE_KILLS"):
        pytest.skip("NO KILLS: REVERIE_KILLS=1 spends minutes on them")


def pytest_collection_finish() -> None:
    """What is imported by now is no garbage and need not be searched for any, again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


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


@pytest.fixture
def typed(monkeypatch, capsys) -> Callable[..., str]:
    """What a command prints, `typed(folder, module, *arguments)`, in this process.

    Where TensorFlow is imported already, that saves seconds.
    """

    def run(folder: Path, module: str, *arguments: str) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", [module, *arguments])
        capsys.readouterr()  # what was printed before
        with mock.patch.dict(os.environ):
            runpy.run_module(module, run_name="__main__")
        return capsys.readouterr().out

    return run


SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory, worker_id) -> Path:
    """A run's folder with everything that needs a network, made up, and nothing that follows.

    Five networks with two seeds, and a regression, on 370 days of a gauge, a text of two seeds, three dreams, a style,
    four models of simulated stays, seven networks on drawn scenes.
    """
    return once_for_all(tmp_path_factory, worker_id, "trained", made_run) / "results" / "made"


def made_run(root: Path) -> None:
    from reverie import provenance
    from reverie.config.model import load
    from reverie.describe.tests import made_run as describe_run
    from reverie.diagnose.tests import made_run as diagnose_run
    from reverie.dream.tests import made_run as dream_run
    from reverie.forecast.tests import made_run as forecast_run
    from reverie.style.tests import made_run as style_run
    from reverie.text.tests import made_run as text_run

    run = root / "results" / "made"
    raw = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    lecture = load(raw).model_dump(mode="json")
    raw["forecast"] |= {
        "seeds": [0, 1],
        "select": list(forecast_run.NAMES),
        "lookback": "2 days",
        "max_epochs": 5,
    }
    raw["forecast"]["variants"]["mlp"]["title"] = f"Dense {SCRIPT}"
    raw["forecast"]["variants"]["gru_residual"]["quantiles"] = [0.1, 0.5, 0.9]
    raw["text"] |= {"seeds": [0, 1], "epochs": 3, "window": 20}
    raw["text"]["sampling"] |= {"prompt": "the gauge is read eve", "epochs": [2]}
    raw["dream"]["select"] = ["sky", "flowers", "flowers_without_details", "noise"]
    raw["style"]["select"] = ["starry_sky"]
    raw["diagnose"] |= {
        "seeds": [0, 1],
        "sets": raw["diagnose"]["sets"][:1],
        "tasks": ["conditions"],
        "select": diagnose_run.NAMES,
    }
    raw["describe"] |= {"seeds": [0, 1], "beams": [1, 3], "select": describe_run.NAMES}
    settings = load(raw).model_dump(mode="json")
    generator = np.random.default_rng(0)
    forecast_run.make(root, run / "forecast", settings["forecast"], generator)
    text_run.make(root, run / "text", settings["text"], generator, SCRIPT)
    dream_run.make(run / "dream", generator)
    style_run.make(run / "style", generator)
    diagnose_run.make(run / "diagnose", settings["diagnose"], generator)
    describe_run.make(run / "describe", settings["describe"], generator)
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
    plan = provenance.plan(command, settings, lecture, overlays, None, assets, records)
    provenance.write(plan, run / "plan.json")


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
