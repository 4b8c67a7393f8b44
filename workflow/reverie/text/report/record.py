"""The text on record: what is kept of it, its loss beside the published one, and its samples."""

import json
import re
from pathlib import Path
from statistics import mean, median

import numpy as np
from markupsafe import Markup

from reverie.bootstrap import half_width
from reverie.histories import best_epoch, read_history
from reverie.report.run import Run, copy_files
from reverie.report.words import digits, markdown, number, share
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
    best = {seed: best_epoch(lines) for seed, lines in histories.items()}
    exploded = {seed: section.explosion(lines) for seed, lines in histories.items()}
    samples = section.marked_samples(folder)
    bits = section.spread([line["bits_per_char"] for line in best.values()], DIGITS)
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
        "best": {seed: line["epoch"] for seed, line in best.items()},
        "lowest": lowest(histories),
        "against_book": against_book(histories) if lectures else "",
        "explosions": section.explosions(histories, config["epochs"]),
        "exploded": {
            seed: explosion[1]["epoch"] for seed, explosion in exploded.items() if explosion
        },
        "lost": lost,
        "recovered": [
            seed
            for seed, lines in histories.items()
            if exploded[seed] and (seed, lines[-1]["epoch"]) not in over
        ],
        "losses": losses(histories, exploded, over, lectures),
        "around": around(samples, exploded, over),
        "samples": beside(samples, config, exploded),
        "measures": measures(samples, config, over, lectures),
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
        "loss": section.spread([line["loss"] for line in lines], DIGITS),
        "epochs": [line["epoch"] for line in lines],
    }


def told(histories: dict[int, list[dict]], exploded: dict, lost: dict[int, int]) -> str:
    """Whether the late explosion of the loss happened, in a sentence.

    ``lost`` is the last epoch of seeds whose loss became NaN after it.
    """
    count, epochs = sum(map(bool, exploded.values())), max(map(len, histories.values()))
    seeds = len(histories)
    if lost:
        after = " and ".join(map(str, sorted({*lost.values()})))
        return f"Its training loss became NaN with {len(lost)} of {seeds} seeds, after epoch {after}; the best weights were kept."
    if not count:
        return f"Its training loss did not explode within {epochs} epochs{f', with none of {seeds} seeds' * (seeds > 1)}."
    first = sorted(explosion[1]["epoch"] for explosion in exploded.values() if explosion)
    when = f"at epoch{'s' * (count > 1)} {' and '.join(map(str, first))}"
    of = f" with {count} of {seeds} seeds" if seeds > 1 else ""
    return f"Its training loss exploded{of}, {when}; the best weights were kept."


def against_book(histories: dict[int, list[dict]]) -> str:
    """How the lowest training loss lies to the book's, judged by the spread over seeds."""
    book, values = published.BOOK[published.BOOK_BEST], []
    for lines in histories.values():
        values.append(min(line["loss"] for line in lines))
    epochs = max(map(len, histories.values()))
    change = mean(values) / book - 1
    size = f"{abs(100 * change):.1f} % {'lower' if change < 0 else 'higher'} than the book’s"
    if epochs < published.BOOK_BEST:
        return f"The lowest training loss is {size}, after {epochs} epochs instead of {published.BOOK_BEST}."
    half = half_width(np.array(values))
    why = (
        "Ours is trained on 95 % of the text, in full batches only, and every seed draws its batches anew; "
        "the book’s is a single training on all of it."
    )
    if len(values) < 2:
        return f"The lowest training loss is {size}; one seed cannot tell whether that is more than chance. {why}"
    if abs(mean(values) - book) <= half:
        return f"The lowest training loss is {size}, which is within the interval over seeds (± {number(half, 3)})."
    return f"The lowest training loss is {size}, which is outside the interval over seeds (± {number(half, 3)}). {why}"


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


def beside(samples: list[dict], config: dict, exploded: dict) -> dict:
    """The samples of one seed after the first prompt: `seed, prompt, epochs, rows`, a row a temperature.

    Of a seed whose loss has not exploded, where there is one. Epochs are the configured ones, or all.
    """
    seed = next((seed for seed, explosion in exploded.items() if not explosion), config["seeds"][0])
    mine = prompts(samples, seed)
    there = sorted({sample["epoch"] for sample in mine})
    epochs = [epoch for epoch in there if epoch in config["sampling"]["epochs"]] or there
    rows: dict[str, dict] = {}
    for sample in mine:
        rows.setdefault(section.method_of(sample), {})[sample["epoch"]] = written(sample)
    return {"seed": seed, "prompt": mine[0]["prompt"], "epochs": epochs, "rows": rows}


def measures(samples: list[dict], config: dict, over: set, lectures: bool) -> dict:
    """Invented words and distinct 3-grams by temperature and epoch, over all prompts and seeds.

    Without seeds whose loss has exploded by then.
    """
    there = sorted({sample["epoch"] for sample in samples})
    epochs = [epoch for epoch in there if epoch in config["sampling"]["epochs"]] or there
    without = sorted({(s["seed"], s["epoch"]) for s in samples if s["epoch"] in epochs} & over)
    sound = [s for s in samples if (s["seed"], s["epoch"]) not in over]
    slides = published.SLIDES if lectures else {}
    rows: dict[str, list] = {}
    for method in dict.fromkeys(section.method_of(sample) for sample in samples):
        for epoch in epochs:
            mine = [s for s in sound if (section.method_of(s), s["epoch"]) == (method, epoch)]
            bold = slides.get((epoch, mine[0]["temperature"])) if mine else None
            rows.setdefault(method, []).append(
                {
                    "invented": over_seeds(mine, "invented"),
                    "distinct": over_seeds(mine, "distinct"),
                    "slides": share(bold[0] / bold[1]) if bold else "–",
                }
            )
    return {
        "epochs": epochs,
        "rows": rows,
        "slides": any(epoch in epochs for epoch, _ in slides),
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
