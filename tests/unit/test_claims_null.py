"""Every remark where nothing is behind it: runs without an effect are confirmed or refuted in at
most about one case of twenty.

"Not much" and "about as good" have their null at the edge of what is much. A verdict on two claims
at once is simulated with both at their edges.
"""

import itertools
from functools import cache

import numpy as np
import pytest
from reverie.bootstrap import block_means, interval
from reverie.describe import frequency, ranking
from reverie.describe.evaluation import RESAMPLES
from reverie.describe.evaluation import Judged as Described
from reverie.describe.kinds import RETRIEVAL
from reverie.describe.report import claims as describe
from reverie.diagnose.evaluation import Judged
from reverie.diagnose.report import claims as diagnose
from reverie.dream.report import claims as dream
from reverie.forecast.evaluation import Scored, change
from reverie.forecast.report import claims as forecast
from reverie.report import claims as table
from reverie.report.verdicts import CONFIRMED, MUCH, REFUTED, TASTE, UNDECIDED, Change
from reverie.text import measures
from reverie.text.report import claims as text
from scipy import stats

RUNS = 500
MOST = int(
    stats.binom.ppf(0.999, RUNS, 0.05)
)  # 41: of honest verdicts, one test in a thousand fails
BLOCKS, BLOCK, ALIKE = 20, 6, 2  # windows in a block, and windows whose errors are alike
CLAIMS = {
    claim[2]: name
    for name, part in table.PARTS.items()
    if part.claims
    for claim in part.claims.CLAIMS
}


def weather_of(generator) -> np.ndarray:
    """How hard each window is to forecast, (runs, 1, windows)."""
    spells = generator.gamma(9, 1 / 9, (RUNS, 1, BLOCKS * BLOCK // ALIKE))
    return np.repeat(spells, ALIKE, axis=2)


@cache
def changes(seeds: int, ratio: float, number: int) -> list[Change]:
    """Of two networks whose errors truly have this ratio, but for the weather and the seed.

    With one seed the interval is about those two trainings, which then have no luck of their own.
    ``number`` tells apart what is drawn independently.
    """
    generator = np.random.default_rng([seeds, round(100 * ratio), number])
    weather = weather_of(generator)
    luck = 0.02 if seeds > 1 else 0
    errors = [
        level * weather * generator.gamma(9, 1 / 9, (RUNS, seeds, BLOCKS * BLOCK))
        * (1 + generator.normal(0, luck, (RUNS, seeds, 1)))
        for level in (ratio, 1)
    ]  # fmt: skip
    means = [
        np.concatenate([block_means(part, BLOCK) for part in np.split(error.mean(axis=1), 10)])
        for error in errors
    ]
    return [
        Change(
            *change(
                *(
                    Scored(error[run].mean(axis=1), mean[run], BLOCKS)
                    for error, mean in zip(errors, means, strict=True)
                )
            )[:3]
        )
        for run in range(RUNS)
    ]


def paired(seeds: int, ratio: float, *keys: tuple[str, str], split: str = "test"):
    """Runs in which each of these pairs of networks has the same true ratio of errors."""
    drawn = [changes(seeds, ratio, number) for number in range(len(keys))]
    for found in zip(*drawn, strict=True):
        yield {
            (one, "best", other, "" if other == "naive" else "best", split): change
            for (one, other), change in zip(keys, found, strict=True)
        }


def forecasts(changes=None, errors=None, histories=None):
    steps = {"conv1d_gru": "30 minutes", "conv1d_gru_longer.lookback-10-days": "1 hour"}
    return forecast.Figures(changes or {}, errors or {}, histories or {}, steps)


def compared(ratio: float, *keys: tuple[str, str], split: str = "test"):
    return lambda seeds: map(forecasts, paired(seeds, ratio, *keys, split=split))


def history(generator, epochs=20, rise=0.0, second=30.0, noise=0.01) -> dict[str, np.ndarray]:
    """Epochs of a training: validation falls at first and then moves about, training goes on falling.

    ``rise`` is that of the validation loss from the middle third to the last.
    """
    epoch = np.arange(epochs)
    wander = generator.normal(0, noise, epochs)
    for place in range(1, epochs):
        wander[place] += 0.5 * wander[place - 1]
    level = 0.27 * np.where(epoch >= epochs - epochs // 3, 1 + rise, 1)
    early = np.where(epoch < epochs // 3, 0.05 / (1 + epoch), 0)
    return {
        "val_loss": level * (1 + wander) + early,
        "loss": 0.3 - 0.003 * epoch + generator.normal(0, 0.002, epochs),
        "seconds": second * np.exp(generator.normal(0, 0.1) + generator.normal(0, 0.2, epochs)),
    }


def trained(seeds: int, **networks: dict):
    """Histories of every network, of all runs."""
    generator = np.random.default_rng(seeds)
    for _ in range(RUNS):
        yield {
            name: [history(generator, **given) for _ in range(seeds)]
            for name, given in networks.items()
        }


def errors_of_a_third(seeds: int):
    """The error of a network that is 0.3 in truth, from each seed's interval over weeks."""
    generator = np.random.default_rng(seeds)
    weather = weather_of(generator)
    luck = generator.normal(0, 0.02 if seeds > 1 else 0, (RUNS, seeds, 1))
    errors = 0.3 * weather * (1 + luck) * generator.gamma(9, 1 / 9, (RUNS, seeds, BLOCKS * BLOCK))
    for run in errors:
        lines = [
            (one.mean(), *interval(one.mean(), block_means(one, BLOCK), BLOCKS)) for one in run
        ]
        yield forecasts(errors={("mlp", "val"): forecast.over_seeds_and_weeks(np.array(lines))})


def stabler(seeds: int):
    networks = trained(seeds, gru={}, gru_dropout={"epochs": 40})
    pairs = paired(seeds, 1 - MUCH, ("gru_dropout", "gru"))
    return (
        forecasts(pair, histories=histories)
        for pair, histories in zip(pairs, networks, strict=True)
    )


def faster(seeds: int):
    networks = trained(seeds, gru_dropout={}, conv1d_gru={"second": 30 / forecast.FASTER})
    pairs = paired(seeds, 1, ("conv1d_gru", "gru_dropout"))
    return (
        forecasts(pair, histories=histories)
        for pair, histories in zip(pairs, networks, strict=True)
    )


def shares(generator, count: int) -> np.ndarray:
    """Of the 70 words of some samples, whose probability differs from sample to sample."""
    return generator.binomial(70, generator.beta(4, 36, count)) / 70


def written(seeds: int):
    """Texts that are alike at all temperatures; of one seed there are five samples."""
    generator = np.random.default_rng(seeds)
    for _ in range(RUNS):
        heats = {heat: shares(generator, 5 if seeds == 1 else seeds) for heat in (0.0, 0.2, 1.0)}
        differences = {
            (measure, one, other): Change(*measures.difference(heats[one], heats[other]))
            for measure in ("invented_words", "repeated_3grams")
            for one, other in itertools.permutations(heats, 2)
        }
        sample = {"temperature": "0.5", "invented_words": "0.1", "distinct_3grams": "0.7"}
        yield text.Figures([0.2, 0.5, 1.0], True, [sample], differences, 0.7)


def converging(seeds: int):
    """Training losses that fall by just as much as a reader would call much."""
    generator = np.random.default_rng(seeds)
    for _ in range(RUNS):
        fall = -MUCH + generator.normal(0, 0.004, (seeds, 1))
        late = np.arange(60) >= 40
        losses = 1.4 * (1 + fall * late) * (1 + generator.normal(0, 0.002, (seeds, 60)))
        yield text.Figures([], False, [], {}, 0.7, seeds, [*losses])


class Dreamt(dream.Figures):
    """Two dreams of 20 tiles that keep as much detail as each other."""

    def __init__(self, generator):
        self.generator = generator

    def kept(self):
        variance = self.generator.gamma(3, 1, 20)
        return [
            np.stack([0.6 * variance * self.generator.gamma(9, 1 / 9, 20), variance])
            for _ in range(2)
        ]

    def sheet(self):
        return "sky", [{"layer": "mixed0", "wavelength": "4.1"}]

    def title(self, name):
        return name


def dreamt(seeds: int):
    generator = np.random.default_rng(seeds)
    return (Dreamt(generator) for _ in range(RUNS))


PATIENTS = 1200  # test patients


def diagnosed(measure: str, *pairs: tuple[str, str]):
    """Pairs of models that are equally good, but for their patients and, with several seeds, the seed.

    Each seed has patients of its own, whom a bootstrap draws again.
    """

    def runs(seeds: int):
        generator = np.random.default_rng([seeds, len(pairs)])
        names = {name for pair in pairs for name in pair}
        for _ in range(RUNS):
            differences = {}
            for pair in pairs:
                luck = generator.normal(0, 0.004 if seeds > 1 else 0, seeds)
                found = luck + generator.normal(0, 0.01, seeds)
                samples = found[:, None] + generator.normal(0, 0.01, (seeds, 400))
                differences[measure, *pair] = Change(*Judged(found, samples, PATIENTS).interval())
            settings = {name: {"kind": name.split("_")[0], "slide": name} for name in names}
            titles, chosen_by = {name: name for name in names}, dict.fromkeys(names, 0.8)
            yield diagnose.Figures(differences, {}, chosen_by, titles, settings)

    return runs


def ensembles(*others: str):
    """The slide's models, equally good but for their patients and the seed; the best ones are chosen.

    What a training was lucky in is the same on validation and test patients, and the patients are others.
    """

    def runs(seeds: int):
        generator = np.random.default_rng([seeds, len(others)])
        names = [*diagnose.ENSEMBLES, *others]
        settings = {name: {"slide": name, "of": []} for name in names}
        for _ in range(RUNS):
            luck = generator.normal(0, 0.003 if seeds > 1 else 0, (len(names), seeds))
            chosen, found = luck + generator.normal(0, 0.007, (2, len(names), seeds))
            samples = found[..., None] + generator.normal(0, 0.007, (len(names), seeds, 400))
            judged = {
                name: Judged(*values, PATIENTS)
                for name, *values in zip(names, found, samples, strict=True)
            }
            differences = {
                (diagnose.AUC, one, other): Change(*(judged[one] - judged[other]).interval())
                for one in diagnose.ENSEMBLES
                for other in others
            }
            chosen_by = dict(zip(names, chosen.mean(axis=1).tolist(), strict=True))
            titles = {name: name for name in names}
            yield diagnose.Figures(differences, {}, chosen_by, titles, settings)

    return runs


PICTURES = 200  # test pictures


def described(measures: list[str], *pairs: tuple[str, str]):
    """Pairs of models or writers that are equally good, but for their pictures and the seed.

    All seeds have the same test pictures, which a bootstrap draws again.
    """

    def runs(seeds: int):
        generator = np.random.default_rng([seeds, len(pairs), len(measures)])
        weights = ranking.resampled(PICTURES, RESAMPLES) / PICTURES
        names = {name: name for pair in pairs for name in pair}
        for _ in range(RUNS):
            differences = {}
            for pair in pairs:
                hard = generator.normal(0, 0.1, PICTURES)  # in all measures
                for measure in measures:
                    pictures = hard + generator.normal(0, 0.1, PICTURES)
                    luck = generator.normal(0, 0.02 if seeds > 1 else 0, seeds)
                    samples = weights @ pictures + luck[:, None]
                    judged = Described(pictures.mean() + luck, samples, PICTURES)
                    differences[measure, *pair] = Change(*judged.interval())
            # Between the ends of those tried, so that the comparison counts.
            rates = {name: [{0.001: 2.0, 0.003: 1.0, 0.01: 3.0}] * seeds for name in names}
            yield describe.Figures(differences, names, "gru", rates)

    return runs


def written_as_people_write_but_for_half_of_the_rare_words(seeds: int):
    """Sentences with frequent words as often as in people's, and rare ones at the edge of "hardly".

    Both but for chance. People have words outside the vocabulary, which no band counts.
    """
    generator = np.random.default_rng(seeds)
    weights = ranking.resampled(PICTURES, 200)
    for _ in range(RUNS):
        people = generator.multinomial(50, [0.45, 0.36, 0.09, 0.1], PICTURES)[:, :3]
        samples = []
        for _ in range(seeds):
            ours = generator.multinomial(10, [0.5, 0.45, 0.05], PICTURES)
            samples.append(
                np.concatenate(
                    [frequency.excess(ours, people), frequency.excess(ours, people, weights)]
                )
            )
        samples = np.stack(samples)  # (seeds, 1 + resamples, bands)
        bands = {
            str(band): Change(
                *(end - 1 for end in Described(found[:, 0], found[:, 1:], PICTURES).interval())
            )
            for band, found in enumerate(np.moveaxis(samples, 2, 0))
        }
        yield describe.Figures({}, {"gru": "gru"}, "gru", bands=bands)


def written_as_people_or_halfway(seeds: int):
    """Sentences that fit as often as people's in one run, halfway from chance to them in the next."""
    generator = np.random.default_rng(seeds)
    for run in range(RUNS):
        people = generator.beta(9, 1, PICTURES)  # how probably a sentence fits its picture
        written = (0.5 + people) / 2 if run % 2 else people
        luck = generator.normal(0, 0.02 if seeds > 1 else 0, (seeds, 1))
        fits = np.stack(
            [
                generator.random((seeds, PICTURES)) < written + luck,
                np.broadcast_to(generator.random(PICTURES) < people, (seeds, PICTURES)),
            ]
        )
        yield describe.Figures({}, {"gru": "gru"}, "gru", fits=fits.astype(float))


def overfitting(**networks):
    return lambda seeds: (forecasts(histories=found) for found in trained(seeds, **networks))


TWICE = ("conv1d_gru", "conv1d_gru_longer.lookback-10-days")
NULLS = {
    forecast.mlp_errs_by_more: errors_of_a_third,
    forecast.mlp_is_worse_than_naive: compared(1, ("mlp", "naive"), split="val"),
    forecast.gru_is_better: compared(1, ("gru", "naive"), ("gru", "mlp")),
    forecast.gru_overfits: overfitting(gru={}),
    forecast.dropout_is_stabler_and_not_much_better: stabler,
    forecast.stacking_overfits_more: overfitting(
        stacked_gru={"epochs": 40, "rise": 0.03}, gru_dropout={"epochs": 40, "rise": 0.03}
    ),
    forecast.bidirectional_is_about_as_good: compared(1 + MUCH, ("bidirectional_gru", "gru")),
    forecast.the_skill_is_chronological: compared(
        1, ("gru_reversed", "gru"), ("gru_reversed", "naive")
    ),
    forecast.dropout_before_impedes_learning: compared(1, ("dropout_gru", "gru")),
    forecast.convnet_does_not_beat_naive: compared(1, ("conv1d", "naive")),
    forecast.convnet_ignores_order: compared(1 - MUCH, ("conv1d_shuffled", "conv1d")),
    forecast.conv_gru_is_faster_and_not_as_good: faster,
    forecast.twice_as_much_data_does_not_help: compared(1 - MUCH, TWICE),
    text.low_is_repetitive: written,
    text.high_invents_words: written,
    text.half_is_the_most_interesting: written,
    text.has_converged: converging,
    dream.deeper_layers_dream_objects: dreamt,
    dream.details_must_be_put_back: dreamt,
    diagnose.target_replication_helps: diagnosed(
        diagnose.AUC, ("lstm_tr", "lstm"), ("lstm_do_tr", "lstm_do")
    ),
    diagnose.dropout_narrows_the_gap: diagnosed(
        diagnose.GAP, ("lstm_do", "lstm"), ("lstm_do_tr", "lstm_tr")
    ),
    diagnose.auxiliary_outputs_narrow_the_gap: diagnosed(
        diagnose.GAP, ("lstm_ao_rarer", "lstm"), ("lstm_ao_categories", "lstm")
    ),
    diagnose.weight_decay_narrows_the_gap: diagnosed(
        diagnose.GAP, ("lstm_do_tr_decay", "lstm_do_tr")
    ),
    diagnose.lstm_beats_mlp: diagnosed(diagnose.AUC, ("lstm_do_tr", "mlp_features")),
    diagnose.ensemble_is_best: ensembles("mlp_features", "lstm", "lstm_tr", "lstm_do_tr"),
    describe.brnn_beats_bag: described(describe.RECALLS, ("brnn", "bag")),
    describe.regions_beat_the_whole_picture: described(describe.RECALLS, ("brnn", "brnn_whole")),
    describe.writing_beats_retrieval: described(["bleu_4"], ("gru", RETRIEVAL)),
    describe.rmsprop_is_best: described(
        ["bleu_4"], ("rnn_rmsprop", "rnn_adam"), ("rnn_rmsprop", "rnn_sgd")
    ),
    describe.frequent_words_are_written_too_often: written_as_people_write_but_for_half_of_the_rare_words,
    describe.many_sentences_fit_not_all: written_as_people_or_halfway,
    diagnose.indicators_help: diagnosed(diagnose.AUC, ("lstm_do_tr_indicators", "lstm_do_tr")),
}


CASES = [
    pytest.param(claim, seeds, id=f"{part}-{claim.__name__}-{seeds}")
    for claim, part in CLAIMS.items()
    for seeds in ((1,) if part == "dream" else (1, 3))
]


@pytest.mark.parametrize(("claim", "seeds"), CASES)
def test_a_remark_without_an_effect_is_left_undecided(claim, seeds):
    assert claim in NULLS, "a new remark needs runs in which nothing is behind it"
    verdicts = [claim(run)[1] for run in NULLS[claim](seeds)]
    assert len(verdicts) == RUNS
    assert set(verdicts) <= {CONFIRMED, REFUTED, UNDECIDED, TASTE}
    assert sum(verdict in (CONFIRMED, REFUTED) for verdict in verdicts) <= MOST


def test_the_simulations_would_notice():
    """With a verdict from the estimate alone nearly all of them are decided."""
    runs = [change.size > 0 for change in changes(3, 1, 0)]
    assert min(sum(runs), RUNS - sum(runs)) > MOST


@pytest.mark.parametrize(("claim", "effect"), [
    (forecast.gru_overfits, overfitting(gru={"rise": 0.05})),
    (forecast.stacking_overfits_more, overfitting(
        stacked_gru={"epochs": 40, "rise": 0.08}, gru_dropout={"epochs": 40})),
    (forecast.convnet_does_not_beat_naive, compared(1.25, ("conv1d", "naive"))),
])  # fmt: skip
def test_an_effect_of_the_lectures_size_is_seen_with_three_seeds(claim, effect):
    verdicts = [claim(run)[1] for run in effect(3)]
    assert verdicts.count(CONFIRMED) > 0.8 * RUNS
    assert verdicts.count(REFUTED) == 0
