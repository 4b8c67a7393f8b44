"""The overlay for a text: its encoding, a prompt, and settings that suit its length."""

import re
from pathlib import Path

from reverie.errors import ReverieError
from reverie.own import encodings
from reverie.own.overlay import Guess
from reverie.text import corpus

WINDOW, SHORT_WINDOW = 60, 20  # characters: the lecture's, and that for a short text
STEP, BATCH, HELD_OUT = 3, 128, 0.05  # the lecture's
LEAST = 1000  # characters
STEPS = 1200  # training steps of the quick run on a long text
MOST_EPOCHS = 60  # the lecture's


def guesses(arguments: dict[str, str], base: dict) -> dict:
    """The settings for the text `TEXT`, of which `ENCODING` may be stated.

    Raises ReverieError for a text that cannot be used, and where a question must be answered.
    """
    path = arguments["TEXT"]
    file = Path(path).expanduser()
    encoding = encodings.guess([file.read_bytes()], path, arguments.get("ENCODING"))
    text = corpus.read(file, encoding.value)
    if len(text) < LEAST:
        raise ReverieError(
            f"{path} has {len(text):,} characters, too few to learn from; use a text of ten thousand "
            "or more."
        )
    settings = {
        "corpus": Guess(path, f"{len(text):,} characters"),
        **({} if encoding.value == "utf-8" else {"encoding": encoding}),
        "sampling": {"prompt": Guess(prompt(text), "a passage from the middle of the text")},
    }
    if len(text) * HELD_OUT < 2 * WINDOW:
        reason = f"characters; the text is short for the lecture's {WINDOW}"
        settings["window"] = Guess(SHORT_WINDOW, reason)
    steps = int(len(text) * (1 - HELD_OUT)) // (STEP * BATCH)
    if steps < STEPS / 2:
        reason = f"of {steps} steps, for the quick look; delete this line before make reproduce"
        settings["epochs"] = Guess(min(MOST_EPOCHS, -(-STEPS // steps)), reason)
    return {"parts": Guess(["text"]), "text": settings}


def prompt(text: str) -> str:
    """Whole words from the middle of the text, as many as fit into the lecture's window."""
    word = re.search(r"(?<=\s)\w", text[len(text) // 2 : -WINDOW])
    passage = text[len(text) // 2 + (word.start() if word else 0) :][: WINDOW + 1]
    if " " in text:
        passage = re.sub(r"\s+", " ", passage)
    return (passage.rpartition(" ")[0] or passage[:WINDOW]).strip()
