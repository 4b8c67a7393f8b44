"""Trained networks and trees used again: hour by hour, and with variables exchanged among patients."""

from dataclasses import replace

import numpy as np
import pytest
from reverie import backend
from reverie.checkpoints import Checkpoints
from reverie.diagnose import (
    boosting,
    fitting,
    hourly,
    networks,
    permutation,
    simulated,
    tasks,
    training,
)
from reverie.diagnose import episodes as episodes_module
from reverie.diagnose.split import split
from reverie.diagnose.tests.records import stays
from reverie.errors import ReverieError
from reverie.tables import read_table

STAYS, HOURS, SEED = 200, 4, 1
NETWORK = {
    "kind": "lstm", "units": [4], "dropout": 0.5, "decay": 0.0, "replication": 0.5, "gain": False,
    "reads": "hours", "indicators": True, "statics": [], "auxiliary": None, "batch": 32, "epochs": 1,
    "optimizer": {"name": "Adam", "learning_rate": 0.01}, "patience": None, "backend": "tensorflow",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Simulated stays, their labels as a task, and a network trained for an epoch."""
    folder = tmp_path_factory.mktemp("simulated")
    simulated.write(folder / "table.csv.gz", folder / "labels.csv", stays=STAYS)
    found, _ = episodes_module.own(folder / "table.csv.gz", folder / "labels.csv")
    found.save(folder / "episodes.npz")
    tasks.outcomes(found, found.outcome_names.tolist(), hours=HOURS).save(folder / "task.npz")
    with backend.without_xla():
        training.train(
            "small", NETWORK, SEED, folder / "episodes.npz", folder / "task.npz",
            Checkpoints(folder / "checkpoints", "code"), folder / "lstm",
        )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return episodes_module.load(folder / "episodes.npz")


def of_each(found, name):
    """Times and values of a variable by episode."""
    episode, time, value = found.of(name)
    assert (np.diff(episode) >= 0).all()
    return [
        list(zip(time[episode == e], value[episode == e], strict=True)) for e in range(len(found))
    ]


def with_static(found, name, values):
    statics = found.statics.copy()
    statics[:, found.static_names.tolist().index(name)] = values
    return replace(found, statics=statics)


def test_some_episodes_keep_all_that_was_measured(found):
    rows = np.array([3, 10, 11])
    few = found.only(rows)
    assert few.ids.tolist() == found.ids[rows].tolist()
    for name in found.variables:
        whole = of_each(found, name)
        assert of_each(few, name) == [whole[row] for row in rows]
    assert np.array_equal(few.outcomes, found.outcomes[rows])


def test_patients_exchange_one_variable_and_no_other(found):
    order = np.random.default_rng(0).permutation(len(found))
    first, second = found.variables[:2].tolist()
    exchanged = found.exchanged(first, order)
    whole = of_each(found, first)
    assert of_each(exchanged, first) == [whole[row] for row in order]
    assert of_each(exchanged, second) == of_each(found, second)
    assert of_each(found, first) == whole


def test_patients_exchange_a_static(tmp_path):
    found = stays(tmp_path, [(1, "HR", 80)], [(2, "HR", 90)], [(3, "HR", 70)])
    found = with_static(found, "Age", [50, 60, 70])
    exchanged = found.exchanged("Age", np.array([2, 0, 1]))
    assert exchanged.statics[:, exchanged.static_names.tolist().index("Age")].tolist() == [
        70,
        50,
        60,
    ]
    assert of_each(exchanged, "HR") == of_each(found, "HR")


@pytest.mark.parametrize(
    "changes",
    [{}, {"indicators": False}, {"kind": "gru_d", "reads": "decay"}, {"statics": ["ICUType", "Age"]}],
    ids=["indicators", "values", "decay", "statics"],
)  # fmt: skip
def test_exchanged_inputs_are_those_of_exchanged_measurements(tmp_path, changes):
    rows = [[(hour, "HR", 60 + hour + 5 * stay) for hour in range(stay, 4)] for stay in range(3)]
    rows = [part + [(1, "Na", 130 + 4 * stay)] for stay, part in enumerate(rows)]
    found = with_static(stays(tmp_path, *rows), "ICUType", [1, 2, 4])
    found = with_static(found, "Age", [50, 60, 70])
    network, train = NETWORK | changes, np.arange(3)
    order = np.array([1, 2, 0])
    values, _ = training.read(network, found, 4, train)
    columns = permutation.columns_of(found, network["statics"], values.shape[-1])
    assert sorted(np.concatenate([*columns.values()]).tolist()) == list(range(values.shape[-1]))
    for name in ("HR", "Na", *network["statics"]):
        expected, _ = training.read(network, found.exchanged(name, order), 4, train)
        got = values.copy()
        got[..., columns[name]] = values[order][..., columns[name]]
        assert np.array_equal(got, expected)
        assert not np.array_equal(values, expected)


def test_hour_by_hour(folder, tmp_path):
    """The last hour's predictions are those of the training, and each is of the right patient."""
    hourly.predict(
        "small", NETWORK, SEED, folder / "episodes.npz", folder / "task.npz", folder / "lstm", 2, tmp_path
    )  # fmt: skip
    lines = read_table(tmp_path / "hourly.csv")
    found, task = episodes_module.load(folder / "episodes.npz"), tasks.load(folder / "task.npz")
    names = list(dict.fromkeys(line["episode"] for line in lines))
    assert len(names) == 2
    assert len(lines) == 2 * HOURS * len(task.names)
    with np.load(folder / "lstm" / "predictions.npz") as saved:
        probability = saved["probability"]
    for line in lines:
        row, label = (
            found.ids.tolist().index(line["episode"]),
            task.names.tolist().index(line["label"]),
        )
        assert row in split(STAYS, SEED)["test"]
        assert int(line["later"]) == task.truth[row, label]
        if int(line["hour"]) == HOURS:
            assert float(line["probability"]) == pytest.approx(probability[row, label], abs=1e-5)
    by_hour = read_table(tmp_path / "by_hour.csv")
    assert [int(line["hour"]) for line in by_hour] == [1, 2, 3, 4]
    measured = read_table(tmp_path / "measured.csv")
    mine = [line for line in measured if line["episode"] == names[0]]
    row = found.ids.tolist().index(names[0])
    assert len(mine) == (found.episode == row).sum()
    heart = [float(line["value"]) for line in mine if line["variable"] == "heart_rate"]
    assert heart == pytest.approx(
        [value for _, value in of_each(found, "heart_rate")[row]], abs=1e-5
    )


def test_a_network_without_replication_predicts_at_its_last_hour(folder, found, tmp_path):
    network = NETWORK | {"replication": None, "indicators": False}
    labels = len(found.outcome_names)
    model = networks.build(network, (HOURS, len(found.variables)), labels)
    model.save_weights(tmp_path / "best.weights.h5")
    arguments = folder / "episodes.npz", folder / "task.npz", tmp_path
    hourly.predict("plain", network, SEED, *arguments, 1, tmp_path)
    assert {line["hour"] for line in read_table(tmp_path / "hourly.csv")} == {str(HOURS)}
    with pytest.raises(ReverieError, match="does not hold the weights of plain"):
        hourly.predict("plain", network | {"units": [5]}, SEED, *arguments, 1, tmp_path)


def test_episodes_in_which_conditions_begin_and_go_on_come_first():
    truth = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 1, 1]], bool)
    prevalent = np.array([[1, 1, 1], [0, 1, 0], [0, 0, 1], [0, 1, 1]], bool)
    task = tasks.Task(*[np.empty(0)] * 2, truth, prevalent, *[np.empty(0)] * 5)
    assert hourly.most_telling(task, np.arange(4), 3).tolist() == [3, 1, 0]


def test_the_variable_that_decides_matters_most(tmp_path, monkeypatch):
    """For trees, whose label is the last heart rate; for a network with set weights that reads it alone."""
    generator = np.random.default_rng(0)
    rows = [
        [
            (hour, name, generator.integers(60, 120))
            for name in ("HR", "Na", "WBC")
            for hour in (1, 2)
        ]
        for _ in range(300)
    ]
    monkeypatch.setattr(permutation, "EXCHANGES", 2)
    found = stays(tmp_path, *rows)
    measured = np.flatnonzero(np.diff(found.bounds))
    bounds = np.append(found.bounds[measured], found.bounds[-1])
    found = replace(found, variables=found.variables[measured], bounds=bounds)
    _, time, value = found.of("HR")
    found = replace(found, outcomes=np.float32(value[time == 2] > 95)[:, None])
    found = replace(found, outcome_names=np.array([episodes_module.DEATH]))
    found.save(tmp_path / "episodes.npz")
    tasks.outcomes(found, [episodes_module.DEATH], 3).save(tmp_path / "task.npz")
    model = {"kind": "trees", "reads": "features", "indicators": False, "statics": ["Age"]}
    files = tmp_path / "episodes.npz", tmp_path / "task.npz"
    fitting.fit(model, 0, *files, tmp_path / "trees")
    permutation.of_trees("trees", model, 0, *files, tmp_path / "trees", tmp_path / "trees.csv")
    network = NETWORK | {"indicators": False, "replication": None}
    net = networks.build(network, (3, 3), 1)
    kernel, *others = net.get_weights()
    kernel[1:] = 0
    kernel[0] = 3
    net.set_weights([kernel, *others])
    net.save_weights(tmp_path / "best.weights.h5")
    permutation.of_network("lstm", network, 0, *files, tmp_path, tmp_path / "lstm.csv")
    for kind in ("trees", "lstm"):
        lines = {
            line["variable"]: [float(line[key]) for key in ("drop", "low", "high")]
            for line in read_table(tmp_path / f"{kind}.csv")
            if line["measure"] == "micro_auc"
        }
        assert len(lines) == 3 + (kind == "trees")
        drop, low, high = lines.pop("HR")
        assert low <= drop <= high
        assert abs(drop) > 0.2
        assert all(abs(other[0]) < abs(drop) / 4 for other in lines.values())


def test_trees_are_the_same_when_loaded(tmp_path):
    generator = np.random.default_rng(0)
    features = generator.normal(size=(200, 3))
    truth = np.stack([features[:, 0] > 0, features[:, 1] > 0.5], axis=1)
    forests = boosting.fit(features[:150], truth[:150], features[150:], truth[150:], 0)
    np.savez(tmp_path / "trees.npz", **boosting.as_arrays(forests))
    with np.load(tmp_path / "trees.npz") as arrays:
        loaded = boosting.from_arrays(arrays, 2)
    assert np.array_equal(boosting.predict(loaded, features), boosting.predict(forests, features))
