"""The diagnoses of a user's own episodes, as the workflow makes them."""

import json
import re

import pytest
from checkouts import REPOSITORY, Checkout
from reverie.diagnose import simulated
from reverie.tables import read_table

RUN = "results/ward-tiny"
OVERLAYS = ("ward", "tiny")
TINY = """\
diagnose:
  hours: 6
  seeds: [0]
  max_epochs: 2
  select: [base_rate, lr_features, small]
  models:
    small: {title: "Small <b>", kind: lstm, units: [4], replication: 0.5, batch: 16}
"""


@pytest.fixture(scope="module")
def ward(tmp_path_factory) -> Checkout:
    """A checkout with tables and the overlay of the page `docs/own-episodes.md`, after a run."""
    checkout = Checkout(tmp_path_factory.mktemp("ward"))
    simulated.write(checkout.folder / "measurements.csv.gz", checkout.folder / "labels.csv", 120)
    page = (REPOSITORY / "docs" / "own-episodes.md").read_text()
    overlay = re.search(r"```yaml\n(.*?)```", page, re.S)[1]
    overlay = overlay.replace("measurements.csv", "measurements.csv.gz")
    (checkout.folder / "config" / "ward.yaml").write_text(overlay)
    (checkout.folder / "config" / "tiny.yaml").write_text(TINY)
    checkout.printed = checkout.run(overlays=OVERLAYS)
    return checkout


def test_own_episodes_end_in_a_report(ward):
    run = ward.folder / RUN
    facts = json.loads((run / "diagnose/episodes.json").read_text())
    assert (facts["episodes"], facts["hours"], facts["sample"]) == (120, 6, False)
    assert list(facts["labels"]) == [*simulated.DISEASES, "death"]
    lines = [line for line in read_table(run / "diagnose/metrics.csv") if line["split"] == "test"]
    assert {line["model"] for line in lines} == {"base_rate", "lr_features", "small"}
    assert {line["task"] for line in lines} == {"labels"}
    hourly = read_table(run / "diagnose/hourly.csv")
    assert {line["hour"] for line in hourly} == {"1", "2", "3", "4", "5", "6"}
    worth = {line["variable"] for line in read_table(run / "diagnose/importance.csv")}
    assert worth == set(simulated.VARIABLES)
    page = (run / "report.html").read_text()
    assert "Real data: measurements.csv.gz" in page
    assert "Small <b>" not in page
    assert "Small &lt;b&gt;" in page
    assert "recision at 5" not in page  # of 4 labels
    assert "labels/small seed 0: " in ward.printed


def test_a_second_run_does_nothing(ward):
    assert ward.planned(overlays=OVERLAYS) == {}


def test_another_model_is_fitted_alone(ward):
    (ward.folder / "config" / "more.yaml").write_text(
        "run: ward-tiny\ndiagnose: {select: [base_rate, lr_features, small, lr_ends]}\n"
    )
    planned = ward.planned(overlays=(*OVERLAYS, "more"))
    assert (planned["fit_diagnoser"], planned["evaluate_diagnosers"]) == (1, 1)
    assert not {"train_diagnoser", "derive_task", "predict_hourly"} & planned.keys()


def test_another_seed_is_trained_alone(ward):
    (ward.folder / "config" / "seeds.yaml").write_text(
        "run: ward-tiny\ndiagnose: {seeds: [1, 0]}\n"
    )
    planned = ward.planned(overlays=(*OVERLAYS, "seeds"))
    assert (planned["train_diagnoser"], planned["summarize_episodes"]) == (1, 1)
    assert not {"read_episodes", "derive_task"} & planned.keys()
