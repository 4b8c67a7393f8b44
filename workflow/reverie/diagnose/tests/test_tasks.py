"""What is predicted of each stay."""

import numpy as np
from reverie.diagnose import tasks
from reverie.diagnose.conditions import AUXILIARY, TARGETS
from reverie.diagnose.tests.records import read


def test_conditions_and_death_of_the_second_day(tmp_path):
    records = {
        "1": "03:00,Na,130\n30:00,Na,131\n31:00,Na,120\n",
        "2": "01:00,HR,70\n40:00,Na,134\n",
    }
    found, _ = read(tmp_path, records, "1,12,-1,8,-1,0\n2,-1,9,20,4,1\n")
    task = tasks.later_conditions(found)
    assert int(task.hours) == 24
    assert task.names.tolist() == [*TARGETS, "death"]
    low = task.names.tolist().index("hyponatraemia")
    assert task.truth[:, low].tolist() == [True, True]
    assert task.prevalent[:, low].tolist() == [True, False]
    assert task.truth[:, -1].tolist() == [False, True]
    assert not task.prevalent[:, -1].any()
    assert task.rarer[:, AUXILIARY.index("severe_hyponatraemia")].tolist() == [1, 0]
    categories = dict(zip(task.categories_names.tolist(), task.categories.T, strict=True))
    assert categories["medical"].tolist() == [1, 1]
    assert categories["surgical"].tolist() == [0, 0]
    assert categories["Length_of_stay from 9"].tolist() == [0, 1]
    assert np.array_equal(categories["SOFA from 7"], [np.nan, 1], equal_nan=True)
    assert np.array_equal(categories["SAPS-I from 11"], [1, np.nan], equal_nan=True)
    assert task.auxiliary(None).shape == (2, 0)
    task.save(tmp_path / "task.npz")
    again = tasks.load(tmp_path / "task.npz")
    assert np.array_equal(again.auxiliary("categories"), task.categories, equal_nan=True)
    assert np.array_equal(again.truth, task.truth)


def test_death_from_both_days(tmp_path):
    found, _ = read(
        tmp_path, {"1": "03:00,Na,130\n", "2": "01:00,HR,70\n"}, "1,1,1,8,-1,0\n2,1,9,20,4,1\n"
    )
    task = tasks.outcomes(found, ["In-hospital_death"])
    assert (int(task.hours), task.names.tolist()) == (48, ["death"])
    assert task.truth.tolist() == [[False], [True]]
