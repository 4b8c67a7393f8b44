"""Where pictures and sentences come from: Flickr8k, drawn scenes, or the user's own."""

import hashlib
from pathlib import Path

from reverie.describe import captions, preparation
from reverie.describe.files import source_of
from reverie.errors import ReverieError


def prepare(
    pictures: Path,
    sentences: Path,
    own: bool,
    seed: int,
    encoding: str,
    fewest: int,
    longest: int,
    most: int | None,
    features: dict,
    folder: Path,
) -> None:
    """Write `described.npz` and `pictures.json` into ``folder``.

    ``pictures`` and ``sentences`` are records of assets or, if ``own``, a folder or archive and a table of
    the user's. ``features`` are the settings that the facts repeat. For the rest see
    :func:`preparation.prepare`. Raises ReverieError for files that cannot be read or do not belong together.
    """
    (archive, shown), (texts, said) = source_of(pictures), source_of(sentences)
    if shown["sample"] != said["sample"]:
        drawn, real = (archive, texts) if shown["sample"] else (texts, archive)
        raise ReverieError(
            f"{real} is real, and {drawn} is drawn, since the real file could not be reached; put both files of "
            "Flickr8k into a mirror directory, or none."
        )
    table = own or said["sample"]
    sentences = captions.own(texts, seed, encoding) if table else captions.flickr8k(texts)
    described, facts = preparation.prepare(sentences, archive, fewest, longest, most)
    hashes = hashlib.sha256("".join(origin["sha256"] for origin in (shown, said)).encode())
    origin = {
        "features": features,
        "source": f"{shown['source']}, {said['source']}",
        "sha256": hashes.hexdigest(),
        "sample": said["sample"],
    }
    folder.mkdir(parents=True, exist_ok=True)
    preparation.write(described, facts, origin, folder / "described.npz", folder / "pictures.json")
    left_out = sum(facts["dropped"].values())
    print(
        f"{facts['pictures']:,} pictures, {facts['sentences']:,} sentences, {facts['vocabulary']:,} words; "
        f"{left_out:,} left out or cut off"
    )
