"""Forecast what comes after the end of a series, by a run's variants: `python -m reverie.forecast`.

Prints the forecast of each variant and of the naive forecasts, with an interval from its errors on the
run's validation part, and how well both did on the test part.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from reverie import commands, devices
from reverie.config.fields import did_you_mean
from reverie.errors import ReverieError
from reverie.forecast import newest, variants
from reverie.forecast.recommendation import SUPPORTED, why_naive
from reverie.report.run import facts_of


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reverie.forecast", description=__doc__)
    parser.add_argument("--run", help="folder of a run, as results/quick; default: the newest")
    parser.add_argument(
        "--series",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="a newer file with the columns of the run's series, or several that follow each other",
    )
    parser.add_argument("--variant", metavar="NAME", help="this variant alone; default: all")
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FOLDER",
        help="also write each network, as <name>.keras for plain Keras and <name>.json about its inputs",
    )
    return parser.parse_args()


def main() -> None:
    options = arguments()
    folder = commands.trained_run(options.run, "forecast", "*/seed*/predictions_test.npz")
    config = facts_of(folder)["config"]
    newest.refuse_outdated(folder)
    run = newest.Run.read(folder, config)
    names = selected(run, options.variant)
    ended = newest.of_files(run, options.series) if options.series else newest.of_run(run)
    newest.refuse_end(run, ended, names)
    forecasters = run.forecasters(names)
    if any(map(run.is_network, forecasters)):
        devices.use(config["backend"], 1)
        with devices.quiet():  # TensorFlow prints while it is imported, whatever its log level
            from reverie.forecast import plain_keras

    rows = newest.rows_to_forecast(run, ended, names)
    naive = newest.by_naive(run, ended, rows)
    quantiles = naive | {
        name: (newest.by_network if run.is_network(name) else newest.by_fit)(run, ended, name, rows)
        for name in tqdm(forecasters, "forecasting", leave=False, disable=None)
    }
    forecasts = {name: values[:, run.levels(name).index(0.5)] for name, values in quantiles.items()}
    for name in set(names) & run.blends.keys():
        forecasts[name] = newest.by_blend(run, name, forecasts)
        quantiles[name] = forecasts[name][:, None]
    forecasts = {name: forecasts[name] for name in [*names, *naive]}
    intervals = {name: newest.intervals(run, name, quantiles[name][-1:]) for name in forecasts}
    count, newer = newest.newer_errors(run, ended, rows, forecasts)
    print(heading(run, ended))
    print()
    print(table(run, {name: values[-1] for name, values in forecasts.items()}, intervals, newer))
    print()
    print(explanation(run, ended, count, variants.titles(config)))
    for name in names if options.save else []:
        if run.is_network(name):
            print(f"saved: {plain_keras.save(run, name, options.save)}")
        else:
            what = "weights are" if name in run.blends else "fit is"
            print(f"not saved: {name} is no network; its {what} in {run.folder / name}")


def selected(run: newest.Run, variant: str | None) -> list[str]:
    """The variants to forecast with, the one with the lowest validation error first."""
    if variant is None:
        return sorted(run.trainings, key=run.validation_error)
    if variant not in run.trainings:
        similar = did_you_mean(variant, run.trainings)
        raise ReverieError(f"{run.folder.parent} has no variant {variant!r}{similar}")
    return [variant]


def heading(run: newest.Run, ended: newest.Series) -> str:
    delay = run.rows(run.settings)[2] * run.facts["interval_minutes"] * 60
    last = ended.time[-1]
    return (
        f"{run.facts['target']} at {newest.clock(last + delay)}, {run.settings['delay']} after the last "
        f"row of {ended.source} ({newest.clock(last)}), by {run.folder.parent}:"
    )


def table(
    run: newest.Run,
    forecasts: dict[str, float],
    intervals: dict[str, dict[float, np.ndarray]],
    newer: dict[str, float],
) -> str:
    """The forecasts in the target's unit, each with its interval and its record, as aligned text.

    ``intervals`` are those of :func:`newest.intervals`, ``newer`` the mean errors since the run; both,
    like the forecasts, are normalised.
    """
    facts = run.facts
    unit, mean, std = facts["unit"], *(facts[key][facts["target"]] for key in ("mean", "std"))
    typical = float(run.record("naive", "test")["mae_unit_mean"])
    digits = max(0, 2 - int(np.floor(np.log10(typical)))) if typical else 2
    rows = {}
    for name, forecast in forecasts.items():
        record = run.record(name, "test")
        rows[name] = {
            f"forecast, {unit}": f"{mean + std * forecast:.{digits}f}",
            **{
                f"{100 * share:.3g}% interval": " to ".join(
                    f"{mean + std * end:.{digits}f}" for end in ends[0]
                )
                for share, ends in intervals[name].items()
            },
            f"test error, {unit}": f"{float(record['mae_unit_mean']):.{digits}f}",
            "against naive": against_naive(record) if name != "naive" else "",
        }
        if newer:
            rows[name][f"newer error, {unit}"] = f"{std * newer[name]:.{digits}f}"
    text = pd.DataFrame.from_dict(rows, orient="index").fillna("").to_string(col_space=16)
    return "\n".join(map(str.rstrip, text.splitlines()))


def against_naive(record: dict) -> str:
    """How much the error differs from the naive forecast's, with interval, and what the data support."""
    change, low, high = (record[key] for key in ("vs_naive", "vs_naive_low", "vs_naive_high"))
    interval = f" ({float(low):+.1%} to {float(high):+.1%})" if low else ""
    supported = SUPPORTED[record["beats_naive"]] if float(change) else "the same"
    return f"{float(change):+.1%}{interval}, {supported}"


def recommendation_of(run: newest.Run, titles: dict[str, str]) -> str:
    """Which forecast is recommended, and why."""
    best = run.recommended()
    error = f"{float(run.summary[best, 'val']['mae_unit_mean']):.3g} {run.facts['unit']}"
    if best == "naive":
        first = f"naive, {error} on validation. {why_naive(run.summary['naive', 'val'])}"
        return "\n".join([first, *run.what_would_help(titles)])
    return (
        f"{best} ({titles[best]}), whose validation error of {error} is the lowest of those surely "
        "better than naive there."
    )


def explanation(run: newest.Run, ended: newest.Series, newer: int, titles: dict[str, str]) -> str:
    """What the numbers in the table are; ``newer`` windows have a truth that is not in the run."""
    best = run.recommended()
    if best not in run.corrections:  # an ensemble has the intervals of its members
        best = best.removesuffix("_ensemble")
    trained = min(filter(run.is_network, run.trainings), key=run.validation_error, default=None)
    networks = ""
    if trained:
        first, *others = run.trainings[trained]
        seeds = ", ".join(map(str, [first, *others]))
        which = f"the mean over seeds {seeds}, each" if others else f"seed {first}"
        networks = f"Networks: {which} at its best epoch.\n"
    refitted = [name for name in run.trainings if run.variants.get(name, {}).get("refit")]
    also = f"Trained on the validation part too: {', '.join(refitted)}.\n" if refitted else ""
    since = f"Newer error: on the {newer:,} newest windows with a truth that is not in the run.\n"
    return (
        f"Recommended: {recommendation_of(run, titles)}\n"
        "Interval: from the errors on the validation part; on the test part, that of "
        f"{best} held {run.corrections[best].held[0]:.0%} of the truths (others: coverage.csv).\n"
        "Test error, and its change against naive with a 95% interval: as in summary.csv.\n"
        f"{since if newer else ''}"
        f"{also}"
        f"{networks}"
        "As in training, they read up to one of their steps before the last row.\n"
        "naive repeats the value of that row, naive_delay that of the last row."
    )


if __name__ == "__main__":
    commands.run(main)
