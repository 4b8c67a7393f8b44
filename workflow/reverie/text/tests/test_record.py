"""The text on record: what is said of its seeds, and what stands beside what."""

import pytest
from reverie.text.report import record as text
from reverie.text.report import section


def history(*losses: float) -> list[dict]:
    return [
        {"epoch": epoch, "loss": loss, "val_loss": loss, "seconds": 9.0}
        for epoch, loss in enumerate(losses, 1)
    ]


def ended(*losses: list[float], epochs: int = 4) -> tuple[dict, dict, dict]:
    """Histories of seeds, their explosions, and the last epoch of those that became NaN."""
    histories = {seed: history(*lines) for seed, lines in enumerate(losses)}
    exploded = {seed: section.explosion(lines) for seed, lines in histories.items()}
    lost = {seed: len(lines) for seed, lines in histories.items() if len(lines) < epochs}
    return histories, exploded, lost


SOUND, EARLY, LATE = [2.0, 1.5, 1.4, 1.3], [2.0, 1.5, 9.0, 9.0], [2.0, 1.5, 1.4, 9.0]


@pytest.mark.parametrize(
    ("losses", "sentence", "cell"),
    [
        ([SOUND], "did not explode within 4 epochs.", "none of 4"),
        ([SOUND] * 3, "did not explode within 4 epochs with any of 3 seeds.", "none of 4"),
        ([LATE], "exploded at epoch 4; the", "4 (seed 0)"),
        (
            [LATE, [2.0, 9.0, 9.0, 9.0], EARLY],
            "exploded with 3 of 3 seeds, at epochs 2, 3 and 4; the",
            "4 (seed 0), 2 (seed 1), 3 (seed 2)",
        ),
        (
            [EARLY, SOUND, EARLY],
            "exploded with 2 of 3 seeds, at epoch 3; the",
            "3 (seed 0), 3 (seed 2), none of 4 with the other seed",
        ),
        (
            [SOUND, LATE, SOUND],
            "exploded with 1 of 3 seeds, at epoch 4; the",
            "4 (seed 1), none of 4 with the other seeds",
        ),
        (
            [EARLY, SOUND[:2], LATE],
            "exploded with 2 of 3 seeds, at epochs 3 and 4, and became NaN with 1 of 3 seeds, after epoch 2; the",
            "3 (seed 0), NaN after 2 (seed 1), 4 (seed 2)",
        ),
        (
            [EARLY[:3]],
            "exploded at epoch 3, and became NaN after epoch 3; the",
            "3 and NaN after 3 (seed 0)",
        ),
    ],
)
def test_how_the_losses_of_the_seeds_ended(losses, sentence, cell):
    histories, exploded, lost = ended(*losses)
    assert f"Its training loss {sentence}" in text.told(histories, exploded, lost)
    assert text.ends(histories, exploded, lost, 4) == cell


def written(seeds: dict[int, list[int]], shares: dict[int, float] | None = None) -> list[dict]:
    """A greedy sample and one at 0.5 of each seed and epoch; ``shares`` of invented words by epoch."""
    return [
        {
            "seed": seed,
            "epoch": epoch,
            "temperature": heat,
            "prompt": "it",
            "text": f"s{seed}e{epoch}",
            "spans": [],
            "invented": (shares or {}).get(epoch, 0.5),
            "distinct": 0.5,
        }
        for seed, epochs in seeds.items()
        for epoch in epochs
        for heat in (None, 0.5)
    ]


SAMPLING = {"seeds": [0, 1, 2], "sampling": {"epochs": [2, 4]}}


def test_samples_of_the_best_epoch_stand_beside_the_others():
    best = {0: 3, 1: 3, 2: 2}
    samples = written({seed: sorted({2, 4, best[seed]}) for seed in best})
    _, exploded, lost = ended(LATE, LATE, LATE)
    shown = text.beside(samples, SAMPLING, exploded, lost, best)
    assert shown["columns"] == {
        2: "epoch 2",
        4: "epoch 4, after the explosion",
        3: "best epoch, 3",
    }
    assert shown["rows"]["0.5"] == {2: "s0e2", 3: "s0e3", 4: "s0e4"}
    # A seed that neither exploded nor ended early comes first; its best epoch may be one of the configured.
    _, exploded, lost = ended(LATE, SOUND[:3], SOUND)
    shown = text.beside(samples, SAMPLING, exploded, lost, best)
    assert (shown["seed"], shown["columns"]) == (2, {2: "epoch 2, the best", 4: "epoch 4"})


def test_measures_of_the_best_epoch_are_those_of_every_seed():
    best = {0: 3, 1: 3, 2: 2}
    samples = written({seed: sorted({2, 4, best[seed]}) for seed in best}, {2: 0.1, 3: 0.4, 4: 0.9})
    found = text.measures(samples, SAMPLING, {(0, 4)}, best, lectures=False)
    assert [column["title"] for column in found["columns"]] == ["epoch 2", "epoch 4", "best epoch"]
    cells = [cell["invented"].split(" (")[0] for cell in found["rows"]["greedy"]]
    assert cells == ["10 %", "90 %", "30 %"]
    assert found["without"] == ["seed 0 at epoch 4"]
    together = text.measures(samples, SAMPLING, set(), dict.fromkeys(best, 2), lectures=False)
    assert [column["title"] for column in together["columns"]] == ["epoch 2, the best", "epoch 4"]
    few = text.measures(
        written({0: [1, 3]}), SAMPLING, set(), {0: 1}, lectures=False
    )  # none of the configured epochs
    assert [column["title"] for column in few["columns"]] == ["epoch 3", "best epoch"]


def test_the_slides_figures_stand_beside_their_epochs_only():
    samples = written(dict.fromkeys(range(3), [20, 30, 60]))
    config = SAMPLING | {"sampling": {"epochs": [20, 60]}}
    found = text.measures(samples, config, set(), dict.fromkeys(range(3), 30), lectures=True)
    assert found["slides"] == 2
    assert [cell.get("slides") for cell in found["rows"]["0.5"]] == ["8 %", "4 %", None]
    assert [cell.get("slides") for cell in found["rows"]["greedy"]] == ["–", "–", None]
