"""The report's part on the text: what its template is filled with."""

import json
import math
from pathlib import Path
from statistics import mean, stdev

from markupsafe import Markup, escape

from reverie.histories import best_epoch, read_history
from reverie.report import embedded
from reverie.report.part import Outcome
from reverie.report.run import Run
from reverie.report.words import layer, number
from reverie.tables import read_table
from reverie.text import charts
from reverie.text.report import claims

SHOWN = 110  # characters of a sample on the first screen


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    folder, config = run.folder / "text", run.settings["text"]
    histories = {seed: read_history(folder / f"seed{seed}") for seed in config["seeds"]}
    best = {seed: best_epoch(lines) for seed, lines in histories.items()}
    corpus = json.loads((folder / "corpus.json").read_text())
    model = json.loads((folder / f"seed{config['seeds'][0]}" / "model.json").read_text())
    name = Path(corpus["source"]).name
    samples = marked_samples(folder)
    bits = spread([line["bits_per_char"] for line in best.values()])
    return {
        "outcome": outcome(bits, samples, best, config["seeds"][0]),
        "config": config,
        "corpus": corpus,
        "about": run.about(None if config["corpus"] else config["asset"]),
        "data": {
            "real": [] if corpus["sample"] else [name],
            "samples": ["docstrings"] if corpus["sample"] else [],
        },
        "nietzsche": not claims.own(run.settings),
        "bits": bits,
        "uniform": math.log2(corpus["vocabulary"]),
        "epochs": {
            seed: (best[seed]["epoch"], lines[-1]["epoch"]) for seed, lines in histories.items()
        },
        "explosions": explosions(histories, config["epochs"]),
        "parameters": model["parameters"],
        "layers": [layer(spec) for spec in config["layers"]],
        "drawn": model["steps"] * config["batch"] * max(map(len, histories.values())),
        "prompts": grouped(samples),
        "charts": {name: chart.page() for name, chart in charts.by_temperature(folder).items()},
        "tables": {
            name: embedded.table(folder / f"{name}.csv") for name in ("metrics", "comparisons")
        },
    }


def outcome(bits: str, samples: list[dict], best: dict[int, dict], seed: int) -> Outcome:
    """For the first screen: the loss, and how a sample near temperature 0.5 begins."""
    written = [s for s in samples if (s["seed"], s["epoch"]) == (seed, best[seed]["epoch"])]
    sample = min(written, key=lambda s: abs((s["temperature"] or 0) - claims.MIDDLE))
    text = " ".join(sample["text"].split())
    if len(text) > SHOWN:
        text = text[:SHOWN].rsplit(" ", 1)[0]
    return Outcome(
        number=bits,
        words="bits per character on held-out text.",
        detail=f"It writes, {described(sample)}: “…{text}…”",
    )


def described(sample: dict) -> str:
    """How a sample was drawn, in words."""
    method = method_of(sample)
    return method if method == "greedy" else f"at temperature {method}"


def spread(values: list[float], digits: int = 2) -> str:
    """ "2.61" or, over several seeds, "2.61 ± 0.02"."""
    if len(values) == 1:
        return number(values[0], digits)
    return f"{number(mean(values), digits)} ± {number(stdev(values), digits)}"


def explosion(lines: list[dict]) -> tuple[dict, dict, dict] | None:
    """The epoch at which the training loss rose far above what it had been, None if it did not.

    Before it stands the epoch with the lowest loss until then, after it the one with the highest from then on.
    """
    lowest = lines[0]
    for line in lines:
        if line["loss"] > lowest["loss"] + claims.EXPLODED:
            worst = max(lines[line["epoch"] - 1 :], key=lambda later: later["loss"])
            return lowest, line, worst
        lowest = min(lowest, line, key=lambda epoch: epoch["loss"])
    return None


def is_over(line: dict, exploded: tuple[dict, dict, dict] | None) -> bool:
    """Whether the loss of an epoch is that of an explosion."""
    if not exploded or line["epoch"] < exploded[1]["epoch"]:
        return False
    return line["loss"] > exploded[0]["loss"] + claims.EXPLODED


def explosions(histories: dict[int, list[dict]], epochs: int) -> list[str]:
    """A sentence for each seed whose training loss exploded, or was lost."""
    sentences = []
    for seed, lines in histories.items():
        if exploded := explosion(lines):
            lowest, first, worst = exploded
            sentences.append(
                f"With seed {seed} the training loss exploded at epoch {first['epoch']}: it was "
                f"{lowest['loss']:.2f} after epoch {lowest['epoch']} and reached {worst['loss']:.2f} "
                f"at epoch {worst['epoch']}."
            )
        if len(lines) < epochs:
            sentences.append(
                f"With seed {seed} the loss became NaN after epoch {len(lines)}; training ended there "
                f"instead of at epoch {epochs}."
            )
    return sentences


def marked_samples(folder: Path) -> list[dict]:
    """The samples with their measures, the `spans` of invented words, and `marked`, the text with these in bold."""
    lines = (folder / "samples.jsonl").read_text().splitlines()
    spans = json.loads((folder / "invented.json").read_text())
    samples = []
    for line, invented, measured in zip(
        lines, spans, read_table(folder / "metrics.csv"), strict=True
    ):
        sample = json.loads(line)
        measures = {
            "invented": float(measured["invented_words"]) if measured["invented_words"] else None,
            "distinct": float(measured["distinct_3grams"]),
            "copied": int(measured["longest_copy"]),
        }
        words = {"spans": invented, "marked": marked(sample["text"], invented)}
        samples.append(sample | measures | words)
    return samples


def marked(text: str, spans: list[list[int]]) -> Markup:
    """The text, escaped, with the spans in bold."""
    html, end = Markup(), 0
    for start, stop in spans:
        html += escape(text[end:start]) + Markup("<b>{}</b>").format(text[start:stop])
        end = stop
    return html + escape(text[end:])


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
        group["rows"].setdefault(method_of(sample), []).append(sample)
    return list(groups.values())


def method_of(sample: dict) -> str:
    """How it was drawn: its temperature, or "greedy"."""
    return "greedy" if sample["temperature"] is None else f"{sample['temperature']:g}"
