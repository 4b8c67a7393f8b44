"""Where words look, sentences about regions, and the command that describes a picture."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from reverie import provenance
from reverie.config.model import load
from reverie.describe import alignment, dataset, evaluation, explaining, scenes, writer
from reverie.describe.explaining import Explainer
from reverie.describe.features import Projection
from reverie.describe.results import Results
from reverie.describe.tests import made_run
from reverie.describe.tests.data import picture
from reverie.training import save_weights

REPOSITORY = Path(__file__).parents[4]
CHANNELS, DIMENSIONS = 512, 8  # of SqueezeNet's fire9; of the made run
READER = {"units": 4, "scale": 10, "sharpness": 3, "picture_dropout": 0, "word_dropout": 0}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A made run whose best model and writer have weights, though untrained ones."""
    folder = tmp_path_factory.mktemp("root") / "results" / "made"
    raw = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    raw["parts"] = ["describe"]
    features = {"network": "SqueezeNet", "layer": "fire9", "size": 96, "dimensions": DIMENSIONS}
    raw["describe"] |= {"seeds": [0], "beams": [1, 3], "select": made_run.NAMES}
    raw["describe"]["features"] = features
    settings = load(raw).model_dump(mode="json")
    made = folder / "describe"
    made_run.make(made, settings["describe"], np.random.default_rng(0))
    evaluation.evaluate(made, [*made_run.MODELS], [*made_run.WRITERS], [0], [1, 3])
    described = dataset.load(made / "described.npz")
    shape = described.words.shape[1], len(described.vocabulary) + 1
    for name in made_run.MODELS:
        levels = [1] if "whole" in name else [2, 1]
        network = READER | {"reader": "brnn", "levels": levels}
        (made / name / "seed0" / "model.json").write_text(json.dumps({"network": network}))
    model, _, _ = alignment.build(network, 5, DIMENSIONS, *shape)
    save_weights(model, made / "brnn" / "seed0" / "best.weights.h5")
    network = {"kind": "gru", "units": 4, "dropout": 0}
    (made / "rnn_rmsprop" / "seed0" / "model.json").write_text(json.dumps({"network": network}))
    model = writer.build(network, DIMENSIONS, *shape)
    save_weights(model, made / "rnn_rmsprop" / "seed0" / "best.weights.h5")
    cells = np.random.default_rng(0).normal(size=(40, CHANNELS))
    Projection.of(cells, DIMENSIONS).save(made / "projection.npz")
    plan = provenance.plan("snakemake", settings, settings, [], None, [], [])
    provenance.write(plan, folder / "provenance.json")
    return folder


class Reader:
    """Stands in for an aligner."""

    def __init__(self, agreements: np.ndarray):
        self.found, self.levels = agreements, [2, 1]
        self.boxes = explaining.boxes(2, self.levels)

    def agreements(self, cells, words):
        return self.found


class Author:
    """Stands in for a writer: says the same of regions that are alike."""

    def __init__(self, sentences: list[tuple[str, float]]):
        self.sentences = sentences

    def write(self, pictures, beam):
        return [(sentence.split(), value) for sentence, value in self.sentences]


@pytest.mark.parametrize("scale", [1, 100])
def test_a_word_keeps_its_neighbours_region_unless_another_fits_clearly_better(scale):
    """However large agreements are."""
    agreements = np.zeros((5, 4))
    agreements[[0, 1, 0, 3], range(4)] = [10, 1, 10, 10]
    agreements[0, 1] = 0.5
    regions, boxes = Explainer(None, 1, Reader(scale * agreements)).pointed(None, ["word"] * 4)
    assert regions.tolist() == [0, 0, 0, 3]
    assert boxes.shape == (5, 4)


def test_without_regions_all_words_point_at_the_whole_picture():
    regions, boxes = Explainer(None, 1, None).pointed(None, ["two", "dogs"])
    assert regions.tolist() == [0, 0] and boxes.tolist() == [[0, 0, 1, 1]]
    regions, _ = Explainer(None, 1, Reader(np.zeros((5, 0)))).pointed(None, [])
    assert regions.tolist() == []


def test_a_sentence_stands_for_the_region_for_which_it_is_most_probable():
    author = Author([("a dog", -5), ("a cat", -9), ("a dog", -3), ("", -1), ("two big dogs", -4)])
    sentences, boxes = Explainer(author, 1, Reader(None)).about_regions(np.zeros((4, 8)))
    assert sentences == ["a cat", "a dog", "two big dogs"]
    assert boxes.tolist() == explaining.boxes(2, [2, 1])[[1, 2, 4]].tolist()


@pytest.mark.parametrize(("cells", "regions"), [(1, 2), (4, 5), (9, 10), (64, 10)])
def test_a_small_grid_has_fewer_regions(cells, regions):
    """Without an alignment model; a layer of a small picture has few cells."""
    author = Author([("a dog", -1)])
    author.write = lambda pictures, beam: [([str(place)], -1) for place in range(len(pictures))]
    sentences, boxes = Explainer(author, 1, None).about_regions(np.zeros((cells, 8)))
    assert len(sentences) == len(boxes) == min(regions, explaining.MOST)


def test_the_best_the_middle_and_the_worst_are_drawn(run, tmp_path):
    scenes.write_pictures(tmp_path / "scenes.zip", made_run.SCENES)
    titles = {name: name.upper() for name in made_run.NAMES}
    folder = run / "describe"
    explaining.explain(folder, titles, 0, tmp_path / "scenes.zip", tmp_path / "drawings")
    shown = json.loads((tmp_path / "drawings" / "shown.json").read_text())
    assert (shown["writer"], shown["search"], shown["model"]) == (
        "RNN_RMSPROP",
        "beam search, 3",
        "BRNN",
    )
    best, middle, worst = shown["pictures"]
    bleus = [caption.bleu for caption in Results(folder, titles).ranked("rnn_rmsprop", 0, 3)]
    assert (best["bleu"], worst["bleu"]) == (max(bleus), min(bleus))
    assert middle["bleu"] == sorted(bleus, reverse=True)[len(bleus) // 2]
    assert len(best["references"]) == 5
    drawn = sorted(file.name for file in (tmp_path / "drawings").glob("*.png"))
    assert drawn == sorted(
        f"{group}-{kind}.png" for group in explaining.GROUPS for kind in ("words", "regions")
    )


def test_the_command_describes_a_picture(run, tmp_path, typed):
    Image.fromarray(np.zeros((60, 90, 3), np.uint8)).save(tmp_path / "dog.jpg")
    printed = typed(tmp_path, "reverie.describe", "dog.jpg", "--run", str(run), "--beam", "2")
    sentence, *regions, first, second = printed.splitlines()
    assert set(sentence.split()) <= set(dataset.load(run / "describe" / "described.npz").vocabulary)
    assert regions and all(line.startswith("  ") and ": " in line for line in regions)
    assert (first, second) == ("dog-describe.png", "dog-describe-regions.png")
    assert all(
        Image.open(tmp_path / name).text["Software"] == "Reverie" for name in (first, second)
    )


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["dog.jpg", "--writer", "rnn_rms"], "no network 'rnn_rms' that writes; did you mean 'rnn_rmsprop'?"),
    (["dog.jpg"], "there is no file dog.jpg; correct the path."),
    (["dog.jpg", "--output", "dog.txt"], "--output: dog.txt must end in .png."),
])  # fmt: skip
def test_a_mistake_is_a_sentence(run, tmp_path, typed, arguments, sentence):
    with pytest.raises(SystemExit) as ended:
        typed(tmp_path, "reverie.describe", *arguments, "--run", str(run))
    assert ended.value.code.startswith("reverie: ") and ended.value.code.endswith(sentence)


def test_a_run_that_is_being_trained_again(run, tmp_path, typed):
    """Snakemake has deleted what an interrupted training writes last."""
    shutil.copytree(run, tmp_path / "results" / "made")
    (tmp_path / "dog.jpg").write_bytes(picture(kind="jpeg"))
    for name in ("brnn", "rnn_rmsprop"):
        model = tmp_path / "results" / "made" / "describe" / name / "seed0" / "model.json"
        model.rename(tmp_path / "kept.json")
        with pytest.raises(SystemExit) as ended:
            typed(tmp_path, "reverie.describe", "dog.jpg")
        assert ended.value.code == (
            f"reverie: results/made: {name} is not trained yet; run the workflow to the end."
        )
        (tmp_path / "kept.json").rename(model)


def test_other_weights_than_the_runs_are_refused(run, tmp_path, typed):
    Image.fromarray(np.zeros((60, 90, 3), np.uint8)).save(tmp_path / "dog.jpg")
    file = run / "provenance.json"
    before = file.read_text()
    facts = json.loads(before)
    asset = facts["config"]["weights"]["SqueezeNet"]["asset"]
    facts["assets"] = [{"asset": asset, "sha256": "0" * 64, "sample": False}]
    file.write_text(json.dumps(facts))
    with pytest.raises(SystemExit, match="SqueezeNet found now are not those that the run used"):
        typed(tmp_path, "reverie.describe", "dog.jpg", "--run", str(run))
    file.write_text(before)


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ([0, 0, 1, 1], "everywhere"),
        ([0, 0, 0.6, 0.6], "top left"),
        ([0.2, 0.2, 0.8, 0.8], "middle"),
        ([0.4, 0.2, 1, 0.8], "right"),
        ([0.2, 0.4, 0.8, 1], "bottom"),
    ],
)
def test_a_region_in_words(box, words):
    from reverie.describe.__main__ import place

    assert place(np.array(box)) == words
