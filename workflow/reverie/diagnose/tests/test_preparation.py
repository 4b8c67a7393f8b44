"""The files of the prepared episodes."""

import json

import numpy as np
from reverie.diagnose import episodes, preparation, tasks
from reverie.diagnose.split import split
from reverie.diagnose.tests.records import read


def test_the_facts_count_what_the_files_hold(tmp_path):
    records = {str(n): f"02:00,Na,{130 + n % 8}\n30:00,Na,{131 + n % 9}\n" for n in range(30)}
    records["99"] = ""
    found, counts = read(tmp_path, records)
    task = tasks.later_conditions(found)
    origin = {"source": "here", "sha256": "ab", "sample": False}
    preparation.write(found, counts, {"conditions": task}, origin, 2, tmp_path / "made")
    facts = json.loads((tmp_path / "made" / "episodes.json").read_text())
    saved, again = (
        episodes.load(tmp_path / "made" / "episodes.npz"),
        tasks.load(tmp_path / "made" / "conditions.npz"),
    )
    assert facts["episodes"] == len(saved) == 30
    assert facts["dropped"]["without_measurements"] == 1
    assert (facts["hours"], facts["source"], facts["sample"]) == (24, "here", False)
    assert sum(facts["split"].values()) == 30
    label = facts["labels"]["hyponatraemia"]
    truth = again.truth[:, again.names.tolist().index("hyponatraemia")]
    assert label["test"] == truth[split(30, 2)["test"]].sum()
    assert label["train"] + label["val"] + label["test"] == truth.sum() == 15
    assert label["prevalent"] == np.sum([130 + n % 8 < 135 for n in range(30)])
    assert label["known"] == 30
    assert facts["labels"]["anaemia"]["known"] == 0
    assert list(facts["labels"]) == again.names.tolist()
