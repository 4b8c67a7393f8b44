"""The report: its numbers are the files', its text is escaped, it needs nothing from outside."""

import copy
import csv
import html
import json
import re
import shutil
from html.parser import HTMLParser

import pytest
from reverie.forecast import variants
from reverie.forecast.report import intervals, section
from reverie.report import differences, page, words
from reverie.report import run as runs

SUMMARY = """\
variant,split,checkpoint,seeds,parameters,mae_mean,mae_sd,mae_unit_mean,vs_naive,vs_naive_low,vs_naive_high,beats_naive
naive,val,,0,0,0.290000,,2.570000,0.000000,0.000000,0.000000,unclear
naive_delay,val,,0,0,0.277000,,2.450000,-0.041000,-0.048000,-0.035000,yes
naive,test,,0,0,0.305000,,2.700000,0.000000,0.000000,0.000000,unclear
naive_delay,test,,0,0,0.293000,,2.590000,-0.042000,-0.047000,-0.037000,yes
gru,val,best,2,4449,0.261230,0.001234,2.313000,-0.099000,-0.120000,-0.080000,yes
gru,val,last,2,4449,0.300000,0.002000,2.660000,0.010000,-0.010000,0.030000,unclear
gru,test,best,2,4449,0.275670,0.004321,2.441000,-0.096000,-0.115000,-0.077000,yes
gru,test,last,2,4449,0.310000,0.002000,2.700000,0.016000,-0.010000,0.030000,unclear
"""
CONDITIONS = """\
variant,split,condition,value,windows,mae_unit
naive,test,unmeasured,0,75,2.000000
naive,test,unmeasured,1,25,4.000000
gru,test,unmeasured,0,75,1.800000
gru,test,unmeasured,1,25,41.000000
naive,test,hour,0,75,2.000000
gru,test,hour,0,75,2.500000
naive,test,month,1,75,2.000000
gru,test,month,1,75,2.500000
naive,test,change,1,75,2.000000
gru,test,change,1,75,2.500000
"""
PAIRS = """\
variant,checkpoint,against,against_checkpoint,split,change,low,high,lower
gru,best,naive,,test,-0.096000,-0.115000,-0.077000,yes
"""
COVERAGE = """\
variant,split,low,high,windows,coverage_before,coverage,ci_low,ci_high,verdict,width_unit,pinball_unit,shift_low,shift_high
naive,val,0.100000,0.900000,128,,,,,,8.500000,0.700000,-0.5,0.5
naive,test,0.100000,0.900000,256,,0.764000,0.747000,0.781000,too narrow,8.500000,0.760000,-0.5,0.5
gru,val,0.100000,0.900000,128,,,,,,7.100000,0.610000,-0.4,0.4
gru,test,0.100000,0.900000,256,,0.792000,0.778000,0.807000,covers,7.200000,0.630000,-0.4,0.4
"""
SERIES = {
    "rows": 1000,
    "interval_minutes": 60.0,
    "first": "2009-01-01 00:10:00",
    "last": "2010-01-01 00:00:00",
    "columns": ["T (degC)", "<script>alert(1)</script>"],
    "target": "T (degC)",
    "unit": "°C",
    "mean": {"T (degC)": 9.0},
    "std": {"T (degC)": 8.85},
    "duplicates": 7,
    "gaps": 2,
    "longest_gap_hours": 75.2,
    "backward_steps": 1,
    "sentinels": 3,
    "resampled_rows": 0,
    "left_out": ["station"],
    "files": 1,
    "overlaps": 0,
    "overlaps_differing": 0,
    "sentinels_by_column": {"wv (m/s)": 3},
    "missing": 0,
    "cleaned": False,
    "repeated_values": 0,
    "mean_values": 0,
    "windows": {"train": 700, "val": 128, "test": 256},
    "windows_not_measured": {"train": 0, "val": 0, "test": 0},
    "split": {},
    "source": "mirror/file.csv",
    "sha256": "ab",
    "sample": False,
}
PROVENANCE = {
    "command": "snakemake --config 'a=<b>'",
    "commit": "0123456789abcdef",
    "dirty": True,
    "config": {
        "parts": ["forecast"],
        "forecast": {
            "series": {
                "path": None,
                "asset": "jena",
                "target": "T (degC)",
                "sentinels": [-9999.0],
                "unit": "°C",
                "fill": "3 hours",
            },
            "seeds": [0, 1],
            "delay": "24 hours",
            "step": "1 hour",
            "lookback": "10 days",
            "batch": 128,
            "steps": 500,
            "patience": None,
            "max_epochs": None,
            "optimizer": {"name": "RMSprop"},
            "select": None,
            "variants": {
                "gru": {
                    "title": "GRU & <i>more</i>",
                    "slide": "RNN",
                    "kind": "network",
                    "layers": [{"GRU": {"units": 32}}],
                    "epochs": 20,
                    "optimizer": None,
                    "schedule": [{"after": 0.667, "factor": 0.3}],
                    "lookback": None,
                    "step": "2 hours",
                    "batch": None,
                    "steps": None,
                    "patience": None,
                    "reversed": True,
                    "shuffled": False,
                    "calendar": False,
                    "residual": False,
                    "average": None,
                    "auxiliary": None,
                    "replication": None,
                    "features": [],
                    "quantiles": None,
                    "refit": False,
                    "ensemble": False,
                    "grid": {},
                }
            },
        },
        "backend": "tensorflow",
        "assets": {"jena": {"about": "by <the> institute"}},
    },
    "config_changed": {"forecast.seeds": [[0, 1, 2], [0, 1]]},
    "assets": [
        {"asset": "jena", "source": "mirror/file.csv", "bytes": 5, "sha256": "ab", "sample": False}
    ],
    "machine": {"processor": "p", "cores": 2, "memory_gb": 23.5, "system": "s"},
    "versions": {"python": "3.11.7"},
    "jobs": [
        {
            "rule": "train_forecaster",
            "wildcards": {"variant": "gru", "seed": "0"},
            "seconds": 130.0,
            "max_rss_mb": 868,
            "device": "A card",
            "precision": "TF32",
            "recurrent": "own loop for a GPU",
            "commit": "0123456789abcdef",
            "dirty": False,
            "code": "c",
        }
    ],
}


@pytest.fixture
def build(whole_run, tmp_path):
    """The report of a run of one network, as it was made up, with some of its files replaced."""

    def page_of(
        series=SERIES, provenance=PROVENANCE, summary=SUMMARY, ended=(20, 20), coverage=COVERAGE
    ) -> str:
        folder = tmp_path / "forecast"
        shutil.copytree(whole_run / "forecast", folder, dirs_exist_ok=True)
        (folder / "series.json").write_text(json.dumps(series))
        (folder / "summary.csv").write_text(summary)
        (folder / "gru" / "model.json").write_text(json.dumps({"parameters": 4449}))
        for seed, epochs in enumerate(ended):
            history = "epoch,loss,val_loss,seconds\n"
            for epoch in range(1, epochs + 1):  # which learns its windows by heart
                change = 0.01 * epoch + 0.001 * seed
                history += f"{epoch},{0.5 - change},{0.25 + change},9\n"
            (folder / f"gru/seed{seed}/history.csv").write_text(history)
        head, *lines = (whole_run / "forecast" / "metrics.csv").read_text().splitlines()
        lines = [line for line in lines if line.startswith(("naive", "gru,"))]
        (folder / "metrics.csv").write_text("\n".join([head, *lines]) + "\n")
        (folder / "pairs.csv").write_text(PAIRS)
        (folder / "coverage.csv").write_text(coverage)
        (folder / "conditions.csv").write_text(CONDITIONS)
        (tmp_path / "provenance.json").write_text(json.dumps(provenance))
        page.write(runs.finished(tmp_path), tmp_path / "report.html")
        return (tmp_path / "report.html").read_text()

    return page_of


class Text(HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.parts, self.tags = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.parts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.parts))


def test_its_numbers_are_the_files(build):
    text = Text(build()).text
    for line in csv.DictReader(SUMMARY.splitlines()):
        if line["checkpoint"] == "last":
            continue
        assert f"{float(line['mae_mean']):.4f}" in text
        assert f"{float(line['mae_unit_mean']):#.3g}" in text
    assert "−9.6 %" in text
    assert "−11.5 % to −7.7 %" in text
    assert "± 0.0043" in text
    assert "7 (time steps back 1 ×)" in text
    assert "3 sentinel values ( 3 in wv (m/s))" in text.replace("(3", "( 3")
    assert "train_forecaster gru 0 2 min 868 A card, TF32 own loop for a GPU 0123456" in text


def test_seeds_that_trained_together_are_one_job(build):
    (job,) = PROVENANCE["jobs"]
    wildcards = [{"variant": "gru", "seed": seed} for seed in "01"]
    jobs = [job | {"wildcards": of_seed, "together": [0, 1]} for of_seed in wildcards]
    text = Text(build(provenance=PROVENANCE | {"jobs": jobs})).text
    assert "1 job , 4 min in total" in text
    assert "train_forecaster gru 0, 1 together 4 min 868 A card" in text


def test_intervals_are_judged_in_words(build):
    text = Text(build()).text
    assert (
        "GRU & <i>more</i>, whose intervals score best on validation (lowest pinball loss): of its 80 % intervals, "
        "79.2 % (95 % interval 77.8 to 80.7 %) held on test; their mean width is 7.20 °C, against "
        "8.50 °C for the naive forecast."
    ) in text
    assert "as they should, as far as the test part can tell: GRU & <i>more</i>." in text
    assert (
        "Too narrow, because errors on the test part lie otherwise than on validation: Naive."
        in text
    )
    assert "before correction" not in text  # of no forecast's own quantiles
    untested = COVERAGE.replace("0.778000,0.807000,covers", ",,")
    text = Text(build(coverage=untested.replace("too narrow", "too wide"))).text
    assert "79.2 % held on test" in text
    assert (
        "Too wide, because errors on the test part lie otherwise than on validation: Naive." in text
    )
    assert "15 blocks of 7 days, and one of them is shorter: GRU & <i>more</i>." in text


def test_quantiles_of_a_network_are_shown_before_their_correction(whole_run):
    titles = dict.fromkeys(["naive", "naive_delay"], "Naive")
    titles |= variants.titles(runs.finished(whole_run).settings)
    shown = intervals.shown(whole_run / "forecast", titles, "°C", "15 blocks")
    template = page.templates().get_template("forecast/report/intervals.html")
    text = Text(template.render(intervals=shown, series={"unit": "°C"}, seeds=2)).text
    (row,) = (row for row in shown["rows"] if row["coverage_before"] is not None)
    assert row["title"] == "GRU of the change, with calendar"
    assert row["coverage_before"] < 0.7 < row["coverage"]
    assert "before correction" in text
    assert f"{100 * row['coverage_before']:.1f} %" in text


def test_a_training_that_ended_early_is_told(build):
    text = Text(build(ended=(20, 7))).text
    assert "The loss of gru with seed 1 became NaN after epoch 7" in text
    assert "with seed 0 became NaN" not in text
    assert "had stopped falling" not in text


def test_a_training_that_patience_ended_is_no_explosion(build):
    provenance = copy.deepcopy(PROVENANCE)
    provenance["config"]["forecast"]["patience"] = 6
    text = Text(build(provenance=provenance, ended=(7, 4))).text
    assert "had stopped falling ( patience ): gru with seed 0 after 7 of 20 epochs, best 1." in text
    assert "The loss of gru with seed 1 became NaN after epoch 4" in text
    assert "with seed 0 became NaN" not in text
    assert "patience of 6 epochs" in text


def test_everything_is_escaped(build):
    source = build()
    kinds = re.findall(r"<script[^>]*>", source)
    assert set(kinds) == {"<script>", '<script type="application/json">'}
    assert kinds.count("<script>") == 2  # Vega and the page's own
    assert "<script>alert" not in source
    assert html.escape("<script>alert(1)</script>") in source
    assert "GRU &amp; &lt;i&gt;more&lt;/i&gt;" in source
    assert "a=&lt;b&gt;" in source


def test_nothing_is_asked_from_outside(build):
    page_tags = Text(build()).tags
    addresses = [attrs[key] for _, attrs in page_tags for key in ("src", "href") if key in attrs]
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    targets = {attrs.get("id") for _, attrs in page_tags}
    assert all(address[1:] in targets for address in addresses if address.startswith("#"))
    policy = next(attrs["content"] for tag, attrs in page_tags if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'")
    assert all(attrs.get("alt") for tag, attrs in page_tags if tag == "img")


def test_a_sample_is_never_mistaken_for_the_real_thing(build):
    sample = build(SERIES | {"sample": True})
    assert "Not the real data" in sample
    assert "stand-in: file.csv" in sample
    real = build()
    assert "real: file.csv" in real
    assert "Not the real data" not in real
    # With source and licence as the configuration has them.
    assert real.count("Real data: mirror/file.csv (by &lt;the&gt; institute)") == 1


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("yes", "Better than the naive forecast: GRU"),
        ("no", "Worse than the naive forecast: GRU"),
        ("unclear", "Not distinguishable from the naive forecast: GRU"),
    ],
)
def test_the_verdict_is_computed(build, verdict, words):
    line = "gru,test,best,2,4449,0.275670,0.004321,2.441000,-0.096000,-0.115000,-0.077000,"
    text = Text(build(summary=SUMMARY.replace(line + "yes", line + verdict))).text
    assert words in text


def test_a_part_too_short_for_an_interval(build):
    summary = SUMMARY.replace("-0.096000,-0.115000,-0.077000,yes", "-0.096000,,,unclear")
    words = "Not tested, because an interval needs 15 blocks of 7 days and the test part is shorter: GRU"
    assert words in Text(build(summary=summary)).text


def test_the_first_screen_answers(build):
    """Whether it worked, whether it is real, and what came out, before anything else."""
    text = Text(build()).text
    first = text[: text.index("What the lecture claims")]
    assert "✓ Complete: 1 job , 2 min in total. ✓ Real data in every part." in first
    assert "Forecast real: file.csv −9.6 % error against the naive forecast: better" in first
    assert "(95 % interval −11.5 % to −7.7 %)" in first.replace("\u00a0", " ")
    assert "GRU & <i>more</i>: 2.44 °C; naive: 2.70 °C; 24 hours ahead." in first
    sample = Text(build(SERIES | {"sample": True})).text
    assert "✗ Not all data are real: stand-ins in Forecast." in sample
    assert "Real data in every part" not in sample


def test_the_first_screen_shows_the_network_that_validation_chose():
    """Not the one that happens to be best on the test part, whose error would be too low."""
    test = {"mae_unit_mean": 2.0, "vs_naive": -0.3, "vs_naive_low": -0.4, "vs_naive_high": -0.2}
    test = dict(zip(MEASURED, (2.0, -0.3, -0.4, -0.2, "yes"), strict=True))
    naive, gru = {"name": "naive", "test": test}, {"name": "gru", "title": "GRU"}
    gru["test"] = test | {"mae_unit_mean": 2.5, "vs_naive": -0.1}
    told = section.outcome(naive, gru, "", "2 hours")
    assert (told.number, told.detail) == ("−10.0 %", "GRU: 2.50; naive: 2.00; 2 hours ahead.")


MEASURED = ("mae_unit_mean", "vs_naive", "vs_naive_low", "vs_naive_high", "verdict")


def test_the_best_honest_forecaster_is_shown_on_test(build):
    text = Text(build()).text.replace("\u00a0", " ")
    assert (
        "Best honest forecaster: GRU & <i>more</i>. On the validation part it has the lowest error of "
        "those that are surely better than the naive forecast. On the test part its error is 2.44 °C, "
        "−9.6 % against naive: better (95 % interval −11.5 % to −7.7 %)."
    ) in text
    row = text[text.index("Best honest forecaster, chosen on validation: GRU") :]
    assert "2.44 −9.6 % −11.5 % to −7.7 %" in row[: row.index("Download")]


def test_the_weights_of_a_blend_are_shown(whole_run, tmp_path):
    run = runs.finished(whole_run)
    weights = {"gru": 0.3, "mlp": 0.695, "naive": 0.005, "gone": 0.0}
    (tmp_path / "blend/seed0").mkdir(parents=True)
    (tmp_path / "blend/seed0/fitted.json").write_text(json.dumps({"weights": weights}))
    titles = {"gru": "GRU", "mlp": "Dense", "blend": "Blend"}
    sentences = section.blends(tmp_path, run.settings, titles)
    assert sentences == ["Blend: 70 % Dense, 30 % GRU; less than 1 % of any other."]


def test_where_none_beats_naive_it_is_said(build):
    """Not on validation, that is; what the test part says counts for nothing."""
    chosen = SUMMARY.replace("-0.120000,-0.080000,yes", "-0.120000,0.080000,unclear")
    text = Text(build(summary=chosen)).text
    first = text[: text.index("What the lecture claims")]
    assert "2.70 °C error of the naive forecast. None beats naive here: no error on" in first
    assert text.count("None beats naive here") == 2
    row = text[
        text.index("Best honest forecaster, chosen on validation: Naive none is surely better") :
    ]
    assert "0.3050 2.70 –" in row[: row.index("Download")]


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ("-0.115000,0.010000,unclear", "not distinguishable (95 % interval −11.5 % to +1.0 %)."),
        ("0.015000,0.030000,no", "worse (95 % interval +1.5 % to +3.0 %)."),
        (",,unclear", "not tested, for want of data."),
    ],
)
def test_the_first_screen_says_what_is_not_better(build, ends, words):
    text = Text(build(summary=SUMMARY.replace("-0.115000,-0.077000,yes", ends))).text
    assert f"error against the naive forecast: {words}" in text.replace("\u00a0", " ")


def differing(changed: dict, parts=("forecast", "text"), assets=(), **settings) -> list[tuple]:
    """The rows of the table of differences."""
    settings = {"parts": list(parts)} | {part: {} for part in parts} | settings
    records = [{"asset": name} for name in assets]
    known = {"config_changed": changed, "assets": records}
    found = differences.rows(runs.Run("a-run", None, settings, known))
    return [(row["path"], row["lecture"], row["here"]) for row in found]


@pytest.mark.parametrize(
    ("path", "values", "rows"),
    [
        ("text.seeds", [[0, 1, 2], [0]], [("text.seeds", "0, 1, 2", "0")]),
        ("text.held_out", [0.05, 1.0], [("text.held_out", "0.05", "1")]),
        ("forecast.series.clean", [False, None], [("forecast.series.clean", "false", "–")]),
        ("text.prompt", ["", "x" * 101], [("text.prompt", "(empty)", "x" * 100 + "…")]),
        ("text.seeds", [[], list(range(9))], [("text.seeds", "none", "0, 1, 2, … (9 in all)")]),
        (
            "text.layers",
            [[{"LSTM": {"units": 8}}], [{"GRU": {"units": 8}}, "Flatten"]],
            [("text.layers", "LSTM(units=8)", "GRU(units=8), Flatten")],
        ),
        (
            "forecast.split",
            [None, {"train": 3, "more": {"last": None, "x": [1]}}],
            [("forecast.split.train", "–", "3"), ("forecast.split.more.x", "–", "1")],
        ),
        ("forecast.split", [{"train": 3}, None], [("forecast.split.train", "3", "–")]),
        (
            "forecast.split",
            [0.5, {"train": 3}],
            [("forecast.split", "0.5", "–"), ("forecast.split.train", "–", "3")],
        ),
        (
            "forecast.variants.small",
            [None, {"title": "A small GRU", "layers": [{"GRU": {"units": 4}}], "epochs": 2}],
            [("forecast.variants.small", "–", "added: A small GRU")],
        ),
        (
            "forecast.variants.gru",
            [{"title": "GRU", "epochs": 20}, None],
            [("forecast.variants.gru", "–", "removed: GRU")],
        ),
    ],
)
def test_a_setting_that_differs_is_told_in_plain_words(path, values, rows):
    assert differing({path: values}) == rows


def test_settings_of_what_did_not_run_are_left_out():
    changed = dict.fromkeys(
        (
            "forecast.variants.gru.epochs",
            "forecast.variants.gru.units-8.epochs",
            "forecast.variants.grus.epochs",
            "forecast.seeds",
            "text.seeds",
            "dream.pictures.sky.size",
            "assets.river.file",
            "assets.sea.file",
            "weights.VGG16.to",
            "samples",
        ),
        [1, 2],
    )
    chosen = {"select": ["gru"]}
    shown = differing(changed, parts=["forecast"], assets=["river"], forecast=chosen)
    assert [path for path, *_ in shown] == [
        "forecast.variants.gru.epochs",
        "forecast.variants.gru.units-8.epochs",
        "forecast.seeds",
        "assets.river.file",
        "samples",
    ]
    dreams = differing(changed, parts=["dream"], dream={"select": None})
    assert [path for path, *_ in dreams] == [
        "dream.pictures.sky.size",
        "weights.VGG16.to",
        "samples",
    ]


def test_what_would_make_it_sharper_is_told(build):
    provenance = copy.deepcopy(PROVENANCE)
    full = copy.deepcopy(provenance["config"])
    full["forecast"]["seeds"] = [0, 1, 2]
    provenance |= {"full": {"overlays": ["config/<b>.yaml"], "config": full}}
    provenance["jobs"][0]["estimate"] = 65.0  # half of what it took
    text = Text(build(provenance=provenance)).text
    told = "What would make this sharper: make reproduce 'WITH=config/<b>.yaml' , with 3 seeds and"
    assert told in text
    # Three trainings of 20 epochs, each of 500 steps of 11 ms (120 time steps), and 8 s to start, on two cores.
    assert "and the full budget; about 6 min on 2 cores, judged by the jobs of this run." in text
    provenance["jobs"][0]["estimate"] = None
    assert "and the full budget." in Text(build(provenance=provenance)).text


def test_a_sharp_run_is_told_nothing(build):
    provenance = copy.deepcopy(PROVENANCE)
    provenance["config"]["forecast"]["seeds"] = [0, 1, 2]
    assert "make this sharper" not in Text(build(provenance=provenance)).text


def test_the_lectures_own_configuration_is_said_to_be_so(build):
    provenance = copy.deepcopy(PROVENANCE) | {"config_changed": {}}
    assert "The configuration is the lecture’s." in build(provenance=provenance)


def test_networks_and_remarks_are_told(build):
    text = Text(build()).text
    assert "GRU(units=32)" in text
    assert "reversed, step 2 hours, learning rate × 0.3 after 67% of the epochs" in text
    change = "its validation loss is 19.7 % higher (95 % interval +19.3 % to +20.0 %) than in"
    assert f"The GRU overfits Slide “RNN” In the last third of its epochs {change}" in text


@pytest.mark.parametrize("refit", [False, True])
def test_who_was_trained_again_is_told(build, refit):
    changed = copy.deepcopy(PROVENANCE)
    changed["config"]["forecast"]["variants"]["gru"]["refit"] = refit
    text = Text(build(provenance=changed)).text
    note = "GRU & <i>more</i>: trained again, on the training and the validation part, before forecasting the test part"
    assert (note in text) == refit
    assert ("reversed, trained again on training and validation part" in text) == refit


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (2.7, "2.70"), (-0.03456, "−0.0346"), (279.4, "279"), (1683.2, "1,683")],
)
def test_three_digits(value, text):
    assert words.digits(value) == text


def test_whose_data_the_remarks_are_tried_on(build):
    provenance = copy.deepcopy(PROVENANCE)
    provenance["config"]["forecast"]["series"]["path"] = "river.csv"
    own = Text(build(provenance=provenance)).text
    assert "The lecture’s claims, tested on your data" in own
    assert "is above 0.3" not in own
    assert "blocks of 7 days, paired window by window" in own
    lectures = Text(build()).text
    assert "What the lecture claims, and what this run found" in lectures
    assert "tested on your data" not in lectures
    assert (
        "The error of the dense network is above 0.3" in lectures
    )  # among those that are not measured
    assert "tomorrow’s temperature in Jena" in lectures and "temperature in Jena" not in own
    sample = SERIES | {"sample": True}
    assert re.search("Forecast ?, with stand-ins", Text(build(series=sample)).text)


def test_what_sentinels_do_is_told(build):
    text = Text(build()).text
    assert "25 of the 100 test windows contain values that were not measured" in text
    assert "Naive 2.50 2.00 4.00" in text
    assert "GRU & <i>more</i> 11.6 1.80 41.0" in text
    assert "are excluded, because" not in text


def test_what_was_not_measured_is_counted(build):
    left_out = {"windows_not_measured": {"train": 1500, "val": 0, "test": 812}}
    put_in = {"cleaned": True, "repeated_values": 6, "mean_values": 2410}
    text = Text(build(series=SERIES | left_out | put_in)).text
    assert (
        "256 for test; 1,500, 0 and 812 more are excluded, because their target or newest value was "
        "not measured; the forecasts are compared on the"
    ) in text
    assert "replaced by the last value before (6 times)" in text
    assert "or, after 3 hours, by the column’s mean (2,410 times)" in text
    assert "left in as in the lecture" not in text


def test_several_files_and_means_are_said(build):
    source = {"source": "a.zip, b.csv", "files": 2, "overlaps": 1440, "overlaps_differing": 3}
    text = Text(build(series=SERIES | source | {"resampled_rows": 5210})).text
    assert "real: 2 files" in text
    assert "Real data: a.zip, b.csv" in text
    assert (
        "2; 1,440 rows were dropped, because a file that begins earlier has their times, 3 of them with "
        "other values"
    ) in text
    assert "in the interval before its time (5,210 rows)" in text
    assert "Files" not in Text(build()).text


def test_vega_is_bundled_once(tmp_path, monkeypatch):
    """And again where what was kept is damaged, or nothing can be kept."""
    bundled = []
    monkeypatch.setattr(
        page.vl_convert, "javascript_bundle", lambda: bundled.append(1) or "vega();"
    )
    monkeypatch.setattr(page.pooch, "os_cache", lambda name: tmp_path / name)
    scripts = [page.vega() for _ in range(2)]
    assert len(bundled) == 1
    (kept,) = tmp_path.glob("reverie/*.js")
    for damaged in (kept.read_bytes()[:5], b"", b"\xff"):
        kept.write_bytes(damaged)
        scripts.append(page.vega())
    assert len(bundled) == 4
    shutil.rmtree(tmp_path / "reverie")
    (tmp_path / "reverie").write_text("no folder")
    scripts.append(page.vega())
    assert len(bundled) == 5
    assert set(scripts) == {scripts[0]}
    assert scripts[0].startswith("vega();")


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0004, "0.000"), (-0.0006, "−0.001"), (0.5, "0.500"), (None, "–")]
)
def test_a_number_has_a_true_minus_and_zero_has_none(value, text):
    assert words.number(value, 3) == text
