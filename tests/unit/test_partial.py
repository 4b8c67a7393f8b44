"""A report of what is there so far: nothing breaks, what is missing is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from reverie import charts
from reverie.errors import ReverieError
from reverie.forecast import windows
from reverie.report import __main__ as command
from reverie.report import page, partial
from reverie.report import run as runs
from reverie.tables import read_table


@pytest.fixture(autouse=True)
def unrendered(monkeypatch):
    """Figures are drawn but not rendered, which takes most of the time: nothing here looks at them."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt" viewBox="0 0 9 9"/>'
    monkeypatch.setattr(Figure, "savefig", lambda figure, file, **_: Path(file).write_text(svg))
    monkeypatch.setattr(charts.vl_convert, "vegalite_to_svg", lambda spec: svg)


def files_of(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_workflows_report_and_the_one_built_again_are_the_same(whole_run, tmp_path):
    copy = tmp_path / "results" / "made"
    shutil.copytree(whole_run, copy)
    page.write(runs.finished(copy), tmp_path / "workflow.html")
    command.build(copy)
    assert (copy / "report.html").read_text() == (tmp_path / "workflow.html").read_text()


@pytest.mark.parametrize("figure", ["errors", "years", "days"])
def test_a_figure_that_another_job_draws_may_be_missing(whole_run, tmp_path, figure):
    run = tmp_path / "results" / "made"
    shutil.copytree(whole_run, run)
    remove(run / "forecast" / "plots" / f"{figure}.svg")
    assert '<section class="part" id="forecast">' in command.build(run).read_text()


def test_building_adds_a_partial_report_and_changes_nothing(trained_run, capsys):
    """As long as the workflow is not done, `report.html` is its own to write.

    A run whose networks are done needs no workflow: nothing of its six parts is missing.
    """
    before = files_of(trained_run)
    assert command.build(trained_run) == trained_run / "report.partial.html"
    assert capsys.readouterr().out == ""
    page = (trained_run / "report.partial.html").read_text()
    for part in ("forecast", "text", "dream", "style", "diagnose", "describe"):
        assert f'<section class="part" id="{part}">' in page, part
    after = files_of(trained_run)
    del after["report.partial.html"]
    assert after == before
    (trained_run / "report.partial.html").unlink()


def test_a_file_that_vanishes_while_the_report_is_made(whole_run, tmp_path, monkeypatch):
    """A workflow at work removes files of a job before it makes them anew."""
    run = tmp_path / "results" / "made"
    shutil.copytree(whole_run, run)
    tries = []

    def vanishing(run, file):
        tries.append(file)
        if len(tries) < 3:
            raise FileNotFoundError(2, "No such file or directory", "dream/sky.png")
        file.write_text("made")

    monkeypatch.setattr(command.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(command.page, "write", vanishing)
    assert command.build(run).read_text() == "made"
    tries.clear()
    monkeypatch.setattr(command, "TRIES", 2)
    with pytest.raises(ReverieError, match="dream/sky.png.*try again after its next job"):
        command.build(run)


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_is_missing_the_page_is_made(whole_run, tmp_path_factory, data):
    """Any jobs' outputs may be missing; what rests on networks is then named."""
    run = tmp_path_factory.mktemp("some") / "results" / "made"
    shutil.copytree(whole_run, run)
    jobs = {
        "forecast: gru": [f"forecast/gru/seed{k}" for k in (0, 1)],
        "forecast: mlp with seed 1": ["forecast/mlp/seed1"],
        "text: seed 0": ["text/seed0"],
        "text: nothing": ["text/seed0", "text/seed1"],
        "dream: sky has no sheet": ["dream/sheets/sky.png", "dream/sheets/sky.csv"],
        "dream: noise has no film": ["dream/films/noise.mp4"],
        "dream: flowers is not": ["dream/flowers.png"],
        "style: starry_sky": ["style/starry_sky.png"],
        "forecast: no network": ["forecast/series.npz"],
    }
    follow = ["forecast/metrics.csv", "forecast/plots", "text/metrics.csv", "dream/plots"]
    gone = data.draw(st.lists(st.sampled_from(sorted(jobs)), unique=True))
    for name in gone:
        for path in jobs[name]:
            remove(run / path)
    for path in data.draw(st.lists(st.sampled_from(follow), unique=True)):
        remove(run / path)
    text = command.build(run).read_text()
    for name in gone:
        part = name.split(":")[0]
        whole = f"{part}: no" in text  # then the whole part is missing
        assert name in text or whole, name
    assert ("This run is not finished" in text) is bool(gone)


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def test_networks_that_are_trained_are_compared_while_others_train(trained_run, tmp_path):
    run = tmp_path / "results" / "made"
    shutil.copytree(trained_run, run)
    for seed in (0, 1):
        (run / "forecast" / "gru" / f"seed{seed}" / "history.csv").unlink()
    (run / "forecast" / "gru_residual" / "seed1" / "history.csv").unlink()
    (tmp_path / "scratch").mkdir()
    found = partial.so_far(run, tmp_path / "scratch")
    assert found.missing == [
        "forecast: gru is not trained",
        "forecast: gru_residual with seed 1 is not trained",
    ]
    summary = (tmp_path / "scratch" / "forecast" / "summary.csv").read_text()
    assert "\nmlp,test,best,2," in summary
    assert "\ngru_residual,test,best,1," in summary
    assert "\ngru," not in summary
    assert "ensemble" not in summary


def test_results_of_earlier_settings_are_missing(trained_run, tmp_path):
    """Until they are made again, which the plan's `outdated` files were not before it was written."""
    run = tmp_path / "results" / "made"
    shutil.copytree(trained_run, run)
    names = [
        f"forecast/{name}/seed{seed}/history.csv" for name in ("gru", "mlp") for seed in (0, 1)
    ]
    facts = json.loads((run / "plan.json").read_text())
    (run / "plan.json").write_text(json.dumps(facts | {"outdated": [*names, "forecast/gone.csv"]}))
    moment = (run / "plan.json").stat().st_mtime
    for name in names:
        new = moment + (5 if "/mlp/" in name else -5)
        os.utime(run / name, (new, new))
    before = files_of(run)
    (tmp_path / "scratch").mkdir()
    found = partial.so_far(run, tmp_path / "scratch")
    assert found.missing == ["forecast: gru is not trained"]
    summary = (tmp_path / "scratch" / "forecast" / "summary.csv").read_text()
    assert "\nmlp,test,best,2," in summary and "\ngru," not in summary
    assert files_of(run) == before


def test_networks_of_other_windows_are_compared_on_those_that_all_have(trained_run, tmp_path):
    """One looks back further, one reads in finer steps, and the target was not always measured."""
    run = tmp_path / "results" / "made"
    shutil.copytree(trained_run, run)
    with np.load(run / "forecast" / "series.npz", allow_pickle=False) as saved:
        arrays = dict(saved)
    arrays["measured"][7400:7450] = False
    np.savez(run / "forecast" / "series.npz", **arrays)
    shared = None
    for name, first, step in (("mlp", 0, 1), ("gru", 48, 1), ("conv1d", 0, 3)):
        usable = windows.usable(arrays["measured"], step, 24)
        for file in (run / "forecast" / name).glob("seed?/predictions_*.npz"):
            with np.load(file, allow_pickle=False) as saved:
                forecasts = dict(saved)
            kept = usable[forecasts["row"]] & (np.arange(len(forecasts["row"])) >= first)
            forecasts = {key: array[kept] for key, array in forecasts.items()}
            np.savez(file, **forecasts)
            if "test" in file.name:
                rows = set(forecasts["row"].tolist())
                shared = rows if shared is None else shared & rows
    for name in ("gru_dropout", "gru_residual"):
        shutil.rmtree(run / "forecast" / name)
    (tmp_path / "scratch").mkdir()
    found = partial.so_far(run, tmp_path / "scratch")
    metrics = read_table(tmp_path / "scratch" / "forecast" / "metrics.csv")
    assert {line["windows"] for line in metrics if line["split"] == "test"} == {str(len(shared))}
    pairs = read_table(tmp_path / "scratch" / "forecast" / "pairs.csv")
    assert {line["against"] for line in pairs if line["variant"] == "gru"} >= {"naive", "mlp"}
    page.write(found, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert f"and {len(shared):,} that all forecasts have" in text


def test_the_newer_of_plan_and_provenance_counts(whole_run, trained_run, tmp_path):
    run = tmp_path / "results" / "made"
    shutil.copytree(whole_run, run)
    plan = json.loads((trained_run / "plan.json").read_text())
    (run / "plan.json").write_text(json.dumps(plan | {"command": "a later start"}))
    assert runs.facts_of(run)["command"] == "a later start"
    (run / "provenance.json").touch()
    assert runs.facts_of(run)["command"] != "a later start"


def test_failed_jobs_are_told(trained_run, tmp_path):
    """The log of a failed job ends in its sentence, and there is no record; a job at work has neither."""
    run = tmp_path / "results" / "made"
    shutil.copytree(trained_run, run)
    plan = json.loads((run / "plan.json").read_text())
    (run / "plan.json").write_text(json.dumps(plan | {"rules": ["train_forecaster"]}))
    log = run / "logs" / "not-yet.log"
    for at_work in ("gru seed 0: 0.2601 val at epoch 6", "starry_sky: 256 × 144, 300 steps", ""):
        log.write_text(at_work)
        assert runs.failures(run) == []
    log.write_text("Epoch 1\ntrain_forecaster: The loss is <NaN>; choose a lower rate.\n")
    page = command.build(run).read_text()
    assert "This run is not finished.</strong> 1 job failed:" in page
    assert "train_forecaster: The loss is &lt;NaN&gt;; choose a lower rate." in page
    assert "✓ Complete" not in page
    log.with_suffix(".json").write_text((run / "logs" / "gru.json").read_text())
    assert runs.failures(run) == []  # a second try succeeded


def test_a_long_list_of_what_is_missing_is_folded(whole_run, tmp_path):
    found = partial.so_far(whole_run, tmp_path)
    found.missing = [f"dream: {name} is not dreamt" for name in "abcdefgh"]
    page.write(found, tmp_path / "report.html")
    shown, folded = (tmp_path / "report.html").read_text().split("<summary>and 3 more</summary>")
    assert "dream: e is not dreamt" in shown and "dream: f is not dreamt" not in shown
    assert "dream: h is not dreamt" in folded


def test_mistakes_end_in_a_sentence(tmp_path, whole_run):
    with pytest.raises(ReverieError, match="is not the folder of a run"):
        command.build(tmp_path)
    old = tmp_path / "old"
    old.mkdir()
    facts = json.loads((whole_run / "provenance.json").read_text())
    facts["config"]["forecast"]["unheard_of"] = 1
    (old / "provenance.json").write_text(json.dumps(facts))
    with pytest.raises(ReverieError, match="was made by another version"):
        command.build(old)
    done = subprocess.run(
        [sys.executable, "-m", "reverie.report", "build", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(str(tmp_path))


def test_a_series_of_an_older_version_has_its_sentence(whole_run, tmp_path):
    run = tmp_path / "results" / "made"
    shutil.copytree(whole_run, run)
    series = run / "forecast" / "series.npz"
    with np.load(series) as saved:
        kept = {name: saved[name] for name in saved.files if name != "measured"}
    series.unlink()  # a link to the fixture's own
    np.savez(series, **kept)
    with pytest.raises(ReverieError, match="was made by an older version; run the workflow again"):
        command.build(run)


@pytest.mark.parametrize("fact", ["sample", "gaps"])  # of which a template needs the second
def test_facts_that_an_older_version_did_not_know_have_their_sentence(whole_run, tmp_path, fact):
    run = tmp_path / "results" / "made"
    shutil.copytree(whole_run, run)
    facts = json.loads((run / "forecast" / "series.json").read_text())
    del facts[fact]
    (run / "forecast" / "series.json").unlink()  # a link to the fixture's own
    (run / "forecast" / "series.json").write_text(json.dumps(facts))
    with pytest.raises(
        ReverieError, match=f"those of another version .*{fact}.*; run the workflow"
    ):
        command.build(run)


def test_no_tensorflow_is_imported(whole_run, tmp_path):
    """Regenerating a report takes seconds, since no network is touched."""
    copy = tmp_path / "results" / "made"
    shutil.copytree(whole_run, copy)
    code = (
        "import sys; from pathlib import Path; from reverie.report import __main__ as m; "
        "m.build(Path(sys.argv[1])); "
        "print([n for n in ('tensorflow', 'keras', 'jax', 'torch', 'snakemake') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, copy], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
