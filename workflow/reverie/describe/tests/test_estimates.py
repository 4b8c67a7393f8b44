"""How long the trainings will take, by the settings."""

from pathlib import Path

import yaml
from reverie.config.model import load
from reverie.describe import estimates, selection
from reverie.estimates import STARTING

LECTURE = Path(__file__).parents[4] / "config.yaml"


def seconds(**describe):
    raw = yaml.safe_load(LECTURE.read_text())
    raw["describe"] |= describe
    settings = load(raw).model_dump(mode="json")
    return settings, {
        (rule, *wildcards.values()): guess
        for rule, wildcards, guess in estimates.jobs(settings, LECTURE)
    }


def test_every_network_is_estimated_and_larger_ones_take_longer():
    settings, whole = seconds()
    assert len(whole) == 1 + 3 * 9
    assert whole["train_aligner", "brnn", "0"] > whole["train_aligner", "rnn", "0"]
    assert whole["train_aligner", "bag", "0"] > whole["train_aligner", "bag_whole", "0"]
    one_seed = [guess for (*_, last), guess in whole.items() if last in ("0", "compute_features")]
    assert 30 * 60 < sum(one_seed) < 150 * 60
    _, quick = seconds(most=1400, seeds=[0], select=["brnn"], max_epochs=1)
    assert list(quick) == [("compute_features",), ("train_aligner", "brnn", "0")]
    assert all(guess < whole[name] / 2 for name, guess in quick.items())
    assert "title" not in selection.networks(settings, "models")["brnn"]


def test_own_sentences_are_counted(tmp_path):
    """A tenth of Flickr8k's takes about a tenth of its time."""
    table = tmp_path / "sentences.csv"
    table.write_text("picture,sentence\n" + "a.jpg,A dog runs.\n" * 4_000)
    _, whole = seconds()
    _, own = seconds(folder=str(tmp_path), table=str(table))
    for job, guess in own.items():
        assert 0.09 < (guess - STARTING) / (whole[job] - STARTING) < 0.11
