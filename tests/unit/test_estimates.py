"""What is said before a run about its length."""

import gzip
import json

from reverie import estimates

NETWORK = {"epochs": 40, "steps": 500, "batch": 128}


def record(results, name, **facts):
    file = results / "run" / "logs" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(facts))


def jobs(*names_and_seconds):
    return [
        (estimates.identity("train_forecaster", {"variant": name, "seed": "0"}), seconds)
        for name, seconds in names_and_seconds
    ]


def test_without_earlier_runs_the_table_counts(tmp_path):
    assert estimates.corrections(tmp_path, gpu=False) == {}
    told = estimates.sentence(jobs(("gru", 600), ("mlp", 120)), {}, 2, gpu=False)
    assert told == (
        "To do: 2 networks to train, about 12 min of processor core time, "
        "10 min with 2 jobs at a time (a rough guess)."
    )


def test_earlier_runs_correct_the_table(tmp_path):
    """The network itself by its own jobs, whatever their seed; others by all jobs there are."""
    trained = {"rule": "train_forecaster", "gpu": None}
    for seed, seconds in enumerate((150, 200, 900)):
        wildcards = {"variant": "gru", "seed": str(seed)}
        record(
            tmp_path, f"gru{seed}", **trained, wildcards=wildcards, seconds=seconds, estimate=100
        )
    resumed = {"variant": "gru", "seed": "7"}
    record(tmp_path, "resumed", **trained, wildcards=resumed, seconds=1, estimate=None)
    record(tmp_path, "mlp", **trained, wildcards={"variant": "mlp"}, seconds=50, estimate=100)
    (tmp_path / "run" / "logs" / "broken.json").write_text("{")
    known = estimates.corrections(tmp_path, gpu=False)
    assert known == {"train_forecaster gru": 2, "train_forecaster mlp": 0.5, "": 1.75}
    told = estimates.sentence(jobs(("gru", 600), ("mlp", 600), ("lstm", 600)), known, 1, gpu=False)
    assert told == (  # 1200 + 300 + 1050 seconds
        "To do: 3 networks to train, about 42 min of processor core time (judged by earlier runs)."
    )


def test_a_gpu_is_judged_by_gpus(tmp_path):
    wildcards = {"dream": "sky"}
    for gpu, seconds in (("0", 10), (None, 1000)):
        facts = {"wildcards": wildcards, "seconds": seconds, "estimate": 100, "gpu": gpu}
        record(tmp_path, f"on{gpu}", rule="dream_picture", **facts)
    known = estimates.corrections(tmp_path, gpu=True)
    assert known["dream_picture sky"] == 0.1
    one = estimates.sentence([("dream_picture sky", 400)], known, 4, gpu=True)
    assert one == "To do: 1 picture to draw, about 40 s of GPU time (judged by earlier runs)."


def test_nothing_to_do():
    assert "already" in estimates.sentence([], {}, 2, gpu=False)


def test_the_table_grows_with_the_work():
    once = estimates.seconds(NETWORK, 20) - estimates.STARTING
    assert once == 40 * 500 * 0.02
    more = estimates.seconds(NETWORK | {"epochs": 80, "batch": 64}, 20) - estimates.STARTING
    assert more == once
    again = estimates.seconds(NETWORK | {"refit": True}, 20) - estimates.STARTING
    assert again == 2 * once
    kind = {"kind": "trees", "refit": True}
    assert estimates.fit_seconds(kind) > estimates.fit_seconds(kind | {"refit": False})


def test_fits_are_counted_and_tell_nothing_about_networks():
    fit = {
        "rule": "fit_forecaster",
        "wildcards": {"fit": "linear/seed0"},
        "seconds": 3,
        "estimate": 30,
    }
    known = estimates.ratios([fit], gpu=False)
    assert known == {"fit_forecaster linear/seed0": 0.1}
    jobs = [
        ("train_forecaster gru", 100),
        ("fit_forecaster linear/seed0", 100),
        ("fit_diagnoser death/trees", 0),
        ("compute_features", 10),
        ("dream_picture a", 10),
    ]
    told = estimates.sentence(jobs, known, 1, gpu=False)
    assert told.startswith(
        "To do: 1 set of features to compute, 1 network to train, 1 forecaster to fit, 1 model to fit and "
        "1 picture to draw, about 2 min "
    )


def test_rows_of_own_tables(tmp_path):
    table = tmp_path / "labels.csv.gz"
    table.write_bytes(gzip.compress(b"episode,death\na,0\nb,1\n"))
    damaged = tmp_path / "damaged.csv.gz"
    damaged.write_bytes(table.read_bytes()[:20])
    counts = [estimates.table_rows(str(path)) for path in (table, damaged, tmp_path / "none.csv")]
    assert counts == [2, 0, 0]
