"""The text on record: what is kept of it, its loss beside the published one, and its samples."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, median

import numpy as np
from markupsafe import Markup

from reverie.bootstrap import half_width, prediction_half_width
from reverie.histories import best_epoch, read_history
from reverie.report.run import Run, copy_files
from reverie.report.words import digits, listed, markdown, number, share
from reverie.text.report import claims, published, section

FILES = [
    "corpus.json",
    "samples.jsonl",
    "metrics.csv",
    "comparisons.csv",
    "invented.json",
    "reference.json",
    "prompts.json",
    "plots/curves.svg",
]
DIGITS = 3  # of losses
LONG = 25  # characters that a table shows without a break
SHOWN = 0.5  # temperature of the samples before and after an explosion


def keep(run: Run, folder: Path) -> None:
    """Copy the samples, their measures and the histories."""
    histories = [f"seed{seed}/history.csv" for seed in run.settings["text"]["seeds"]]
    copy_files(run.folder / "text", folder, FILES + histories)


def shown(run: Run) -> dict:
    """All that `record.md` shows of the run."""
    folder, config = run.folder / "text", run.settings["text"]
    histories = {seed: read_history(folder / f"seed{seed}") for seed in config["seeds"]}
    at_best = {seed: best_epoch(lines) for seed, lines in histories.items()}
    best = {seed: line["epoch"] for seed, line in at_best.items()}
    exploded = {seed: section.explosion(lines) for seed, lines in histories.items()}
    samples = section.marked_samples(folder)
    bits = section.spread([line["bits_per_char"] for line in at_best.values()], DIGITS)
    over = {
        (seed, line["epoch"])
        for seed, lines in histories.items()
        for line in lines
        if section.is_over(line, exploded[seed])
    }
    sample = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))["sample"]
    lectures = not claims.own(run.settings) and not sample
    lost = {seed: len(lines) for seed, lines in histories.items() if len(lines) < config["epochs"]}
    return {
        "lectures": lectures,
        "published": published,
        "config": config,
        "histories": histories,
        "bits": bits,
        "best": epochs_in_words(best.values()),
        "lowest": lowest(histories),
        "against_book": against_book(histories) if lectures else "",
        "explosions": section.explosions(histories, config["epochs"]),
        "exploded": {
            seed: explosion[1]["epoch"] for seed, explosion in exploded.items() if explosion
        },
        "ends": ends(histories, exploded, lost, config["epochs"]),
        "recovered": [
            seed
            for seed, lines in histories.items()
            if exploded[seed] and (seed, lines[-1]["epoch"]) not in over
        ],
        "losses": losses(histories, exploded, over, lectures),
        "around": around(samples, exploded, over),
        "samples": beside(samples, config, exploded, lost, best),
        "measures": measures(samples, config, over, best, lectures),
        "corpus": json.loads((folder / "reference.json").read_text())["distinct_3grams"],
        "speeds": speeds(histories) if lectures else [],
        "short": Markup(
            f"The network needs **{bits} bits** for a character of held-out text. {told(histories, exploded, lost)}"
        ),
    }


def speeds(histories: dict[int, list[dict]]) -> list[dict]:
    """Seconds of the middle epoch, and what is published."""
    here = median(line["seconds"] for lines in histories.values() for line in lines)
    there = f"{published.BOOK_SECONDS} on a GPU (the book), {published.KERAS_IO['seconds']} on a newer one (keras.io)"
    return [{"title": "Text", "here": digits(here), "published": there}]


def lowest(histories: dict[int, list[dict]]) -> dict:
    """The lowest training loss over seeds, and the epochs at which it was reached."""
    lines = [min(lines, key=lambda line: line["loss"]) for lines in histories.values()]
    return {
        "loss": section.spread([line["loss"] for line in lines], 4),
        "epochs": epochs_in_words(line["epoch"] for line in lines),
    }


def epochs_in_words(epochs: Iterable[int]) -> str:
    """Each epoch once: "epoch 56", "epochs 56, 58 and 59"."""
    each = sorted({*epochs})
    return f"epoch{'s' * (len(each) > 1)} {listed(each)}"


def told(histories: dict[int, list[dict]], exploded: dict, lost: dict[int, int]) -> str:
    """Whether the late explosion of the loss happened, in a sentence.

    ``lost`` is the last epoch of seeds whose loss became NaN after it.
    """
    epochs, seeds = max(map(len, histories.values())), len(histories)
    first = [explosion[1]["epoch"] for explosion in exploded.values() if explosion]
    happened = []
    for what, which, where in (("exploded", first, "at"), ("became NaN", lost.values(), "after")):
        if which:
            of = f" with {len(which)} of {seeds} seeds," if seeds > 1 else ""
            happened.append(f"{what}{of} {where} {epochs_in_words(which)}")
    if not happened:
        return f"Its training loss did not explode within {epochs} epochs{f' with any of {seeds} seeds' * (seeds > 1)}."
    return f"Its training loss {', and '.join(happened)}; the best weights were kept."


def ends(histories: dict, exploded: dict, lost: dict[int, int], epochs: int) -> str:
    """The epochs at which the loss of each seed exploded or became NaN, for a table."""
    cells = []
    for seed in histories:
        happened = [str(exploded[seed][1]["epoch"])] if exploded[seed] else []
        happened += [f"NaN after {lost[seed]}"] if seed in lost else []
        if happened:
            cells.append(f"{listed(happened)} (seed {seed})")
    if others := len(histories) - len(cells):
        which = f" with the other seed{'s' * (others > 1)}" if cells else ""
        cells.append(f"none of {epochs}{which}")
    return ", ".join(cells)


def against_book(histories: dict[int, list[dict]]) -> str:
    """How the lowest training loss lies to the book's, which is judged like one more seed of ours."""
    book, values = published.BOOK[published.BOOK_BEST], []
    for lines in histories.values():
        values.append(min(line["loss"] for line in lines))
    epochs = max(map(len, histories.values()))
    change = mean(values) / book - 1
    size = f"{abs(100 * change):.1f} % {'lower' if change < 0 else 'higher'} than the book’s"
    if epochs < published.BOOK_BEST:
        return f"The lowest training loss is {size}, after {epochs} epochs instead of {published.BOOK_BEST}."
    if len(values) < 2:
        judged = "; one seed cannot tell whether that is more than chance"
    else:
        half = prediction_half_width(np.array(values))
        where = "within" if abs(mean(values) - book) <= half else "outside"
        judged = f", which is {where} what one more seed may give (± {number(half, 3)})"
    return (
        f"The lowest training loss is {size}{judged}. Ours is trained on 95 % of the text, in full batches "
        "only, and every seed draws its batches anew; the book’s is a single training on all of it. The gates "
        "of Keras’ LSTM are sigmoids today; in Keras 2.0.8, the book’s, they were piecewise linear."
    )


def losses(histories: dict, exploded: dict, over: set, lectures: bool) -> list[dict]:
    """By epoch: the book's training loss, and ours with the bits per character of held-out text."""
    last = max(map(len, histories.values()))
    epochs = {1, last, *(published.BOOK if lectures else range(10, last, 10))}
    for lines in histories.values():
        epochs.add(best_epoch(lines)["epoch"])
    for explosion in filter(None, exploded.values()):
        epochs |= {line["epoch"] for line in explosion}
    rows = []
    for epoch in sorted(epoch for epoch in epochs if epoch <= last):
        lines = [lines[epoch - 1] if epoch <= len(lines) else None for lines in histories.values()]
        rows.append(
            {
                "epoch": epoch,
                "book": published.BOOK.get(epoch) if lectures else None,
                "loss": [line and line["loss"] for line in lines],
                "bits": [line and line["bits_per_char"] for line in lines],
                "over": [(seed, epoch) in over for seed in histories],
            }
        )
    return rows


def prompts(samples: list[dict], seed: int) -> list[dict]:
    """The samples of a seed after the first prompt."""
    mine = [sample for sample in samples if sample["seed"] == seed]
    return [sample for sample in mine if sample["prompt"] == mine[0]["prompt"]]


def around(samples: list[dict], exploded: dict, over: set) -> list[dict]:
    """The last sample before and the first after each explosion, at the temperature nearest to 0.5."""
    pairs = []
    for seed, explosion in exploded.items():
        mine = [sample for sample in prompts(samples, seed) if sample["temperature"]]
        if not (explosion and mine):
            continue
        near = min((sample["temperature"] for sample in mine), key=lambda heat: abs(heat - SHOWN))
        mine = [sample for sample in mine if sample["temperature"] == near]
        before = [sample for sample in mine if sample["epoch"] < explosion[1]["epoch"]]
        after = [sample for sample in mine if (seed, sample["epoch"]) in over]
        if before and after:
            last, first = max(before, key=epoch_of), min(after, key=epoch_of)
            pairs.append(
                {
                    "seed": seed,
                    "temperature": f"{near:g}",
                    "epochs": [last["epoch"], first["epoch"]],
                    "texts": [written(last), written(first)],
                }
            )
    return pairs


def epoch_of(sample: dict) -> int:
    return sample["epoch"]


def written(sample: dict) -> Markup:
    """A sample's text as Markdown on one line, with invented words in bold."""
    parts, end = [], 0
    for start, stop in sample["spans"]:
        parts += [
            breakable(sample["text"][end:start]),
            "**",
            breakable(sample["text"][start:stop]),
            "**",
        ]
        end = stop
    return Markup("".join([*parts, breakable(sample["text"][end:])]).strip())


def breakable(text: str) -> str:
    """Text as Markdown, with places to break the endless words of an exploded network."""
    return markdown(re.sub(rf"(\S{{{LONG}}})(?=\S)", "\\1\u200b", text))


def kept_epochs(samples: list[dict], config: dict) -> list[int]:
    """The configured epochs that have samples; without any, the last that has."""
    there = sorted({sample["epoch"] for sample in samples})
    return [epoch for epoch in there if epoch in config["sampling"]["epochs"]] or there[-1:]


def beside(samples: list[dict], config: dict, exploded: dict, lost: dict, best: dict) -> dict:
    """The samples of one seed after the first prompt: `seed, prompt, columns, rows`, a row a temperature.

    Of a seed whose loss has not exploded, where there is one. `columns` are headings by epoch.
    """
    sound = [seed for seed in config["seeds"] if not exploded[seed] and seed not in lost]
    seed = (sound or config["seeds"])[0]
    mine = prompts(samples, seed)
    columns = {epoch: f"epoch {epoch}" for epoch in kept_epochs(mine, config)}
    if best[seed] in columns:
        columns[best[seed]] += ", the best"
    else:
        columns[best[seed]] = f"best epoch, {best[seed]}"
    for epoch in columns:
        if exploded[seed] and epoch >= exploded[seed][1]["epoch"]:
            columns[epoch] += ", after the explosion"
    rows: dict[str, dict] = {}
    for sample in mine:
        rows.setdefault(section.method_of(sample), {})[sample["epoch"]] = written(sample)
    return {"seed": seed, "prompt": mine[0]["prompt"], "columns": columns, "rows": rows}


def measures(samples: list[dict], config: dict, over: set, best: dict, lectures: bool) -> dict:
    """Invented words and distinct 3-grams by temperature and epoch, over all prompts and seeds.

    Without seeds whose loss has exploded by then; at the best epoch, each seed's own, of every seed.
    """
    epochs = kept_epochs(samples, config)
    sound = [s for s in samples if (s["seed"], s["epoch"]) not in over]
    columns = [
        {"title": f"epoch {epoch}", "epoch": epoch, "of": [s for s in sound if s["epoch"] == epoch]}
        for epoch in epochs
    ]
    at_best = [s for s in samples if s["epoch"] == best[s["seed"]]]
    same = [column for column in columns if {*best.values()} == {column["epoch"]}]
    if same:
        same[0]["title"] += ", the best"
    else:
        columns.append({"title": "best epoch", "epoch": None, "of": at_best})
    slides = published.SLIDES if lectures else {}
    for column in columns:
        column["slides"] = column["epoch"] in {epoch for epoch, _ in slides}
    rows: dict[str, list] = {}
    for method, heat in {section.method_of(s): s["temperature"] for s in samples}.items():
        for column in columns:
            mine = [s for s in column["of"] if section.method_of(s) == method]
            cell = {name: over_seeds(mine, name) for name in ("invented", "distinct")}
            if column["slides"]:
                bold, every = slides.get((column["epoch"], heat), (None, None))
                cell["slides"] = share(bold / every) if every else "–"
            rows.setdefault(method, []).append(cell)
    without = sorted({(s["seed"], s["epoch"]) for s in samples if s["epoch"] in epochs} & over)
    return {
        "columns": columns,
        "rows": rows,
        "slides": sum(column["slides"] for column in columns),
        "without": [f"seed {seed} at epoch {epoch}" for seed, epoch in without],
    }


def over_seeds(samples: list[dict], measure: str) -> str:
    """The mean share over seeds, with Student's interval for several of them."""
    seeds: dict[int, list[float]] = {}
    for sample in samples:
        if sample[measure] is not None:
            seeds.setdefault(sample["seed"], []).append(sample[measure])
    means = np.array([mean(values) for values in seeds.values()])
    if not len(means):
        return "–"
    if len(means) < 2:
        return share(means[0])
    if not half_width(means):  # all seeds are equal, which says nothing of others
        return share(means.mean())
    low, high = np.clip(means.mean() + half_width(means) * np.array([-1, 1]), 0, 1)
    return f"{share(means.mean())} ({100 * low:.0f} to {100 * high:.0f})"
