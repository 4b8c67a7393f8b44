"""The report's part on the text: what its template is filled with."""

import csv
import json
import math
from pathlib import Path
from statistics import mean, stdev

from markupsafe import Markup, escape

from reverie.report.remarks import CONFIRMED, REFUTED, TASTE, UNDECIDED, both
from reverie.report.words import layer, number, share
from reverie.text import trained

SLIDE = "Character-level LSTM Generation"
EXPLODED = 0.25  # nats above the lowest training loss so far
NEAR = 0.2  # what counts as around a temperature


def section(run: Path, settings: dict) -> dict:
    """All that `text.html` shows of the run in the folder ``run``."""
    folder, config = run / "text", settings["text"]
    histories = {seed: trained.history(folder / f"seed{seed}") for seed in config["seeds"]}
    best = {seed: trained.best(lines) for seed, lines in histories.items()}
    corpus = json.loads((folder / "corpus.json").read_text())
    samples = marked_samples(folder)
    model = json.loads((folder / f"seed{config['seeds'][0]}" / "model.json").read_text())
    return {
        "config": config,
        "corpus": corpus,
        "nietzsche": config["corpus"] is None and config["asset"] == "nietzsche",
        "bits": spread([line["bits_per_char"] for line in best.values()]),
        "uniform": math.log2(corpus["vocabulary"]),
        "epochs": {
            seed: (best[seed]["epoch"], lines[-1]["epoch"]) for seed, lines in histories.items()
        },
        "explosions": explosions(histories, config["epochs"]),
        "parameters": model["parameters"],
        "layers": [layer(spec) for spec in config["layers"]],
        "drawn": model["steps"] * config["batch"] * max(map(len, histories.values())),
        "prompts": grouped(samples),
        "remarks": remarks(
            folder, config["sampling"], {(best[seed]["epoch"], seed) for seed in best}
        ),
    }


def read(file: Path) -> list[dict]:
    with open(file, newline="") as table:
        return list(csv.DictReader(table))


def spread(values: list[float]) -> str:
    """ "2.61" or, over several seeds, "2.61 ± 0.02"."""
    if len(values) == 1:
        return number(values[0], 2)
    return f"{number(mean(values), 2)} ± {number(stdev(values), 2)}"


def explosions(histories: dict[int, list[dict]], epochs: int) -> list[str]:
    """A sentence for each seed whose training loss rose far above what it had been, or was lost."""
    said = []
    for seed, lines in histories.items():
        lowest = lines[0]
        for line in lines:
            if line["loss"] > lowest["loss"] + EXPLODED:
                worst = max(lines[line["epoch"] - 1 :], key=lambda later: later["loss"])
                said.append(
                    f"With seed {seed} the training loss exploded at epoch {line['epoch']}: it had been "
                    f"{lowest['loss']:.2f} after epoch {lowest['epoch']} and came to {worst['loss']:.2f} "
                    f"at epoch {worst['epoch']}."
                )
                break
            lowest = min(lowest, line, key=lambda one: one["loss"])
        if len(lines) < epochs:
            said.append(
                f"With seed {seed} the loss was not a number any more after epoch {len(lines)}, "
                f"where the training ended instead of at epoch {epochs}."
            )
    return said


def marked_samples(folder: Path) -> list[dict]:
    """The samples with `marked`, their text with invented words in bold, and their measures."""
    lines = (folder / "samples.jsonl").read_text().splitlines()
    spans = json.loads((folder / "invented.json").read_text())
    found = []
    for line, new, measured in zip(lines, spans, read(folder / "metrics.csv"), strict=True):
        sample = json.loads(line)
        measures = {
            "invented": float(measured["invented_words"]) if measured["invented_words"] else None,
            "distinct": float(measured["distinct_3grams"]),
            "copied": int(measured["longest_copy"]),
        }
        found.append(sample | measures | {"marked": marked(sample["text"], new)})
    return found


def marked(text: str, spans: list[list[int]]) -> Markup:
    """The text, escaped, with the spans in bold."""
    found, done = Markup(), 0
    for start, end in spans:
        found += escape(text[done:start]) + Markup("<b>{}</b>").format(text[start:end])
        done = end
    return found + escape(text[done:])


def grouped(samples: list[dict]) -> list[dict]:
    """By seed and prompt: `seed, prompt, epochs, rows`; a row has `method` and a sample an epoch."""
    groups: dict[tuple, dict] = {}
    for sample in samples:
        group = groups.setdefault(
            (sample["seed"], sample["prompt"]),
            {"seed": sample["seed"], "prompt": sample["prompt"], "epochs": [], "rows": {}},
        )
        if sample["epoch"] not in group["epochs"]:
            group["epochs"].append(sample["epoch"])
        name = "greedy" if sample["temperature"] is None else f"{sample['temperature']:g}"
        group["rows"].setdefault(name, []).append(sample)
    return list(groups.values())


def remarks(folder: Path, sampling: dict, best: set[tuple[int, int]]) -> list[dict]:
    """What the slides say of temperature, measured at every seed's best epoch.

    ``best`` holds these epochs, each with its seed.
    """
    differences = {
        (line["measure"], float(line["temperature"]), float(line["against"])): tuple(
            float(line[key]) if line[key] else math.nan for key in ("change", "low", "high")
        )
        for line in read(folder / "comparisons.csv")
    }
    temperatures = sorted(sampling["temperatures"])
    cold, hot = temperatures[0], min(temperatures, key=lambda t: abs(t - 1))
    middle = min(temperatures, key=lambda t: abs(t - 0.5))
    found = []
    if cold < hot:
        colds = [0.0, cold] if sampling["greedy"] else [cold]
        repeats = [differences["repeated_3grams", one, hot] for one in colds]
        said = " and ".join(
            f"{points(change)} {'greedy' if one == 0 else f'at {one:g}'}"
            for one, change in zip(colds, repeats, strict=True)
        )
        found.append(
            {
                "remark": "Low temperature results in repetitive text",
                "measured": "The share of 3-grams that stood in the sample before is higher than at "
                f"temperature {hot:g}, by {said}.",
                "verdict": both(*map(above, repeats)),
            }
        )
        invents = differences["invented_words", hot, cold]
        found.append(
            {
                "remark": "Higher temperatures create new words",
                "measured": f"The share of words that the corpus lacks is higher at {hot:g} than at {cold:g}, by {points(invents)}.",
                "verdict": above(invents),
            }
        )
    if abs(middle - 0.5) <= NEAR:
        here = [
            line
            for line in read(folder / "metrics.csv")
            if line["temperature"]
            and float(line["temperature"]) == middle
            and (int(line["epoch"]), int(line["seed"])) in best
        ]
        corpus = json.loads((folder / "reference.json").read_text())["distinct_3grams"]
        invented = mean(float(line["invented_words"] or 0) for line in here)
        distinct = mean(float(line["distinct_3grams"]) for line in here)
        found.append(
            {
                "remark": "Somewhere around 0.5 is the most interesting",
                "measured": f"At {middle:g}, {share(invented)} of the words are invented and "
                f"{share(distinct)} of the 3-grams differ from each other; in the corpus itself "
                f"{share(corpus)} do.",
                "verdict": TASTE,
            }
        )
    return [{"slide": SLIDE} | remark for remark in found]


def points(change: tuple[float, float, float]) -> str:
    """ "31 percentage points (95 % interval 20 to 38)"."""
    size, low, high = (100 * value for value in change)
    if math.isnan(low):
        return f"{number(size, 0)} percentage points"
    return (
        f"{number(size, 0)} percentage points (95 % interval {number(low, 0)} to {number(high, 0)})"
    )


def above(change: tuple[float, float, float]) -> str:
    """Verdict on "is more"."""
    _, low, high = change
    return CONFIRMED if low > 0 else REFUTED if high < 0 else UNDECIDED
