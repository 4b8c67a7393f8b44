"""The one exception whose text is meant for a person, and how it quotes what stands in files."""


class ReverieError(Exception):
    """What was wrong, where, and what to do, in one sentence; shown without a traceback."""


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def quoted(value) -> str:
    """A cell or name from a file, which in a damaged one may have any length."""
    return shortened(repr(value), 80)
