"""What the report says would make a run sharper: the command, and its time from the run's own jobs."""

import copy
import json
import shlex
from pathlib import Path

import pytest
from reverie import estimates, provenance
from reverie.config import files
from reverie.config.model import load
from reverie.forecast import variants
from reverie.forecast.estimates import training_seconds
from reverie.report import sharper
from reverie.report.run import Run
from reverie.report.verdicts import CONFIRMED, NO_INTERVAL, NOT_RUN, TASTE, UNDECIDED

REPOSITORY = Path(__file__).parents[2]
QUICK = ["config/quick.yaml", "config/demo.yaml"]
SLOWER = 3  # times the built-in estimates, which the jobs of these runs took


def configuration(*overlays: str, **forecast) -> dict:
    settings, _ = files.read([str(REPOSITORY / name) for name in ("config.yaml", *overlays)])
    settings["forecast"] |= forecast
    return load(settings).model_dump(mode="json")


def a_run(folder, config: dict, overlays: list[str], **facts) -> Run:
    """A run whose jobs all took SLOWER times as long as estimated."""
    (folder / "text").mkdir(exist_ok=True)
    (folder / "text" / "corpus.json").write_text(json.dumps({"characters": 600_000}))
    jobs = [
        {"rule": rule, "wildcards": wildcards, "estimate": seconds, "seconds": SLOWER * seconds}
        for part in config["parts"]
        for rule, wildcards, seconds in sharper.PARTS[part].jobs(config, folder)
    ]
    known = {
        "command": shlex.join(["snakemake", "--cores", "all", "--configfile", *overlays]),
        "full": provenance.full_budget(overlays, REPOSITORY / "config.yaml"),
        "machine": {"cores": 2},
        "assets": [],
        "jobs": jobs,
    }
    return Run("a-run", folder, config, known | facts)


def claims(*verdicts: str, part: str = "forecast") -> list[dict]:
    measured = "4 % lower (95 % interval −5 % to 1 %)"
    return [{"part": part, "verdict": verdict, "measured": measured} for verdict in verdicts]


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    """Where the paths of overlays begin."""
    monkeypatch.chdir(REPOSITORY)


@pytest.mark.parametrize("look", QUICK)
def test_after_a_quick_look_the_full_budget(tmp_path, look):
    overlays = [look, "config/further.yaml"]
    run = a_run(tmp_path, configuration(*overlays), overlays)
    step = sharper.next_step(run, claims(UNDECIDED, CONFIRMED, TASTE, UNDECIDED, NOT_RUN))
    assert (step["undecided"], step["tested"]) == (2, 4)
    assert step["command"] == "make reproduce WITH=config/further.yaml"
    assert step["budget"].startswith("3 seeds and the full budget")
    full = configuration("config/further.yaml")
    work = [s for part in full["parts"] for *_, s in sharper.PARTS[part].jobs(full, tmp_path)]
    assert step["time"] == {
        "elapsed": pytest.approx(SLOWER * sum(work) / 2),
        "at_once": 2,
        "device": "core",
    }


def test_the_full_budget_keeps_every_other_overlay(tmp_path):
    (tmp_path / "own.yaml").write_text("forecast: {seeds: [7], select: [gru]}\n")
    (tmp_path / "b.yaml").write_text("parts: [forecast]\n")
    overlays = [QUICK[0], str(tmp_path / "own.yaml"), str(tmp_path / "b.yaml")]
    run = a_run(tmp_path, configuration(*overlays), overlays)
    step = sharper.next_step(run, claims(CONFIRMED))
    assert shlex.split(step["command"]) == ["make", "reproduce", f"WITH={' '.join(overlays[1:])}"]
    assert step["budget"].startswith("1 seed and the full budget")
    network = variants.networks(configuration(*overlays[1:]))["gru"]
    assert step["time"]["elapsed"] == pytest.approx(SLOWER * training_seconds(network))


@pytest.mark.parametrize(
    ("overlay", "sample", "files"),
    [
        ("", False, " on the lecture’s own files"),  # the ten-minute series
        ("forecast: {series: {asset: jena}}", False, ""),
        ("forecast: {series: {asset: jena}}", True, " on the lecture’s own files"),
        ("forecast: {series: {path: river.csv}}", False, ""),
    ],
)
def test_the_full_budget_has_no_stand_ins(tmp_path, overlay, sample, files):
    (tmp_path / "own.yaml").write_text(overlay or "backend: tensorflow")
    overlays = [QUICK[1], str(tmp_path / "own.yaml")]
    asset = {"asset": "nietzsche", "sample": sample}
    run = a_run(tmp_path, configuration(*overlays), overlays, assets=[asset])
    assert sharper.next_step(run, [])["budget"] == f"3 seeds and the full budget{files}"


def test_a_sharp_run_needs_nothing(tmp_path):
    run = a_run(tmp_path, configuration(), [])
    decided = claims(CONFIRMED, TASTE, NOT_RUN)
    assert sharper.next_step(run, decided) is None
    assert sharper.next_step(run, [*decided, *claims(UNDECIDED, part="dream")]) is None
    assert sharper.next_step(run, [*decided, *claims(UNDECIDED)])
    run.missing.append("forecast: gru is not trained")
    assert sharper.next_step(run, claims(UNDECIDED)) is None


def test_at_full_budget_more_seeds(tmp_path):
    """Only those of the part with undecided claims, and only their trainings take time."""
    config = configuration()
    run = a_run(tmp_path, config, ["a b.yaml"])
    step = sharper.next_step(run, claims(UNDECIDED, CONFIRMED))
    words = shlex.split(step["command"])
    assert words[:6] == ["snakemake", "--cores", "all", "--configfile", "a b.yaml", "--config"]
    assert words[6:] == ["forecast={seeds: [0, 1, 2, 3, 4, 5]}"]
    assert step["budget"] == "6 seeds instead of 3"
    one_seed = sum(training_seconds(n) for n in variants.networks(config).values())
    one_seed += estimates.FIT_SECONDS["trees"]  # the other fits have no seeds
    assert step["time"]["elapsed"] == pytest.approx(SLOWER * 3 * one_seed / 2)
    for job in run.provenance["jobs"]:  # seeds that trained together do so again
        job["together"] = [0, 1, 2]
    step = sharper.next_step(run, claims(UNDECIDED, CONFIRMED))
    assert step["time"]["elapsed"] > 1.9 * SLOWER * 3 * one_seed / 2


def test_seeds_cannot_make_an_interval_where_the_test_part_is_too_short(tmp_path):
    run = a_run(tmp_path, configuration(), [])
    (claim,) = claims(UNDECIDED)
    assert not sharper.more_seeds(run, [claim | {"measured": f"4 % lower {NO_INTERVAL}"}])


def test_few_seeds_become_three(tmp_path):
    config = configuration(seeds=[4])
    run = a_run(tmp_path, config, [])
    step = sharper.next_step(run, claims(CONFIRMED))
    assert step["change"] == "forecast.seeds: [0, 1, 4]"
    assert (step["undecided"], step["budget"]) == (0, "3 seeds instead of 1")


@pytest.mark.parametrize("unknown", [{"estimate": None}, {"estimate": 5, "gpu": None, "rule": "x"}])
def test_without_times_only_the_command(tmp_path, unknown):
    """Jobs that went on from a checkpoint tell no time; one job tells it for all."""
    overlays = QUICK[:1]
    run = a_run(tmp_path, configuration(*overlays), overlays)
    jobs = [{"rule": "a", "wildcards": {}, "seconds": 9.0} | unknown]
    run = Run("a-run", tmp_path, run.settings, run.provenance | {"jobs": jobs})
    step = sharper.next_step(run, [])
    assert step["command"] == "make reproduce"
    assert (step["time"] is None) is (unknown["estimate"] is None)


def test_settings_on_the_command_line_are_not_lost(tmp_path):
    """A second `--config` would replace the first."""
    run = a_run(tmp_path, configuration(), [], command="snakemake --config run=x")
    step = sharper.next_step(run, claims(UNDECIDED))
    assert step["command"] is None
    assert step["change"] == "forecast.seeds: [0, 1, 2, 3, 4, 5]"


def test_gpus_are_counted(tmp_path):
    run = a_run(tmp_path, configuration(), [])
    jobs = [job | {"gpu": str(n % 4)} for n, job in enumerate(run.provenance["jobs"])]
    run.provenance["jobs"] = jobs
    time = sharper.next_step(run, claims(UNDECIDED))["time"]
    assert (time["at_once"], time["device"]) == (4, "GPU")


def test_overlays_that_need_the_quick_look_have_no_time(tmp_path):
    (tmp_path / "own.yaml").write_text("forecast: {select: [only_quick]}\n")
    overlays = [QUICK[0], str(tmp_path / "own.yaml")]
    full = provenance.full_budget(overlays, REPOSITORY / "config.yaml")
    assert full == {"overlays": overlays[1:], "config": None}
    run = a_run(tmp_path, configuration(QUICK[0]), overlays, full=copy.deepcopy(full))
    step = sharper.next_step(run, [])
    assert (step["budget"], step["time"]) == ("the full budget", None)


@pytest.mark.parametrize("overlays", [None, [], ["config/offline.yaml"], ["own/quick.yaml"]])
def test_only_a_quick_look_has_a_full_budget(overlays):
    assert provenance.full_budget(overlays, REPOSITORY / "config.yaml") is None
