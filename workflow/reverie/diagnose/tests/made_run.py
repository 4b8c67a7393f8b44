"""A run of diagnoses without training: the files that a workflow would leave."""

import json
from pathlib import Path

import numpy as np
from reverie.diagnose import episodes, preparation, simulated, tasks
from reverie.histories import write_history

NAMES = ["base_rate", "mlp_features", "lstm", "lstm_tr", "lstm_mlp_mean"]
STAYS = 150


def prepared(sources, tasks_: list[str], seed: int, folder: Path, own=False) -> None:
    """What the rules up to `summarize_episodes` write."""
    files = folder / "episodes.npz", folder / "read.json"
    preparation.read(sources, own, *files)
    cohort = episodes.load(files[0])
    for name in tasks_:
        task = preparation.derive(name, cohort, 48, sources[1][0])
        task.save(folder / f"{name}.npz")
    first = tasks.load(folder / f"{tasks_[0]}.npz")
    facts = json.loads(files[1].read_text())
    preparation.summarize(cohort, first, own, seed, facts, folder / "episodes.json")


def make(folder: Path, settings: dict, generator) -> None:
    files = folder / "stays.tar.gz", folder / "outcomes.txt"
    folder.mkdir(parents=True)
    simulated.write_records(files[0], "a", STAYS)
    simulated.write_outcomes(files[1], "a", STAYS)
    origin = {"source": "simulated", "sha256": "7" * 64, "sample": True}
    prepared([(file, origin) for file in files], settings["tasks"], settings["seeds"][0], folder)
    for file in files:
        file.unlink()
    truth = tasks.load(folder / "conditions.npz").truth
    for name, noise in {
        "base_rate": None,
        "mlp_features": 1.0,
        "lstm": 0.8,
        "lstm_tr": 0.7,
    }.items():
        for seed in settings["seeds"]:
            training = folder / "conditions" / name / f"seed{seed}"
            training.mkdir(parents=True)
            logits = np.tile(np.log(truth.mean(axis=0) + 0.01), (len(truth), 1))
            if noise:
                logits = 2 * truth - 2 + generator.normal(0, noise, truth.shape)
                lines = [
                    {"epoch": e, "loss": 0.5 - 0.05 * e, "val_loss": 0.5 - 0.03 * e, "seconds": 2.0}
                    for e in (1, 2, 3)
                ]
                write_history(training, lines)
            probability = 1 / (1 + np.exp(-logits))
            np.savez(training / "predictions.npz", probability=probability, parameters=99)
