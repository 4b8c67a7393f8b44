"""Dreams and styles of the user's own pictures, by SqueezeNet in InceptionV3's place and by name."""

import json
import re
import zipfile

import pytest
from checkouts import TINY_PICTURES, Checkout, harbour_checkout
from PIL import Image

RUN = "results/harbour-tiny"
OVERLAYS = ("harbour", "tiny")


@pytest.fixture(scope="module")
def dreamt(tmp_path_factory) -> Checkout:
    checkout = harbour_checkout(tmp_path_factory.mktemp("dreamt"))
    checkout.printed = checkout.run(overlays=OVERLAYS)
    return checkout


def test_every_file_of_the_contract_is_there(dreamt):
    run = dreamt.folder / RUN
    for file in (
        "dream/harbour.png",
        "dream/harbour.csv",
        "dream/octaves/harbour.png",
        "dream/originals/harbour.png",
        "dream/sheets/harbour.png",
        "dream/films/harbour.mp4",
        "dream/plots/harbour.svg",
        "style/harbour.style_weight-10.png",
        "style/harbour.style_weight-100.csv",
        "style/plots/harbour.style_weight-10.svg",
        "logs/dream/harbour.log",
        "benchmarks/style/harbour.style_weight-10.tsv",
        "report.html",
    ):
        assert (run / file).stat().st_size > 0, file
    with Image.open(run / "dream/harbour.png") as picture:
        assert picture.size == (240, 144)
    assert not [path for path in run.rglob(".*") if path.is_file() and "gitignore" not in path.name]


def test_the_provenance_knows_every_picture(dreamt):
    facts = json.loads((dreamt.folder / RUN / "provenance.json").read_text())
    jobs = [(job["rule"], *job["wildcards"].values()) for job in facts["jobs"]]
    assert sorted(jobs) == sorted(
        [
            ("fetch_asset", "inception_v3"),
            ("fetch_asset", "squeezenet"),
            ("fetch_asset", "starry_night"),
            ("dream_picture", "harbour"),
            ("dream_sheet", "harbour"),
            ("dream_film", "harbour"),
            ("plot_dreams",),
            ("transfer_style", "harbour.style_weight-10"),
            ("transfer_style", "harbour.style_weight-100"),
            ("plot_styles",),
        ]
    )
    assert {asset["asset"]: asset["sample"] for asset in facts["assets"]} == {
        "inception_v3": True,
        "squeezenet": False,
        "starry_night": True,
    }


def test_the_report_says_what_stood_in(dreamt):
    page = (dreamt.folder / RUN / "report.html").read_text()
    dream, style = (
        page.split(f'id="{part}">')[1].split("</section>")[0] for part in ("dream", "style")
    )
    assert "replaced: weights of InceptionV3 by SqueezeNet 1.1, a small network" in dream
    assert "SqueezeNet in place of InceptionV3, mixed3" in dream
    assert "replaced: picture starry_night by a painting of drawn strokes" in style
    assert "Weights of SqueezeNet: " in style and "MIT licence" in style
    assert ">SqueezeNet; content in fire4" in style
    chips = re.findall(r'<span class="chip \w+">(.*?)</span>', page)
    dreams, styles = ["real: pictures", "stand-in: SqueezeNet"], ["real: pictures, networks"]
    assert chips == [*dreams, *styles, "stand-in: drawn pictures"]
    assert "The harbour, starry, style weight 10<" in page
    assert page.count('<div class="compare">') == 3
    assert "data:video/mp4;base64," in page
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)


def test_snakemakes_own_report_has_every_figure_with_its_caption(dreamt):
    dreamt.run("--report", "own.zip", overlays=OVERLAYS)
    with zipfile.ZipFile(dreamt.folder / "own.zip") as archive:
        page = archive.read("own/report.html").decode()
        assert any(name.endswith(".mp4") for name in archive.namelist())
    data = page.split('<script id="results">')[1].split("var results = ")[1]
    results, _ = json.JSONDecoder().raw_decode(data)
    run = dreamt.folder / RUN
    drawn = {*run.rglob("plots/*.svg"), *run.glob("dream/*.png"), *run.glob("style/*.png")}
    drawn |= {*run.glob("dream/*/harbour.*")} - {*run.glob("dream/originals/*")}
    figures = {p.relative_to(dreamt.folder).as_posix() for p in drawn if p.suffix != ".csv"}
    assert len(figures) >= 8
    assert set(results) == figures
    told = set()
    for facts in results.values():
        assert facts["caption"].startswith("<p>")
        assert "figure" in facts["labels"]
        told.add((facts.get("category", ""), *sorted(facts["labels"].items())))
    assert len(told) == len(results)  # labels tell them apart
    dreamt.run("--report", "own.html", overlays=OVERLAYS)
    assert (dreamt.folder / "own.html").stat().st_size > 1_000_000


def test_only_what_changed_is_drawn_again(dreamt):
    assert dreamt.planned(overlays=OVERLAYS) == {}
    tiny = dreamt.folder / "config/tiny.yaml"
    again = {"record_provenance": 1, "write_report": 1, "all": 1}
    for old, new, drawn in (
        ("frames: 3", "frames: 4", {"dream_film": 1}),
        ("sizes: [40, 60]", "sizes: [40, 50]", {"transfer_style": 2, "plot_styles": 1}),
        (
            "      octaves: 2\n      steps: 2",
            "      octaves: 2\n      steps: 3",
            {"dream_picture": 1, "plot_dreams": 1},
        ),
    ):
        before = tiny.read_text()
        assert old in before
        tiny.write_text(before.replace(old, new))
        assert dreamt.planned(overlays=OVERLAYS) == {**drawn, **again}
        tiny.write_text(before)
    overlay = dreamt.folder / "config/harbour.yaml"
    overlay.write_text(overlay.read_text().replace("title: The harbour\n", "title: A harbour\n"))
    assert dreamt.planned(overlays=OVERLAYS) == again


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ("size: 240\n      octaves: 2", "size: 190\n      octaves: 1\n      picture: gone.jpg"),
            "dream.pictures.harbour.picture: there is no file gone.jpg; correct the path.",
        ),
        (
            ("steps: 2\n      sheet", "steps: 2\n      layers: {mixed99: 1}\n      sheet"),
            "dream.pictures.harbour.layers.mixed99: InceptionV3 has no layer 'mixed99'",
        ),
        (
            (
                "size: 240\n      octaves: 2",
                "size: 241\n      octaves: 2\n      picture: harbour.png",
            ),
            "dream_picture: harbour.png is damaged",
        ),
    ],
    ids=["gone", "layer", "damaged"],
)
def test_mistakes_end_in_a_sentence(tmp_path, change, sentence):
    checkout = harbour_checkout(tmp_path)
    (tmp_path / "harbour.png").write_bytes((tmp_path / "harbour.jpg").read_bytes()[:900])
    tiny = tmp_path / "config/tiny.yaml"
    assert change[0] in TINY_PICTURES
    tiny.write_text(TINY_PICTURES.replace(*change))
    target = f"{RUN}/dream/harbour.png"
    printed = checkout.run("--", target, overlays=OVERLAYS, succeeds=False)
    assert sentence in printed
    assert "Traceback" not in printed
