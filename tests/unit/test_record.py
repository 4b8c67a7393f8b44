"""A run on record: the page says what the files say, and can be written from them again."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from reverie import charts
from reverie.errors import ReverieError
from reverie.forecast.report import errors
from reverie.forecast.report import published as forecasts
from reverie.forecast.report import record as forecast
from reverie.report import compare, record, words
from reverie.report import run as runs
from reverie.report.verdicts import CONFIRMED, NOT_RUN, REFUTED, Change
from reverie.text.report import record as text

REPOSITORY = Path(__file__).parents[2]
LIMIT = 3_000_000  # bytes of all runs on record


@pytest.fixture(scope="module")
def made(whole_run, tmp_path_factory) -> Path:
    """The page about the made run, with its files beside it."""
    file = tmp_path_factory.mktemp("docs") / "reproduction.md"
    record.write(whole_run, file)
    return file


HEAD = re.compile(r"<!-- by python -m reverie.report record results/(\S+) -->")
PAGES = [page for page in REPOSITORY.glob("docs/*.md") if HEAD.match(page.read_text("utf-8"))]


def test_every_run_on_record_has_its_page():
    assert {
        file.parents[1].with_suffix(".md") for file in REPOSITORY.glob("docs/*/*/claims.json")
    } == {*PAGES}


@pytest.mark.parametrize("page", [None, *PAGES], ids=lambda page: page.name if page else "made")
def test_the_page_is_the_one_that_its_files_give(made, page):
    page = page or made
    content = page.read_text(encoding="utf-8")
    name = HEAD.match(content)[1]
    assert content == record.text(page.with_suffix("") / name)
    kept = [path for path in page.with_suffix("").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) < LIMIT
    for file in [page, *kept]:
        if file.suffix not in {".jpg", ".npz"}:
            assert not re.search(
                r"(?<![\w/.])/(work|tmp|home|root|mnt)/", file.read_text("utf-8")
            ), file
    for address in re.findall(r'src="([^"]+)"|\]\(([^)#:]+/)\)', content):
        assert (page.parent / (address[0] or address[1])).exists(), address


def test_the_record_has_the_small_files_and_no_large_ones(made, whole_run):
    folder = made.with_suffix("") / "made"
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in (
        "provenance.json",
        "claims.json",
        "forecast/metrics.csv",
        "forecast/summary.csv",
        "forecast/pairs.csv",
        "forecast/gru/seed1/history.csv",
        "forecast/linear/seed0/fitted.json",
        "text/samples.jsonl",
        "text/metrics.csv",
        "text/comparisons.csv",
        "text/seed1/history.csv",
        "dream/sky.jpg",
        "style/starry_sky.jpg",
    ):
        assert name in kept
        if not name.endswith((".jpg", "claims.json", "provenance.json")):
            assert (folder / name).read_bytes() == (whole_run / name).read_bytes()
    assert not [name for name in kept if name.endswith((".png", ".h5", "predictions_test.npz"))]


def test_its_figures_are_the_files(made, whole_run):
    content = made.read_text(encoding="utf-8")
    (line,) = (
        line
        for line in (whole_run / "forecast" / "summary.csv").read_text().splitlines()
        if line.startswith("gru,test,best")
    )
    mae, sd = (float(value) for value in line.split(",")[5:7])
    assert f"{mae:.4f}\u00a0±\u00a0{sd:.4f}" in content
    for claim in json.loads((made.with_suffix("") / "made" / "claims.json").read_text()):
        assert words.markdown(words.tight(claim["measured"])) in content
    assert "seed 0: loss | seed 1: loss |" in content
    assert "| 3 | – | 2.100 | 2.100 | 2.80 | 2.80 |" in content
    assert "Dense \\<script\\>" in content
    assert "| Text | 9.00 | 125 on a GPU (the book), 6 on a newer one (keras.io) |" in content
    assert "<script>" not in content.replace(
        "`snakemake --config 'a=<script>alert(1)</script>'`", ""
    )


def test_tables_have_as_many_cells_in_every_line(made):
    for table in re.findall(r"(?:^\|.*\n)+", made.read_text(encoding="utf-8"), re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1, table


def test_writing_the_page_again_needs_nothing_but_the_record(made, tmp_path):
    folder = tmp_path / "reproduction" / "made"
    shutil.copytree(made.with_suffix("") / "made", folder)
    assert record.write(folder)[1] == folder
    assert (tmp_path / "reproduction.md").read_bytes() == made.read_bytes()


def test_a_run_is_held_against_one_on_record(made, whole_run, tmp_path):
    folder = tmp_path / "results" / "made"
    shutil.copytree(whole_run, folder)
    file = compare.write([made.with_suffix("") / "made", folder])
    assert file == tmp_path / "results" / "compare" / "made-on-record-vs-made.html"
    page = file.read_text()
    assert "Seen in the clouds" in page
    assert "is not finished" not in page
    assert "not paired" not in page


@pytest.fixture
def more(whole_run, tmp_path) -> Path:
    """The same run with its GRU under the name of a variation that the slides suggest."""
    folder = tmp_path / "results" / "more"
    shutil.copytree(whole_run, folder)
    (folder / "forecast" / "gru").rename(folder / "forecast" / "gru_head")
    for file in [*folder.glob("forecast/*.csv"), folder / "provenance.json"]:
        # A kind of network that writes sentences has the same name.
        file.write_text(re.sub(r'(?<!"kind": ")\bgru\b', "gru_head", file.read_text()))
    set_calendar(folder, True)
    return folder


def set_calendar(folder: Path, calendar: bool) -> None:
    facts = json.loads((folder / "provenance.json").read_text())
    facts["config"]["forecast"]["variants"]["gru_head"]["calendar"] = calendar
    (folder / "provenance.json").write_text(json.dumps(facts))


def test_further_runs_are_held_against_it(whole_run, more, tmp_path):
    _, target, _ = record.write(whole_run, tmp_path / "reproduction.md", [more])
    content = (tmp_path / "reproduction.md").read_text(encoding="utf-8")
    assert "The same series, forecast by more." in content
    assert re.search(r"\| GRU \| .* \| 0\.\d{4} \| \S+ % \| GRU \| \+0\.0 % \|", content)
    assert content == record.text(target)
    assert "The run “more” took " in content
    facts = json.loads((more / "provenance.json").read_text())
    (more / "provenance.json").write_text(json.dumps(facts | {"jobs": []}))
    record.write(whole_run, tmp_path / "untimed.md", [more])
    content_of_untimed = (tmp_path / "untimed.md").read_text(encoding="utf-8")
    assert "forecast by more" in content_of_untimed and "“more” took" not in content_of_untimed
    set_calendar(more, False)  # the same network by another name
    record.write(whole_run, tmp_path / "same.md", [more])
    assert "forecast by more" not in (tmp_path / "same.md").read_text(encoding="utf-8")
    facts = json.loads((more / "forecast" / "series.json").read_text())
    (more / "forecast" / "series.json").write_text(json.dumps(facts | {"sha256": "other"}))
    with pytest.raises(ReverieError, match="more does not forecast the series of made"):
        record.write(whole_run, tmp_path / "reproduction.md", [more])
    assert content == record.text(target)  # which is not replaced


def test_pages_may_have_a_dot_and_end_in_md(whole_run, tmp_path):
    page, folder, _ = record.write(whole_run, tmp_path / "v1.2.md")
    assert (page, folder) == (tmp_path / "v1.2.md", tmp_path / "v1.2" / "made")
    content = page.read_text(encoding="utf-8")
    page.unlink()
    assert record.write(folder)[0].read_text(encoding="utf-8") == content
    assert page.exists()
    with pytest.raises(ReverieError, match="page.txt must end in .md"):
        record.write(whole_run, tmp_path / "page.txt")
    assert not (tmp_path / "page").exists()


@pytest.mark.parametrize("command", ["record", "compare"])
def test_a_file_that_is_not_whole_has_its_sentence(whole_run, tmp_path, typed, command):
    folder = tmp_path / "results" / "made"
    shutil.copytree(whole_run, folder)
    file = folder / "forecast" / "series.json"
    file.write_text(file.read_text()[:100])
    others = {"record": ["--page", "page.md"], "compare": [str(whole_run)]}[command]
    with pytest.raises(SystemExit) as end:
        typed(tmp_path, "reverie.report", command, "results/made", *others)
    assert "made" in str(end.value)
    assert "\n" not in str(end.value)


def test_kept_errors_are_those_of_the_windows(made, whole_run):
    whole, kept = runs.finished(whole_run), record.opened(made.with_suffix("") / "made")
    for variant in ("gru", "linear"):
        (rows, before), (kept_rows, after) = (errors.errors(run, variant) for run in (whole, kept))
        assert (rows == kept_rows).all()
        assert np.abs(before - after).max() < 0.005
        assert after.mean() == pytest.approx(before.mean(), abs=1e-4)
    assert errors.errors(kept, "nothing") is None


def test_an_unfinished_run_says_what_is_missing(trained_run, tmp_path, monkeypatch):
    svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'  # rendering takes most of the time
    monkeypatch.setattr(Figure, "savefig", lambda figure, file, **_: Path(file).write_text(svg))
    monkeypatch.setattr(charts.vl_convert, "vegalite_to_svg", lambda spec: svg)
    folder = tmp_path / "results" / "made"
    shutil.copytree(trained_run, folder)
    shutil.rmtree(folder / "forecast" / "gru" / "seed1")
    shutil.rmtree(folder / "text" / "seed0")
    shutil.rmtree(folder / "style")
    (folder / "dream" / "noise.png").unlink()
    page = tmp_path / "reproduction.md"
    _, target, _ = record.write(folder, page)
    content = page.read_text(encoding="utf-8")
    for sentence in (
        "The run is not finished",
        "Missing: forecast: gru with seed 1 is not trained.",
        "Missing: text: seed 0 has not written.",
        "Missing: dream: noise is not dreamt.",
        "Not on this page: style.",
        "Text: 1 seed instead of 3.",
    ):
        assert sentence in content
    assert content == record.text(target)


def test_data_of_ones_own_have_no_published_figures(made, tmp_path):
    folder = tmp_path / "reproduction" / "made"
    shutil.copytree(made.with_suffix("") / "made", folder)
    facts = json.loads((folder / "provenance.json").read_text())
    facts["config"]["forecast"]["series"]["path"] = "gauge.csv"
    facts["config"]["text"]["corpus"] = "words.txt"
    (folder / "provenance.json").write_text(json.dumps(facts))
    content = record.text(folder)
    assert "the book" not in content.split("## Dreams")[0]
    assert "### The error on the test part" in content


def test_only_a_record_is_replaced(whole_run, tmp_path):
    (tmp_path / "reproduction" / "made").mkdir(parents=True)
    (tmp_path / "reproduction" / "made" / "letter.txt").write_text("dear")
    with pytest.raises(ReverieError, match="holds no run on record"):
        record.write(whole_run, tmp_path / "reproduction.md")
    assert (tmp_path / "reproduction" / "made" / "letter.txt").exists()


def test_how_published_errors_lie_to_ours():
    others = np.array([0.260, 0.262, 0.264])
    ours, seeds = Change(0.262, 0.250, 0.275), np.array([0.261, 0.262, 0.263])
    assert forecast.relation(ours, seeds, others) == forecast.ALIKE
    assert (
        forecast.relation(ours, seeds - 0.01 * (seeds - seeds.mean()), others + 0.008)
        == forecast.NEAR
    )
    assert forecast.relation(ours, seeds, others + 0.05) == forecast.OUTSIDE
    # One seed is judged by the spread of the published runs, a forecast without chance by four decimals.
    assert forecast.relation(ours, seeds[1:2], others + 0.004) == forecast.ALIKE
    assert forecast.relation(ours, seeds[1:2], others + 0.012) == forecast.NEAR
    assert (
        forecast.relation(
            Change(0.28974, 0.27, 0.31), np.array([0.28974]), np.array([forecasts.NAIVE])
        )
        == forecast.ALIKE
    )
    assert (
        forecast.relation(
            Change(0.2893, 0.27, 0.31), np.array([0.2893]), np.array([forecasts.NAIVE])
        )
        == forecast.NEAR
    )
    # Without an interval, nothing lies outside of it.
    none = Change(0.262, float("nan"), float("nan"))
    assert forecast.relation(none, seeds, others) == forecast.ALIKE


def history(*losses: float) -> list[dict]:
    return [
        {
            "epoch": epoch,
            "loss": loss,
            "val_loss": loss,
            "bits_per_char": 1.44 * loss,
            "seconds": 9.0,
        }
        for epoch, loss in enumerate(losses, 1)
    ]


def test_a_late_explosion_is_told(made, tmp_path):
    folder = tmp_path / "reproduction" / "made"
    shutil.copytree(made.with_suffix("") / "made", folder)
    for seed, losses in enumerate(([1.9, 1.4, 12.5], [1.9, 1.5, 1.4])):
        lines = [f"{e},{loss},{loss},{1.44 * loss},9" for e, loss in enumerate(losses, 1)]
        table = "\n".join(["epoch,loss,val_loss,bits_per_char,seconds", *lines]) + "\n"
        (folder / "text" / f"seed{seed}" / "history.csv").write_text(table)
    facts = json.loads((folder / "provenance.json").read_text())
    facts["config"]["text"]["sampling"]["epochs"] = [2, 3]
    (folder / "provenance.json").write_text(json.dumps(facts))
    content = record.text(folder)
    for sentence in (
        "exploded with 1 of 2 seeds, at epoch 3",
        "With seed 0 the training loss exploded at epoch 3: it was 1.40 after epoch 2 and reached 12.50",
        "What seed 0 wrote at temperature 0.5, before and after:\n\n| epoch 2 | epoch 3 |",
        "| 3 | – | **12.500** | 1.400 |",
        "| 1.4000 ± 0.0000, at epochs 2 and 3 |",
        "| 3 (seed 0), none of 3 with the other seed |",
        "| temperature | epoch 2 | epoch 3, the best |",
        "invented, epoch 3 | invented, best epoch |",
        "At each seed’s best epoch, the share of",
        "Left out, because the loss had exploded: seed 0 at epoch 3.",
        ", with seed 1; words that the corpus lacks are bold.",
    ):
        assert sentence in content, sentence
    assert "did not happen" in made.read_text(encoding="utf-8")


def test_the_loss_beside_the_books():
    few = {0: history(1.9, 1.5)}
    assert text.against_book(few).endswith("after 2 epochs instead of 54.")
    level = [1.31] * 59
    assert "one seed cannot tell" in text.against_book({0: history(*level)})
    near = {0: history(*level, 1.29), 1: history(*level, 1.30), 2: history(*level, 1.31)}
    # t(0.975, 2) = 4.303 times a spread of 0.01 times the root of 4 / 3.
    assert "which is within what one more seed may give (± 0.050). Ours" in text.against_book(near)
    far = {0: history(*level, 1.20), 1: history(*level, 1.201), 2: history(*level, 1.202)}
    judged = text.against_book(far)
    assert "7.7 % lower than the book’s, which is outside what one more seed may give" in judged
    assert judged.endswith("in Keras 2.0.8, the book’s, they were piecewise linear.")
    # Further from the mean than the mean may be, but not than a single training.
    off = [1.27, 1.28, 1.29]
    wide = {seed: history(*level, loss) for seed, loss in enumerate(off)}
    assert abs(np.mean(off) - 1.3014) < 0.01 * 4.303 * (4 / 3) ** 0.5
    assert "1.6 % lower than the book’s, which is within" in text.against_book(wide)


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        # 25 lines at 256 pixels, 30 at 512: from the 20th of these on.
        (
            [100 - n for n in range(25)] + [90 - n for n in range(30)],
            "| 55, the last 30 at 512 pixels | 86 % |",
        ),
        (
            [100 - n for n in range(25)] + [80, 60],
            "| 27, the last 2 at 512 pixels | 75 % (from the first) |",
        ),
    ],
)
def test_the_page_says_what_is_left_of_the_loss_and_of_which_layers(made, tmp_path, lines, row):
    folder = tmp_path / "reproduction" / "made"
    shutil.copytree(made.with_suffix("") / "made", folder)
    table = "\n".join(f"{step},1,1,1,{loss}" for step, loss in enumerate(lines, 1))
    (folder / "style" / "starry_sky.csv").write_text(
        f"step,content_loss,style_loss,variation_loss,loss\n{table}\n"
    )
    facts = json.loads((folder / "provenance.json").read_text())
    facts["config"]["style"]["pictures"]["starry_sky"] |= {
        "content_layer": "block3_conv3",
        "style_layers": ["block1_conv1", "block2_conv1"],
    }
    (folder / "provenance.json").write_text(json.dumps(facts))
    content = record.text(folder)
    assert f"| block3\\_conv3 | block1\\_conv1, block2\\_conv1 {row}" in content
    book = ", ".join(f"block{number}\\_conv1" for number in range(1, 6))
    assert f"| VGG19, L-BFGS | block5\\_conv2 | {book} | 20 × 20 | 7 % |" in content
    assert ("or of the first where there are no more steps" in content) == ("from" in row)


def test_dreams_are_held_against_the_book_in_their_first_octave(made):
    content = made.read_text(encoding="utf-8")
    layers = "InceptionV3, mixed2, mixed3, mixed4, mixed5"
    assert (
        f"| Seen in the clouds | {layers} | 6 | 2.00 to 5.00 | 2.00 to 4.00 (120 × 80) |" in content
    )
    assert (
        f"own photograph | {layers} | 37 | 0.672 to 9.99 | 0.672 to 9.94 (178 × 178) |" in content
    )
    assert "those of “Seen in the clouds”, “Seen in a meadow” and “The meadow, lost" in content


def test_paths_of_the_machine_are_shortened():
    shortened = record.without_folders(
        {
            "source": "/home/me/my data/nietzsche.txt",
            "command": "snakemake --configfile /srv/x/own.yaml config/quick.yaml --config 'a=/b/c/d'",
            "columns": ["wv (m/s)", "https://host/a/b.zip", "workflow/reverie/a.csv"],
            "bytes": 3,
        }
    )
    assert shortened == {
        "source": "nietzsche.txt",
        "command": "snakemake --configfile own.yaml config/quick.yaml --config 'a=d'",
        "columns": ["wv (m/s)", "https://host/a/b.zip", "workflow/reverie/a.csv"],
        "bytes": 3,
    }


def test_items_in_a_sentence():
    assert [words.listed(range(56, end)) for end in (57, 58, 59)] == [
        "56",
        "56 and 57",
        "56, 57 and 58",
    ]


def test_text_becomes_markdown_without_a_meaning():
    assert words.markdown("a|b *c* _d_ [e](f)\n`g` <b> $x$ ~~h~~ & \\") == (
        "a\\|b \\*c\\* \\_d\\_ \\[e\\](f) \\`g\\` \\<b\\> \\$x\\$ \\~\\~h\\~\\~ \\& \\\\"
    )
    sample = {"text": "e" * 60 + " is |x|", "spans": [[0, 60]]}
    assert text.written(sample) == f"**{'e' * 25}\u200b{'e' * 25}\u200b{'e' * 10}** is \\|x\\|"


def test_each_of_the_seeds_that_trained_together_has_its_share_of_an_epoch(whole_run):
    run = runs.finished(whole_run)
    titles = dict.fromkeys(run.settings["forecast"]["variants"], "")
    alone = [float(row["here"]) for row in forecast.speeds(run, titles)]
    run.provenance["jobs"] = [
        {"wildcards": {"variant": name}, "together": [0, 1]} for name in titles
    ]
    shares = [float(row["here"]) for row in forecast.speeds(run, titles)]
    assert alone and shares == [seconds / 2 for seconds in alone]


def test_what_the_run_lacks_another_run_may_tell(whole_run, more, monkeypatch):
    lines = {
        whole_run: [("gru", "a", NOT_RUN), ("gru", "b", CONFIRMED), ("gru", "c", NOT_RUN)],
        more: [("gru", "a", REFUTED), ("gru", "b", REFUTED), ("gru", "c", NOT_RUN)],
    }
    monkeypatch.setattr(
        record.remarks,
        "claims",
        lambda folder, _: [
            {"part": part, "remark": remark, "verdict": verdict}
            for part, remark, verdict in lines[folder]
        ],
    )
    told = record.claims(runs.finished(whole_run), [runs.finished(more)])
    assert [(line["verdict"], line.get("run")) for line in told] == [
        (REFUTED, "more"),
        (CONFIRMED, None),
        (NOT_RUN, None),
    ]


def test_checksums_are_those_of_the_results(made, whole_run):
    lines = (made.with_suffix("") / "made" / "sha256.txt").read_text().splitlines()
    files = [line.split("  ")[1] for line in lines]
    assert {"forecast/gru/seed0/predictions_test.npz", "dream/sky.png"} <= {*files}
    assert not [file for file in files if "history" in file or "plots" in file]
    for line in lines:
        digest, file = line.split("  ")
        assert hashlib.sha256((whole_run / file).read_bytes()).hexdigest() == digest


def test_costs_by_part_and_interruptions(whole_run):
    run = runs.finished(whole_run)
    job = {"estimate": 10, "max_rss_mb": 5, "resumed": 0}
    run.provenance["jobs"] = [
        job | {"part": "text", "rule": "train_writer", "wildcards": {"seed": "0"}, "seconds": 20},
        job
        | {"part": "text", "rule": "plot_text", "wildcards": {}, "seconds": 3, "estimate": None},
        job | {"part": "", "rule": "build_report", "wildcards": {}, "seconds": 4, "resumed": 3},
    ]
    costs = record.costs(run)
    assert [(row["title"], row["jobs"], row["seconds"], row["off"]) for row in costs["rows"]] == [
        ("Text", 2, 23, 1.0),
        ("Data and report", 1, 4, -0.6),
    ]
    assert (costs["resumed"], costs["interruptions"]) == (1, 3)


def test_other_data_than_the_lectures_are_named(whole_run):
    run = runs.finished(whole_run)
    run.provenance["config_changed"] = {
        "forecast.series.asset": ["jena", "jena_hourly"],
        "weights.VGG19.asset": ["vgg19", "vgg19_to_block3_conv4"],
        "weights.VGG19.to": [None, "block3_conv4"],
        "text.epochs": [60, 2],
    }
    (sentence,) = [text for text in record.absent(run) if text.startswith("Data and networks")]
    assert "`forecast.series.asset`: jena\\_hourly instead of jena" in sentence
    assert "`weights.VGG19.asset`" in sentence and "epochs" not in sentence
