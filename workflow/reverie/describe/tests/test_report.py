"""The report's part on sentences for pictures: verdicts, what an unfinished run shows, and the page."""

import json
import math

import numpy as np
import pytest
from reverie.describe import bleu
from reverie.describe.kinds import RETRIEVAL
from reverie.describe.report import claims, compare, partial, published, record, section
from reverie.describe.results import Caption, Results
from reverie.describe.tests import made_run
from reverie.report.run import Run
from reverie.report.verdicts import CONFIRMED, REFUTED, UNDECIDED, Change

BETTER, WORSE, UNCLEAR = (Change(size, size - 0.01, size + 0.01) for size in (0.02, -0.02, 0.005))


def figures(changes: dict, **chosen):
    titles = {name: name.upper() for _, *pair in changes for name in pair}
    return claims.Figures(changes, titles | {"gru": "GRU"}, **chosen)


@pytest.mark.parametrize(
    ("annotation", "search", "verdict"),
    [
        (BETTER, BETTER, CONFIRMED),
        (BETTER, WORSE, REFUTED),
        (BETTER, UNCLEAR, UNDECIDED),
        (WORSE, WORSE, REFUTED),
    ],
)
def test_a_model_must_rank_better_in_both_directions(annotation, search, verdict):
    changes = dict(zip(claims.RECALLS, (annotation, search), strict=True))
    found = figures({(measure, "brnn", "bag"): change for measure, change in changes.items()})
    sentence, found_verdict = claims.brnn_beats_bag(found)
    assert found_verdict == verdict
    assert sentence.startswith("Mean of recall at 1, 5 and 10 of BRNN less that of BAG: sentences")
    with pytest.raises(KeyError):
        claims.regions_beat_the_whole_picture(found)


def test_the_best_writer_is_held_against_retrieval():
    changes = {("bleu_4", "lstm", RETRIEVAL): WORSE, ("bleu_4", "gru", RETRIEVAL): BETTER}
    sentence, verdict = claims.writing_beats_retrieval(figures(changes, best="gru"))
    assert verdict == CONFIRMED
    assert "2.0 higher (95 % interval 1.0 to 3.0)" in sentence
    with pytest.raises(KeyError):
        claims.writing_beats_retrieval(figures(changes))


@pytest.mark.parametrize(
    ("adam", "sgd", "verdict"),
    [(BETTER, BETTER, CONFIRMED), (WORSE, BETTER, REFUTED), (UNCLEAR, BETTER, UNDECIDED)],
)
def test_rmsprop_must_beat_each_rival_of_the_run(adam, sgd, verdict):
    changes = {
        ("bleu_4", "rnn_rmsprop", "rnn_adam"): adam,
        ("bleu_4", "rnn_rmsprop", "rnn_sgd"): sgd,
    }
    assert claims.rmsprop_is_best(figures(changes))[1] == verdict
    quick = figures(dict([*changes.items()][:1]))
    assert claims.rmsprop_is_best(quick)[1] == {REFUTED: REFUTED, UNDECIDED: UNDECIDED}.get(
        verdict, CONFIRMED
    )
    lower_is_better, higher_is_better = {1: 3.0, 2: 1.0, 3: 2.0}, {1: 3.0, 2: 2.0, 3: 1.0}
    rates = dict.fromkeys(("rnn_rmsprop", "rnn_adam", "rnn_sgd"), [lower_is_better] * 2)
    rates["rnn_rmsprop"] = [lower_is_better, higher_is_better]
    sentence, tried = claims.rmsprop_is_best(figures(changes, rates=rates))
    assert tried == verdict and sentence.endswith(
        " The learning rates are the best of those tried: 2 or 3 for RNN_RMSPROP, 2 for RNN_ADAM, 2 for RNN_SGD."
    )
    rates["rnn_sgd"] = [higher_is_better, {1: 1.0, 2: 2.0, 3: 3.0}]
    sentence, tried = claims.rmsprop_is_best(figures(changes, rates=rates))
    # What surely beats RMSprop does so whatever SGD might do.
    assert tried == (REFUTED if adam is WORSE else UNDECIDED) and sentence.endswith(
        "highest or the lowest rate tried, so that a better one may lie beyond."
    )
    too_high = higher_is_better | {9: math.inf}  # no number: a better one does not lie beyond
    rates["rnn_sgd"] = [too_high] * 2
    assert claims.rmsprop_is_best(figures(changes, rates=rates))[1] == verdict
    with pytest.raises(KeyError):
        claims.rmsprop_is_best(figures({("bleu_4", "rnn_rmsprop", "gru"): BETTER}))


@pytest.mark.parametrize(
    ("change", "learning", "verdict"),
    [
        (BETTER, "bag", UNDECIDED),
        (BETTER, "brnn", CONFIRMED),  # it might win by more
        (WORSE, "brnn", UNDECIDED),
        (WORSE, "bag", REFUTED),
    ],
)
def test_what_loses_and_was_still_learning_might_catch_up(change, learning, verdict):
    changes = {(recalls, "brnn", "bag"): change for recalls in claims.RECALLS}
    results = figures(changes, learning=frozenset([learning]))
    sentence, drawn_verdict = claims.brnn_beats_bag(results)
    assert drawn_verdict == verdict
    assert sentence.endswith(f" {results.titles[learning]}: still learning in its last epochs.")


RARE, HALF = Change(-0.8, -0.9, -0.7), Change(-0.52, -0.6, -0.4)


@pytest.mark.parametrize(
    ("most", "rarest", "verdict"),
    [
        (BETTER, RARE, CONFIRMED),
        (BETTER, HALF, UNDECIDED),
        (BETTER, WORSE, REFUTED),  # somewhat less often than people is not "hardly"
        (WORSE, RARE, REFUTED),
    ],
)
def test_frequent_words_too_often_and_rare_ones_hardly(most, rarest, verdict):
    bands = {"1-10": most, "11-100": WORSE, "101-900": rarest}
    sentence, found = claims.frequent_words_are_written_too_often(
        figures({}, best="gru", bands=bands)
    )
    assert found == verdict
    size = claims.number(1 + rarest.size, 2)
    assert "those of rank 101-900" in sentence and f"{size} times" in sentence
    with pytest.raises(KeyError):
        del bands["101-900"]
        claims.frequent_words_are_written_too_often(figures({}, best="gru", bands=bands))


@pytest.mark.parametrize(
    ("fitting", "verdict"),
    [(80, CONFIRMED), (90, UNDECIDED), (99, REFUTED), (70, UNDECIDED), (50, REFUTED)],
)
def test_many_sentences_fit_but_fewer_than_peoples(fitting, verdict):
    """People's fit in 90 of 100 cases; halfway between chance and these are 70."""
    written, people = (np.arange(1000) % 100 < number for number in (fitting, 90))
    found = figures({}, best="gru", fits=np.array([[written], [people]]).astype(float))
    sentence, found_verdict = claims.many_sentences_fit_not_all(found)
    assert found_verdict == verdict
    assert sentence.startswith(f"{fitting} % of the sentences of GRU") and "90 % have." in sentence
    assert "GRU less 70 %, which is halfway from chance to people" in sentence
    alone = figures({}, best="gru", fits=np.zeros((2, 1, 0)))
    with pytest.raises(KeyError):
        claims.many_sentences_fit_not_all(alone)


def caption(picture: str, sentence: str, *references: str) -> Caption:
    return Caption("gru", 0, "greedy", 1, picture, sentence, list(references), -1.0, 0.0)


def test_a_sentence_and_one_of_peoples_are_held_against_the_same_others():
    captions = [
        caption("a.jpg", "two cats sleep", "A dog runs.", "A dog runs!"),
        caption("b.jpg", "two red cats sleep", "Two cats sleep.", "Two cats sleep!"),
        caption("c.jpg", "no others", "One sentence."),
    ]
    written, people = claims.fits(captions)
    assert sorted(written.tolist()) == [0, 1] and people.tolist() == [1, 1]
    nothing = [caption(f"{name}.jpg", "", "a", "b") for name in "ab"]
    assert claims.fits(nothing)[0].tolist() == [0.5, 0.5]


def test_the_same_sentence_for_all_pictures_fits_half_of_them():
    """Also where the captions come best first, as from `Results.ranked`; people's fit each picture."""
    generator = np.random.default_rng(0)
    verbs, nouns = ["runs", "sleeps", "sits", "jumps"], ["dog", "cat", "man", "child", "bird"]
    captions = []
    for place in range(200):
        people = [f"a {generator.choice(nouns)} {generator.choice(verbs)} on grass"] * 3
        captions.append(caption(f"{place}.jpg", "a dog runs on grass", *people))
    captions.sort(
        key=lambda each: bleu.of_sentence(
            bleu.counts(each.sentence.split(), [each.references[0].split()])
        ),
        reverse=True,
    )
    written, people = claims.fits(captions)
    assert abs(written.mean() - 0.5) < 0.1 and people.mean() > 0.9
    fits = np.stack([written, people])[:, None]
    assert claims.many_sentences_fit_not_all(figures({}, best="gru", fits=fits))[1] == REFUTED


@pytest.mark.parametrize("ends", [(None, None), (0.9, 1.1)])
def test_a_band_without_an_interval_is_undecided(ends):
    low, high = map(claims.excess, ends)
    bands = {"1-10": Change(1.0, low, high), "11-100": WORSE, "101-400": RARE}
    sentence, verdict = claims.frequent_words_are_written_too_often(
        figures({}, best="gru", bands=bands)
    )
    assert verdict == UNDECIDED and "nan" not in sentence


def test_published_recalls_grow_with_the_number_that_counts():
    for row in published.RANKINGS.values():
        for values in (row.annotation, row.search):
            assert 0 < values[0] < values[1] < values[2] < 1
        assert row.annotation[0] > row.search[0]  # one of five sentences is found more easily
    assert max(row.annotation[2] for row in published.RANKINGS.values()) < 0.6
    for row in published.WRITINGS.values():
        assert 0 < row.bleu[3] < row.bleu[2] < row.bleu[1] < row.bleu[0] < 1


def test_distances_from_published_figures():
    ours = [{"mean": 0.2, "low": 0.18, "high": 0.22}] * 2
    assert record.distances(ours, (0.165, 0.205)) == (
        "3.5 points above (outside our interval) and 0.5 points below (inside it)"
    )


def test_flickr8k_is_held_against_published_figures(whole_run, settings, monkeypatch):
    run = Run("made", whole_run, settings, {})
    plain = record.shown(run)
    assert [len(rows) for rows in plain["rankings"].values()] == [len(made_run.MODELS)] * 2
    assert plain["against_paper"] == {}
    monkeypatch.setattr(published, "comparable", lambda *_: True)
    shown, page = record.shown(run), section.section(run)
    rows = [rows[len(made_run.MODELS)] for rows in shown["rankings"].values()]
    assert [row["cells"] for row in rows] == [
        ["16.5", "40.6", "54.2", "7.6"],
        ["11.8", "32.1", "44.7", "12.4"],
    ]
    assert [row for row in shown["writers"] if row["title"] == "The paper: RNN"][0]["cells"][3] == "16.0"  # fmt: skip
    assert "(BRNN, regions) against the paper’s: sentences for" in shown["against_paper"]["ranking"]
    assert "by RMSprop, beam search, 3) against" in shown["against_paper"]["writing"]
    assert [row.bleu[3] for row in page["published_bleu"]][0] == 0.160
    assert page["softness"] == shown["softness"] == [
        "Of 10 regions, a word’s best one has a mean weight of 0.14 (BRNN, regions), 0.14 (RNN, regions) and "
        "0.14 (Bag of words, regions) in the scores by which the network learned, measured on its own test picture; "
        "equal weights would be 0.10.",
    ]  # fmt: skip


@pytest.fixture
def settings(whole_run) -> dict:
    return json.loads((whole_run / "provenance.json").read_text())["config"]


def test_the_section_marks_the_best_of_each_column(whole_run, settings):
    found = section.section(Run("made", whole_run, settings, {}))
    names = [row["title"] for row in found["models"] if row["chosen"]]
    assert names == ["BRNN, regions"]
    for column in range(8):
        means = [row["cells"][column]["mean"] for row in found["models"]]
        best = [row["cells"][column]["mean"] for row in found["models"] if row["cells"][column]["best"]]  # fmt: skip
        assert set(best) == {min(means) if column % 4 == 3 else max(means)}
    assert found["writers"][-1]["title"] == "Retrieval" and not found["writers"][-1]["difference"]
    assert sum(row["chosen"] for row in found["writers"]) == 1
    rates = {"tried": ["0.001", "0.003", "0.01"], "chosen": ["0.003", "0.001"]}
    assert found["rates"][0] == {"title": "RNN by RMSprop"} | rates
    assert found["data"] == {"real": [], "samples": ["drawn scenes"]}
    assert list(found["published"]) == []  # drawn scenes are not Flickr8k
    pictures = json.loads((whole_run / "describe/pictures.json").read_text())["split"]["test"]
    assert (
        f"of sentences their picture ({min(1000 / pictures, 100):.1f} %)" in found["outcome"].words
    )


def test_recall_of_a_random_order():
    """As drawn: of 20 pictures with five sentences each, ten of the hundred sentences."""
    generator = np.random.default_rng(0)
    drawn = [(generator.permutation(100)[:10] < 5).any() for _ in range(4000)]
    facts = {"split": {"test": 20}, "pictures": 100, "sentences": 500}
    annotation, search = section.by_chance(facts)
    assert annotation == pytest.approx(np.mean(drawn), abs=0.02) and search == 0.5
    alone = {"split": {"test": 5}, "pictures": 30, "sentences": 30}
    assert section.by_chance(alone) == (1, 1)


def test_two_runs_side_by_side(whole_run, settings):
    runs = [Run(name, whole_run, settings, {}) for name in ("one", "two")]
    found = compare.compared(runs)
    assert [row["title"] for row in found["models"]][0] == "BRNN, regions"
    assert all(len(row["runs"]) == 2 for row in found["models"] + found["writers"])


def unfinished(trained_run, tmp_path, settings, but: set[str]):
    """The part of a run without some trainings, narrowed; the run, and whether it shows anything."""
    source = tmp_path / "source"
    source.mkdir()
    for path in (trained_run / "describe").iterdir():
        if path.name not in but:
            (source / path.name).symlink_to(path)
    run = Run("made", tmp_path, settings, {})
    return run, partial.narrow(run, source, tmp_path / "describe")


def test_an_unfinished_run_shows_what_is_trained(trained_run, tmp_path, settings):
    """No writer is trained: the alignment models alone."""
    run, there = unfinished(trained_run, tmp_path, settings, set(made_run.WRITERS))
    assert there and len(run.missing) == len(made_run.WRITERS)
    results = Results(tmp_path / "describe", {name: name for name in made_run.NAMES})
    assert results.models == list(made_run.MODELS) and results.best_writer is None
    found = section.section(run)
    assert found["bands"] is None and "curves_writers" not in found["charts"]
    assert (tmp_path / "describe" / "plots" / "recalls.svg").is_file()
    with pytest.raises(KeyError):
        claims.many_sentences_fit_not_all(claims.Figures.read(tmp_path, run.settings))


def test_a_run_that_trained_nothing_shows_nothing(trained_run, tmp_path, settings):
    run, there = unfinished(trained_run, tmp_path, settings, set(made_run.NAMES))
    assert not there and run.missing == ["describe: no model is trained yet"]
