"""Conditions by cases made by hand, at their thresholds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.diagnose import conditions
from reverie.diagnose.conditions import CONDITIONS, TARGETS
from reverie.diagnose.tests.records import stays


def at(hour, **values):
    return [(hour, variable, value) for variable, value in values.items()]


def every_hour(first, last, **values):
    return [row for hour in range(first, last) for row in at(hour + 0.5, **values)]


# Measurements of the second day with which a condition holds, and others with which it just does not.
CASES = {
    "hypotension": (every_hour(30, 32, MAP=64), every_hour(30, 31, MAP=50) + every_hour(31, 40, MAP=65)),
    "shock": (every_hour(30, 32, NIMAP=60) + at(33, Lactate=2.1), every_hour(30, 32, NIMAP=60)),
    "hypertension": (every_hour(30, 32, SysABP=181), every_hour(30, 40, SysABP=180)),
    "tachycardia": (every_hour(30, 32, HR=110), every_hour(30, 40, HR=109)),
    "bradycardia": (every_hour(30, 32, HR=49), every_hour(30, 40, HR=50)),
    "kidney_injury": (at(2, Creatinine=0.8) + at(30, Creatinine=1.1), at(2, Creatinine=1.2) + at(30, Creatinine=1.4)),
    "kidney_failure": (at(30, Creatinine=2.0), at(30, Creatinine=1.9)),
    "oliguria": (every_hour(24, 48, Urine=20), every_hour(24, 48, Urine=21)),
    "uraemia": (at(30, BUN=28), at(30, BUN=27)),
    "liver_failure": (at(30, Bilirubin=2), at(30, Bilirubin=1.9)),
    "liver_injury": (at(30, ALT=121), at(30, ALT=120)),
    "coagulation_failure": (at(30, Platelets=99), at(30, Platelets=100)),
    "lung_failure": (at(23, FiO2=0.5) + at(25, PaO2=100), at(23, FiO2=0.5) + at(25, PaO2=101)),
    "ventilation": (at(30, MechVent=1), at(23, MechVent=1)),
    "hypercapnia": (at(30, PaCO2=49), at(30, PaCO2=48)),
    "acidosis": (at(30, pH=7.29), at(30, pH=7.3)),
    "alkalosis": (at(30, pH=7.5), at(30, pH=7.49)),
    "low_bicarbonate": (at(30, HCO3=19), at(30, HCO3=20)),
    "high_lactate": (at(30, Lactate=2.1), at(30, Lactate=2)),
    "hyponatraemia": (at(30, Na=134), at(30, Na=135)),
    "hypernatraemia": (at(30, Na=146), at(30, Na=145)),
    "hypokalaemia": (at(30, K=3.4), at(30, K=3.5)),
    "hyperkalaemia": (at(30, K=5.5), at(30, K=5.4)),
    "hypoglycaemia": (at(30, Glucose=69), at(30, Glucose=70)),
    "hyperglycaemia": (at(30, Glucose=181), at(30, Glucose=180)),
    "fever": (at(30, Temp=38.3), at(30, Temp=38.2)),
    "hypothermia": (at(30, Temp=35.9), at(30, Temp=36)),
    "coma": (at(30, GCS=8), at(30, GCS=9)),
    "anaemia": (at(30, HCT=23.9), at(30, HCT=24)),
    "leukocytosis": (at(30, WBC=12.1), at(30, WBC=12)),
    "leukopenia": (at(30, WBC=3.9), at(30, WBC=4)),
    "infection_signs": (at(26, Temp=38.1) + every_hour(30, 32, HR=91), at(30, Temp=38.1, HR=91, RespRate=20, WBC=8)),
    "severe_kidney_failure": (at(30, Creatinine=3.5), at(30, Creatinine=3.4)),
    "severe_liver_failure": (at(30, Bilirubin=6), at(30, Bilirubin=5.9)),
    "hypoxic_liver": (at(30, AST=1001), at(30, AST=1000, ALT=1000)),
    "severe_coagulation_failure": (at(30, Platelets=49), at(30, Platelets=50)),
    "severe_lung_failure": (at(30, FiO2=1) + at(31, PaO2=100), at(30, FiO2=1) + at(31, PaO2=101)),
    "severe_acidosis": (at(30, pH=7.2), at(30, pH=7.21)),
    "very_high_lactate": (at(30, Lactate=4), at(30, Lactate=3.9)),
    "severe_hyponatraemia": (at(30, Na=124), at(30, Na=125)),
    "anuria": (every_hour(24, 48, Urine=8), every_hour(24, 48, Urine=9)),
}  # fmt: skip


def test_conditions_hold_from_their_thresholds_on(tmp_path):
    """In one stay each; the same measurements a day earlier make it prevalent, not true."""
    assert CASES.keys() == CONDITIONS.keys()
    shifted = [
        [(hour - 24, *rest) for hour, *rest in sick if hour >= 24] + at(0, HR=80)
        for sick, _ in CASES.values()
    ]
    sick, well = zip(*CASES.values(), strict=True)
    labels = conditions.labels(stays(tmp_path, *sick, *well, *shifted), list(CASES))
    for number, name in enumerate(CASES):
        own, other, earlier = number, len(CASES) + number, 2 * len(CASES) + number
        assert labels.holds[own, number], name
        assert not labels.holds[other, number], name
        assert labels.known[own, number], name
        assert labels.known[other, number] or name == "shock", name
        assert not labels.holds[earlier, number], name
        if name not in ("kidney_injury", "lung_failure"):  # these also need what was before
            assert labels.prevalent[earlier, number], name


def test_a_rise_to_one_and_a_half_holds_in_every_stay(tmp_path):
    """0.3 is that of 0.2, and 0.4 of 0.3 is not, whatever the number of the stay."""
    risen, steady = (
        at(2, Creatinine=a) + at(30, Creatinine=b) for a, b in ((0.2, 0.3), (0.3, 0.4))
    )
    labels = conditions.labels(stays(tmp_path, *[risen, steady] * 200), ["kidney_injury"])
    assert labels.holds[:, 0].tolist() == [True, False] * 200


@pytest.mark.parametrize("name", ["oliguria", "anuria"])
def test_a_record_that_ends_early_is_no_oliguria(tmp_path, name):
    """First and last record must be 18 of 24 hours apart, of other hours in proportion."""
    whole, torn = (at(25, Urine=5) + at(last, Urine=5) for last in (43, 42.9))
    episodes = stays(tmp_path, whole, torn, at(25, Urine=5), at(25, HR=80))
    labels = conditions.labels(episodes, [name])
    assert labels.holds[:, 0].tolist() == labels.known[:, 0].tolist() == [True, False, False, False]
    day_before = [[(hour - 24, *rest) for hour, *rest in rows] for rows in (whole, torn)]
    labels = conditions.labels(stays(tmp_path, *day_before), [name])
    assert labels.prevalent[:, 0].tolist() == [True, False]
    half = stays(tmp_path, at(13, Urine=5) + at(22, Urine=5), at(13, Urine=5) + at(21, Urine=5))
    assert CONDITIONS[name].test(half, 12, 24)[1].tolist() == [True, False]


def test_what_was_not_measured_does_not_hold(tmp_path):
    labels = conditions.labels(stays(tmp_path, at(3, Weight=80, HR=80)), list(CONDITIONS))
    known = dict(zip(labels.names, labels.known[0], strict=True))
    assert not labels.holds.any()
    assert [name for name in known if known[name]] == ["ventilation"]


def test_oxygen_is_paired_with_the_fraction_before_it(tmp_path):
    """That of the same stay, at most six hours old; another is not taken, nor a later one."""
    episodes = stays(
        tmp_path,
        at(1, FiO2=0.5) + at(2, FiO2=1) + at(3, PaO2=90) + at(4, FiO2=0.21),
        at(1, FiO2=0.5) + at(7.5, PaO2=60),
        at(5, PaO2=60),
        at(1, FiO2=0.4) + at(6.5, PaO2=80) + at(20, PaO2=20),
    )
    ratio = conditions.oxygen_ratio(episodes, 0, 24)
    assert ratio == pytest.approx([90, np.nan, np.nan, 200], nan_ok=True)
    assert np.isnan(conditions.oxygen_ratio(episodes, 24, 48)).all()


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0.1, 20)), max_size=30))
def test_the_running_minimum_by_brute_force(pairs):
    pairs = sorted(pairs, key=lambda pair: pair[0])
    episode = np.array([pair[0] for pair in pairs], int)
    value = np.array([pair[1] for pair in pairs])
    expected = [
        min(other for of, other in pairs[: place + 1] if of == pairs[place][0])
        for place in range(len(pairs))
    ]
    assert conditions.running_minimum(episode, value) == pytest.approx(expected, abs=1e-6)


def test_every_condition_names_its_source():
    assert 20 <= len(TARGETS) <= 25
    assert all(condition.source and condition.rule for condition in CONDITIONS.values())
    assert len({condition.title for condition in CONDITIONS.values()}) == len(CONDITIONS)


def test_what_needs_two_measurements_is_not_known_by_one(tmp_path):
    rows = [
        at(30, HR=120, Creatinine=1.0),
        at(26, Creatinine=1.0) + every_hour(30, 32, HR=80) + at(30, Creatinine=1.0),
        at(2, HR=120, Creatinine=1.0) + at(30, HR=80, Creatinine=1.0),
    ]
    cohort = stays(tmp_path, *rows)
    known = {
        name: CONDITIONS[name].test(cohort, 24, 48)[1] for name in ("tachycardia", "kidney_injury")
    }
    assert known["tachycardia"].tolist() == [False, True, False]
    assert known["kidney_injury"].tolist() == [False, True, True]
