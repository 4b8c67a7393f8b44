"""The files of the prepared episodes."""

import json

import numpy as np
import pytest
from reverie.diagnose import preparation, simulated, tasks
from reverie.diagnose.split import split
from reverie.diagnose.tests.made_run import prepared
from reverie.diagnose.tests.records import read
from reverie.errors import ReverieError

REAL = {"source": "here", "sha256": "ab", "sample": False}
SAMPLE = {"source": "embedded sample", "sha256": "cd", "sample": True}


def test_the_facts_count_what_the_files_hold(tmp_path):
    records = {str(n): f"02:00,Na,{130 + n % 8}\n30:00,Na,{131 + n % 9}\n" for n in range(30)}
    records["99"] = ""
    cohort, counts = read(tmp_path, records)
    task = tasks.later_conditions(cohort)
    file = tmp_path / "episodes.json"
    preparation.summarize(cohort, task, False, 2, {"dropped": counts, **REAL}, file)
    facts = json.loads(file.read_text())
    assert facts["episodes"] == 30
    assert facts["dropped"]["without_measurements"] == 1
    assert (facts["hours"], facts["source"], facts["sample"]) == (24, "here", False)
    assert sum(facts["split"].values()) == 30
    label = facts["labels"]["hyponatraemia"]
    truth = task.truth[:, task.names.tolist().index("hyponatraemia")]
    assert label["test"] == truth[split(30, 2)["test"]].sum()
    assert label["train"] + label["val"] + label["test"] == truth.sum() == 15
    assert label["prevalent"] == np.sum([130 + n % 8 < 135 for n in range(30)])
    assert label["known"] == 30
    assert facts["labels"]["anaemia"]["known"] == 0
    assert list(facts["labels"]) == task.names.tolist()
    assert (label["title"], label["rule"]) == ("Hyponatraemia", "sodium below 135 mmol/L")
    preparation.summarize(
        cohort, task, True, 2, {}, file
    )  # labels of the same names, but one's own
    label = json.loads(file.read_text())["labels"]["hyponatraemia"]
    assert (label["title"], label["rule"], label["source"]) == ("hyponatraemia", "", "")


def test_the_simulated_records_are_read_as_the_challenges(tmp_path):
    files = tmp_path / "stays.tar.gz", tmp_path / "outcomes.txt"
    simulated.write_records(files[0], "b", 60)
    simulated.write_outcomes(files[1], "b", 60)
    sources = [(file, SAMPLE) for file in files]
    prepared(sources, ["conditions", "death"], 0, tmp_path / "made")
    facts = json.loads((tmp_path / "made" / "episodes.json").read_text())
    assert (facts["episodes"], facts["sample"], facts["hours"]) == (60, True, 24)
    assert len(facts["labels"]) == 26
    death = tasks.load(tmp_path / "made" / "death.npz")
    assert (death.hours, death.names.tolist()) == (48, ["death"])


def test_patients_do_not_meet_simulated_outcomes(tmp_path):
    sources = [(tmp_path / "stays.tar.gz", REAL), (tmp_path / "outcomes.txt", SAMPLE)]
    with pytest.raises(ReverieError, match="stays.tar.gz is real, and .*outcomes.txt is simulated"):
        prepared(sources, ["death"], 0, tmp_path)


@pytest.mark.parametrize(
    ("episodes_there", "ill", "sentence"),
    [
        (49, 10, "49 episodes with measurements and labels; at least 50 are needed"),
        (60, 2, "labels.csv: 2 of 60 episodes have the label 'ill'; .* leave its column out"),
        (60, 58, "labels.csv: 58 of 60 episodes have the label 'ill'"),
    ],
)
def test_own_episodes_that_are_too_few_or_too_alike(tmp_path, episodes_there, ill, sentence):
    table, labels = tmp_path / "table.csv", tmp_path / "labels.csv"
    names = range(episodes_there)
    table.write_text("episode,time,variable,value\n" + "".join(f"{n},1,x,{n}\n" for n in names))
    labels.write_text("episode,ill\n" + "".join(f"{n},{int(n < ill)}\n" for n in names))
    sources = [(table, REAL), (labels, REAL)]
    with pytest.raises(ReverieError, match=sentence):
        prepared(sources, ["labels"], 0, tmp_path, own=True)
