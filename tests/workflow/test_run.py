"""The workflow on a user's own series, and what makes it run again."""

import csv
import json
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import numpy as np
import psutil
import pytest
from checkouts import river_checkout

RUN = "results/river-tiny"


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_of_the_contract_is_there(finished):
    run = finished.folder / RUN
    expected = ["provenance.json", "report.html"]
    expected += [f"forecast/{name}" for name in ("series.json", "metrics.csv", "summary.csv")]
    for variant in ("gru", "mlp"):
        expected += [
            f"forecast/{variant}/seed0/{name}"
            for name in (
                "history.csv",
                "best.weights.h5",
                "last.weights.h5",
                "predictions_val.npz",
                "predictions_test.npz",
            )
        ]
        expected += [
            f"logs/forecast/{variant}/seed0.log",
            f"benchmarks/forecast/{variant}/seed0.tsv",
        ]
    expected += [
        f"forecast/linear/seed0/{name}"
        for name in ("fitted.json", "fitted.npz", "predictions_val.npz", "predictions_test.npz")
    ]
    expected += [f"forecast/blend/seed0/predictions_{split}.npz" for split in ("val", "test")]
    assert [name for name in expected if not (run / name).is_file()] == []


def test_the_series_was_understood(finished):
    facts = json.loads((finished.folder / RUN / "forecast/series.json").read_text())
    assert facts["rows"] == 2960
    assert (facts["interval_minutes"], facts["target"], facts["unit"]) == (15, "level_m", "m")
    assert (facts["duplicates"], facts["gaps"], facts["sentinels"], facts["missing"]) == (
        1,
        1,
        1,
        3,
    )
    assert facts["source"] == "river.csv"
    assert not facts["sample"]
    # The one target that was not measured: as a truth, as a newest value, at the row itself.
    assert facts["windows_not_measured"] == {"train": 3, "val": 0, "test": 0}
    assert (facts["repeated_values"], facts["mean_values"]) == (4, 0)


def test_the_remarks_are_tried_on_ones_own_river(finished):
    page = (finished.folder / RUN / "report.html").read_text()
    assert "The lecture’s claims, tested on your data" in page
    assert "is above 0.3" not in page
    assert "an interval needs 15 blocks of 7 days" in page  # and the river was measured for a month


def test_metrics_hold_together(finished):
    run = finished.folder / RUN / "forecast"
    metrics = table(run / "metrics.csv")
    others = {"naive", "naive_delay", "linear", "blend"}
    assert {line["variant"] for line in metrics} == {"mlp", "gru", *others}
    for line in metrics:
        if line["variant"] in others:
            assert (line["seed"], line["checkpoint"], line["epoch"]) == ("", "", "")
    about = json.loads((run / "blend/seed0/fitted.json").read_text())
    assert list(about["weights"]) == ["mlp", "gru", "linear", "naive"]
    assert sum(about["weights"].values()) == pytest.approx(1)
    std = json.loads((run / "series.json").read_text())["std"]["level_m"]
    for line in metrics:
        assert float(line["mae_unit"]) == pytest.approx(float(line["mae"]) * std, abs=2e-6)
    for variant in ("mlp", "gru"):
        history = table(run / variant / "seed0/history.csv")
        assert [line["epoch"] for line in history] == ["1", "2"]
        best = next(
            line
            for line in metrics
            if (line["variant"], line["split"], line["checkpoint"]) == (variant, "val", "best")
        )
        lowest = min(float(line["val_loss"]) for line in history)
        assert float(best["mae"]) == pytest.approx(lowest, abs=2e-6)
        with np.load(run / variant / "seed0/predictions_test.npz", allow_pickle=False) as saved:
            assert len(saved["row"]) == int(best["windows"]) or saved["row"].min() > 2220


def test_provenance_tells_what_ran(finished):
    facts = json.loads((finished.folder / RUN / "provenance.json").read_text())
    assert facts["command"].startswith("snakemake --configfile config/river.yaml")
    assert facts["config"]["forecast"]["lookback"] == "2 days"
    assert facts["config_changed"]["forecast.lookback"] == ["10 days", "2 days"]
    assert facts["config_changed"]["forecast.seeds"] == [[0, 1, 2], [0]]
    assert len(facts["commit"]) == 40
    assert facts["versions"]["keras"]
    trained = [job for job in facts["jobs"] if job["rule"] == "train_forecaster"]
    assert {job["wildcards"]["variant"] for job in trained} == {"mlp", "gru"}
    for job in trained:
        assert job.keys() >= {"seconds", "max_rss_mb", "device", "commit", "dirty", "code"}
        assert 100 < job["max_rss_mb"] < 1500
        by_loop = job["wildcards"]["variant"] == "gru"
        assert (job["precision"], job["recurrent"]) == ("float32", "own loop" * by_loop)


def test_the_console_and_the_log_tell_the_same(finished):
    log = (finished.folder / RUN / "logs/forecast/gru/seed0.log").read_text().splitlines()
    assert log[-1].startswith("gru seed 0: ")
    assert " validation at epoch " in log[-1]
    assert all(line in finished.printed for line in log)
    assert "To do: 2 networks to train and 1 forecaster to fit, about " in finished.printed


def test_a_dry_run_says_how_long_the_run_will_take(finished):
    """By the times of the run that is there, whose networks are all to be trained anew."""
    told = finished.run("-n", "--quiet", "all", "--forceall").splitlines()[-1]
    assert told.startswith("To do: 2 networks to train and 1 forecaster to fit, about ")
    assert told.endswith("(judged by earlier runs).")


def test_nothing_is_left_behind(finished):
    left = [
        path.name
        for path in (finished.folder / RUN).rglob("*")
        if path.name.startswith((".", "part")) or path.suffix == ".attempts"
    ]
    assert left == []
    checkpoints = finished.folder / RUN / "checkpoints"
    assert list(checkpoints.iterdir()) == []


def test_a_second_run_does_nothing(finished):
    printed = finished.run()
    assert "Nothing to be done" in printed
    assert printed.splitlines()[-1] == f"The report: {RUN}/report.html"


def test_a_missing_training_is_trained_again_though_the_report_stands(copy):
    shutil.rmtree(copy.folder / RUN / "forecast" / "gru" / "seed0")
    assert copy.planned()["train_forecaster"] == 1


def test_a_fresh_clone_with_copied_results_trains_nothing(finished, tmp_path):
    fresh = river_checkout(tmp_path / "fresh")
    for name in ("results", "river.csv"):
        source, target = finished.folder / name, fresh.folder / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    assert fresh.planned() == {}


def test_a_run_may_have_the_name_of_a_part(copy):
    (copy.folder / "config/named.yaml").write_text("run: forecast\n")
    assert copy.planned(("river", "tiny", "named"))["train_forecaster"] == 2


def test_a_comment_trains_nothing(copy):
    copy.edit(
        "workflow/reverie/training.py", "CALL_SECONDS = 1.0  # ", "CALL_SECONDS = 1.0  # Here: "
    )
    copy.edit(
        "workflow/reverie/forecast/scripts/train_forecaster.py",
        "with network_job",
        "# A comment.\nwith network_job",
    )
    assert copy.planned() == {}


def test_another_training_loop_trains_every_network_and_prepares_nothing(copy):
    copy.edit("workflow/reverie/backend.py", "training=True", "training=1 == 1")
    planned = copy.planned()
    assert planned["train_forecaster"] == 2
    assert "prepare_series" not in planned


def test_another_regression_trains_no_network(copy):
    copy.edit("workflow/reverie/forecast/regression.py", "FAR = 10.0", "FAR = 9.0")
    planned = copy.planned()
    assert planned["fit_forecaster"] == 1
    assert "train_forecaster" not in planned


def test_other_figures_train_nothing(copy):
    copy.edit("workflow/reverie/look.py", "WIDTH = 7.2", "WIDTH = 7.4")
    planned = copy.planned()
    assert "train_forecaster" not in planned
    assert planned["plot_forecasts"] == 1
    assert planned["write_report"] == 1


def test_a_new_variant_trains_alone(copy):
    overlay = copy.folder / "config/tiny.yaml"
    text = overlay.read_text().replace("[mlp, gru, linear, ", "[mlp, gru, linear, wide, ")
    overlay.write_text(text + "    wide: {title: Wide, layers: [Flatten, {Dense: {units: 64}}]}\n")
    planned = copy.planned()
    assert planned["train_forecaster"] == 1
    assert planned["check_model"] == 1
    assert planned["blend_forecasts"] == 1
    assert planned["evaluate_forecasts"] == 1


def test_a_changed_variant_trains_alone(copy):
    copy.edit("config/tiny.yaml", "units: 4", "units: 5")
    planned = copy.planned()
    assert planned["train_forecaster"] == 1
    assert planned["evaluate_forecasts"] == 1


def test_a_variant_with_windows_of_its_own_trains_alone(copy):
    (copy.folder / "config/deep.yaml").write_text("""\
run: river-tiny
forecast:
  select: [mlp, gru, linear, blend, deep]
  variants: {deep: {title: Deep, layers: [Flatten, {Dense: {units: 2}}], epochs: 1, lookback: 4 hours}}
""")
    planned = copy.planned(("river", "tiny", "deep"))
    assert (planned["check_model"], planned["train_forecaster"]) == (1, 1)
    assert not {"prepare_series", "fit_forecaster"} & planned.keys()


def test_a_deselected_variant_leaves_the_table_and_trains_nothing(copy):
    copy.edit("config/tiny.yaml", "[mlp, gru,", "[gru,")
    planned = copy.planned()
    assert "train_forecaster" not in planned
    assert planned["blend_forecasts"] == 1
    assert planned["evaluate_forecasts"] == 1


def test_a_sweep_ends_in_one_table_and_one_chart(copy):
    """Seeds and a grid come from the configuration alone."""
    (copy.folder / "config/sweep.yaml").write_text("""\
forecast:
  seeds: [0, 1]
  select: [mlp]
  variants:
    mlp: {grid: {units: [4, 8]}}
""")
    overlays = ("river", "tiny", "sweep")
    assert copy.planned(overlays)["train_forecaster"] == 4
    copy.run(overlays=overlays)
    run = copy.folder / f"{RUN}-sweep"
    lines = [line for line in table(run / "forecast/summary.csv") if line["checkpoint"] == "best"]
    assert [(line["variant"], line["split"], line["seeds"]) for line in lines] == [
        (variant, split, "2")
        for variant in ("mlp.units-4", "mlp.units-8")
        for split in ("val", "test")
    ]
    assert all(float(line["mae_sd"]) > 0 for line in lines)
    page = (run / "report.html").read_text()
    for units in (4, 8):
        assert f"Densely connected network, units {units}" in page
        assert f"units {units}" in (run / "forecast/plots/errors.svg").read_text()


def test_changed_data_trains_again(copy):
    with open(copy.folder / "river.csv", "a") as file:
        file.write("2021-04-01T06:00,2.5,0.1\n")
    assert copy.planned()["train_forecaster"] == 2


def test_the_same_seed_gives_the_same_metrics(finished, copy):
    """A killed training goes on from its checkpoint, and the end is that of the other run."""
    other = copy
    shutil.rmtree(other.folder / RUN / "forecast" / "gru" / "seed0")
    for name in ("forecast/metrics.csv", "forecast/summary.csv"):
        (other.folder / RUN / name).unlink()
    process = subprocess.Popen(
        other.command("--", "forecast"),
        cwd=other.folder,
        env=other.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    terminate_training(process)
    assert process.wait(timeout=600) != 0
    assert len(list(other.folder.glob(f"{RUN}/checkpoints/*/checkpoint.npz"))) == 1
    assert " seed 0: resumes in epoch " in other.run("--", "forecast")
    assert list(other.folder.glob(f"{RUN}/checkpoints/*")) == []
    record = json.loads((other.folder / RUN / "logs/forecast/gru/seed0.json").read_text())
    assert (record["resumed"], record["estimate"]) == (1, None)
    for name in ("metrics.csv", "summary.csv"):
        paths = [checkout.folder / RUN / "forecast" / name for checkout in (finished, other)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    histories = [
        table(checkout.folder / RUN / "forecast" / "gru" / "seed0/history.csv")
        for checkout in (finished, other)
    ]
    for history in histories:
        for line in history:
            del line["seconds"]
    assert histories[0] == histories[1]


def terminate_training(process):
    """Send SIGTERM to the first training job that is ready for it."""
    for _ in range(1200):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error, FileNotFoundError):
                if "train_forecaster" in " ".join(child.cmdline()) and catches_sigterm(child.pid):
                    child.send_signal(signal.SIGTERM)
                    return
        time.sleep(0.05)
    pytest.fail("no training began")


def catches_sigterm(pid: int) -> bool:
    with open(f"/proc/{pid}/status") as status:
        mask = next(line for line in status if line.startswith("SigCgt"))
    return bool(int(mask.split()[1], 16) & (1 << (signal.SIGTERM - 1)))
