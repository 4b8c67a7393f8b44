"""A run of forecasts without training: the files that a workflow would leave."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from reverie.forecast import blending, evaluation, series, trained, variants

NAMES = ("mlp", "gru", "gru_dropout", "conv1d", "gru_residual", "linear", "blend")


def make(root: Path, folder: Path, config: dict, generator) -> None:
    time = pd.date_range("2021-01-01", periods=24 * 370, freq="h")
    hours = np.arange(len(time))
    level = 5 + np.sin(hours / 24 * 2 * np.pi) + np.cumsum(generator.normal(0, 0.1, len(time)))
    table = pd.DataFrame({"Date Time": time.strftime("%d.%m.%Y %H:%M:%S"), "T (degC)": level})
    table["p (mbar)"] = generator.normal(1000, 9, len(time))
    table.loc[7700, "p (mbar)"] = -9999
    table.to_csv(root / "gauge.csv", index=False)
    folder.mkdir(parents=True)
    origin = {"source": "gauge.csv", "sha256": "7" * 64, "sample": False}
    spans = {"forecast.lookback": "2 days", "forecast.step": "1 hour", "forecast.delay": "24 hours"}
    series.prepare(
        paths=[root / "gauge.csv"], settings=config["series"], split={"train": 0.5, "validation": 0.7},
        spans=spans, batch=32, origin=origin,
        series_file=folder / "series.npz", facts_file=folder / "series.json",
    )  # fmt: skip
    with np.load(folder / "series.npz") as saved:
        values = saved["values"][:, int(saved["target"])]
    parts = json.loads((folder / "series.json").read_text())["split"]
    for place, name in enumerate(NAMES[:-1]):
        (folder / name).mkdir()
        (folder / name / "model.json").write_text(json.dumps({"parameters": 1000 + place}))
        for seed in (0, 1):
            training = folder / name / f"seed{seed}"
            training.mkdir()
            for split in ("val", "test"):
                row = np.arange(parts[split][0], parts[split][1])
                target = values[row + 24]
                noise = generator.normal(0, 0.1 + 0.1 * place, (2, len(row))).astype(np.float32)
                np.savez(
                    training / f"predictions_{split}.npz",
                    row=row, target=target, prediction=target + noise[0],
                    prediction_last=target + 1.1 * noise[1],
                )  # fmt: skip
            lines = [
                f"{e},{0.4 - 0.02 * e},{0.3 + 0.01 * (e - 3) ** 2},{9 + place}" for e in range(1, 6)
            ]
            history = "\n".join(["epoch,loss,val_loss,seconds", *lines]) + "\n"
            (training / "history.csv").write_text(history)
            if name == "linear":  # is fitted once
                (folder / name / "model.json").unlink()
                (training / "history.csv").unlink()
                (training / "fitted.json").write_text(json.dumps({"parameters": 9}))
                break
    settings = {"forecast": config}
    seeds = variants.seeds(settings)
    members = {name: seeds.get(name, []) for name in variants.blends(settings)["blend"]}
    blending.blend(
        name="blend",
        target=evaluation.read_target(folder / "series.npz", "2 days", "1 hour", "24 hours"),
        members=trained.trainings(folder, members),
        folder=folder / "blend" / "seed0",
    )
