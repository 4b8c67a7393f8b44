"""Bring pictures and sentences together, in numbers, in one compact file."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from reverie.describe.captions import Captions, refuse_few
from reverie.describe.dataset import PARTS, Described
from reverie.describe.files import Files, picture
from reverie.describe.words import Vocabulary, padded, tokens
from reverie.errors import ReverieError

CHECKED_SIDE = 32  # pixels; whether a picture can be read shows at any size
DRAWN_SEED = 0  # of the pictures of a quick look
REASONS = [
    "pictures without sentences",
    "sentences without a picture",
    "pictures in no part",
    "pictures beyond `most`",
    "unreadable pictures",
    "sentences without a word of the vocabulary",
    "pictures without a usable sentence",
    "sentences cut off",
]


def prepare(
    captions: Captions, pictures: Path, fewest: int, longest: int, most: int | None = None
) -> tuple[Described, dict]:
    """Bring the captions and the folder or archive of ``pictures`` together.

    The vocabulary are the words that occur ``fewest`` times in the training sentences; of a sentence
    the first ``longest`` of them are kept. ``most`` limits the pictures of each part, for a quick look;
    they are drawn, since neighbours by name may be alike. Returns the data and the facts about them, with
    counts of what is left out and why. Raises ReverieError where too little is left.
    """
    files, counts = Files(pictures), Counter(dict.fromkeys(REASONS, 0))
    shown = set(files.pictures)
    counts["pictures without sentences"] = len(shown - captions.sentences.keys())
    absent = captions.sentences.keys() - shown
    counts["sentences without a picture"] = captions.unnamed + sum(
        len(captions.sentences[name]) for name in absent
    )
    if shown and not shown & captions.sentences.keys():
        raise ReverieError(
            f"no sentence belongs to a picture in {pictures}: its first picture is {min(shown)}, and "
            f"the first with a sentence {min(captions.sentences, default='none')}."
        )
    names = sorted(shown & captions.sentences.keys() & captions.parts.keys())
    counts["pictures in no part"] = len(shown & captions.sentences.keys()) - len(names)
    if most:
        few = sorted(drawn(names, captions.parts, most))
        counts["pictures beyond `most`"] = len(names) - len(few)
        names = few
    readable = []
    for name in tqdm(names, "pictures read", mininterval=1, leave=False):
        if picture(files.read(name), CHECKED_SIDE) is None:
            counts["unreadable pictures"] += 1
        else:
            readable.append(name)
    split = {name: [tokens(text) for text in captions.sentences[name]] for name in readable}
    training = [name for name in readable if captions.parts[name] == "train"]
    vocabulary = Vocabulary.of((words for name in training for words in split[name]), fewest)
    kept, rows, texts, places, sizes = [], [], [], [], []
    for name in readable:
        encoded = [
            (text, numbers, len(words))
            for text, words in zip(captions.sentences[name], split[name], strict=True)
            if (numbers := vocabulary.encoded(words))
        ]
        counts["sentences without a word of the vocabulary"] += len(split[name]) - len(encoded)
        if not encoded:
            counts["pictures without a usable sentence"] += 1
            continue
        for text, numbers, size in encoded:
            texts.append(text)
            rows.append(numbers)
            sizes.append(size)
            places.append(len(kept))
        kept.append(name)
    rare = counts["pictures without a usable sentence"]
    refuse_few([captions.parts[name] for name in kept], pictures, rare)
    counts["sentences cut off"] = sum(len(row) > longest for row in rows)
    words, lengths = padded(rows, longest)
    part = np.array([PARTS.index(captions.parts[name]) for name in kept], np.uint8)
    described = Described(
        np.array(kept),
        part,
        np.array(texts, object),
        np.array(places, np.int32),
        words.astype(np.min_scalar_type(len(vocabulary))),
        lengths.astype(np.uint8 if longest < 256 else np.int32),
        np.array(vocabulary.words),
    )
    facts = {
        "pictures": len(kept),
        "sentences": len(texts),
        "vocabulary": len(vocabulary.words),
        "split": {name: int((part == place).sum()) for place, name in enumerate(PARTS)},
        "words": {"mean": round(float(np.mean(sizes)), 2), "longest": max(sizes), "kept": longest},
        "dropped": dict(counts),
    }
    return described, facts


def drawn(names: list[str], parts: dict[str, str], most: int) -> list[str]:
    """So many pictures of each part at ``most``, drawn."""
    generator = np.random.default_rng(DRAWN_SEED)
    by_part = [[name for name in names if parts[name] == part] for part in PARTS]
    return [name for part in by_part for name in generator.permutation(part)[:most].tolist()]


def write(described: Described, facts: dict, origin: dict, file: Path, facts_file: Path) -> None:
    """Write the data (.npz) and the facts (.json); ``origin`` has `source, sha256, sample`."""
    described.save(file)
    text = json.dumps(facts | origin, indent=2, ensure_ascii=False)
    facts_file.write_text(text + "\n", encoding="utf-8")
