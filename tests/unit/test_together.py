"""Several seeds in one training: each ends as it does alone, whatever happens to the others."""

import json
import signal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from reverie import jobs, provenance
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError
from reverie.training import fit, fit_together

REPOSITORY = Path(__file__).parents[2]
SEEDS = [0, 1, 2]
EPOCHS, STEPS = 6, 4


class Loop:
    """A training whose state is one number, which decides its losses."""

    def __init__(self, seed: int, breaks_at: int | None = None):
        self.value, self.breaks_at, self.steps = np.float32(seed), breaks_at, 0

    def state(self):
        return [np.array([self.value, self.steps])]

    def restore(self, state):
        self.value, self.steps = np.float32(state[0][0]), int(state[0][1])

    def train(self, rows):
        losses = []
        for row in rows:
            self.steps += 1
            self.value = np.float32(np.sin(7 * self.value + row.sum()))
            broken = self.breaks_at is not None and self.steps > self.breaks_at
            losses.append(np.nan if broken else self.value)
        return np.array(losses, np.float32)


class Group:
    """Such trainings as the group of seeds that `fit_together` knows."""

    def __init__(self, loops):
        self.loops = loops

    def state(self):
        return [loop.state() for loop in self.loops]

    def restore(self, states):
        for loop, state in zip(self.loops, states, strict=True):
            loop.restore(state)

    def train(self, rows):
        return np.stack([loop.train(rows[:, k]) for k, loop in enumerate(self.loops)], axis=1)


class Memory:
    """A checkpoint that stays in memory."""

    saved = None

    def load(self):
        return self.saved

    def save(self, *state):
        self.saved = state


def rows_of(seed):
    return lambda epoch: np.random.default_rng([seed, epoch]).integers(0, 9, (STEPS, 3))


def alone(seed, breaks_at=None, epochs=EPOCHS, **options):
    loop = Loop(seed, breaks_at)
    validate = lambda epoch, pause: float(loop.value)  # noqa: E731
    return fit(loop, f"seed {seed}", epochs, rows_of(seed), validate, Memory(), **options)


def together(breaks_at=(None, None, None), epochs=(EPOCHS,) * 3, stop_after=None, **options):
    """With ``stop_after``, stopped by SIGTERM at that call and resumed."""
    checkpoint = Memory()

    def train(stop_after=None):
        group = Group([Loop(seed, last) for seed, last in zip(SEEDS, breaks_at, strict=True)])
        calls, in_calls = [], group.train

        def counted(rows):
            calls.append(rows)
            if len(calls) == stop_after:
                signal.raise_signal(signal.SIGTERM)
            return in_calls(rows)

        group.train = counted
        return fit_together(
            group,
            [f"seed {seed}" for seed in SEEDS],
            list(epochs),
            lambda epoch: np.stack([rows_of(seed)(epoch) for seed in SEEDS], axis=1),
            lambda epoch, pause: [float(loop.value) for loop in group.loops],
            checkpoint,
            **options,
        )

    if stop_after:
        with pytest.raises(SystemExit, match="^seed 0, seed 1, seed 2: stopped in epoch "):
            train(stop_after)
    return train()


def assert_equal(one, other):
    def lines(trained):
        return [line | {"seconds": 0} for line in trained.history]

    assert lines(one) == lines(other)
    assert one.kept.keys() == other.kept.keys()
    states = [
        [one.best, one.last, *one.kept.values()],
        [other.best, other.last, *other.kept.values()],
    ]
    for a, b in zip(*states, strict=True):
        assert np.array_equal(a, b)


BROKEN = None, 2 * STEPS + 1, 3 * STEPS  # the second in the third epoch, the last in the fourth


@pytest.mark.parametrize("stop_after", [None, 1, 5, 6])
@pytest.mark.parametrize("breaks_at", [(None,) * 3, BROKEN], ids=["whole", "broken"])
def test_each_seed_ends_as_alone(breaks_at, stop_after, capsys):
    options = {"patience": 2, "keep": [1, 4]}
    trained = together(breaks_at, stop_after=stop_after, **options)
    said = capsys.readouterr().out
    lengths = []
    for seed, last, of_seed in zip(SEEDS, breaks_at, trained, strict=True):
        assert_equal(of_seed, alone(seed, last, **options))
        lengths.append(len(of_seed.history))
    assert len(set(lengths)) > 1  # not all end in the same epoch
    for line in capsys.readouterr().out.splitlines():
        if "the training ends" in line.lower():
            assert said.count(line) == 1


def test_each_seed_has_its_own_number_of_epochs():
    trained = together(epochs=(2, 5, 3))
    for seed, epochs, of_seed in zip(SEEDS, (2, 5, 3), trained, strict=True):
        assert_equal(of_seed, alone(seed, epochs=epochs))


def test_one_seed_that_learns_nothing_fails_the_job_by_its_name():
    with pytest.raises(ReverieError, match="^seed 1: the loss is not a number from step 3 of 4 in"):
        together((None, 2, None))


def test_records_and_logs_are_those_of_jobs_for_each_seed(tmp_path):
    logs = [tmp_path / f"seed{seed}.log" for seed in SEEDS]
    logs[2].with_suffix(".json").write_text("of an earlier run")
    snakemake = SimpleNamespace(
        rule="train_forecaster",
        log=logs,
        input={},
        wildcards={"variant": "gru"},
        resources={"estimated_seconds": 90},
        params=SimpleNamespace(code="x"),
    )
    with jobs.job(snakemake) as record:
        assert not logs[2].with_suffix(".json").exists()
        record["seeds"] = SEEDS
        print("learned")
    records = [json.loads(log.with_suffix(".json").read_text()) for log in logs]
    assert [record["wildcards"] for record in records] == [
        {"variant": "gru", "seed": str(seed)} for seed in SEEDS
    ]
    assert all((record["estimate"], record["together"]) == (30, SEEDS) for record in records)
    assert all(log.read_text() == "learned\n" for log in logs)
    (job,) = provenance.whole_jobs(records)  # of which a report shows the time once
    assert (job["estimate"], job["wildcards"]["seed"]) == (90, "0, 1, 2 together")
    assert job["seconds"] == pytest.approx(3 * records[0]["seconds"])


def test_only_jax_trains_together():
    raw = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    with pytest.raises(ConfigError, match="together: only the backend jax can; set `backend: jax`"):
        load(raw | {"together": True})
    assert load(raw | {"together": True, "backend": "jax"}).together
