"""The exception whose text is meant for the user, and how it quotes the contents of files."""


class ReverieError(Exception):
    """One sentence: what is wrong, where, what to do; shown to the user without a traceback."""


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def quoted(value) -> str:
    """A cell or name from a file; cut off, since a damaged file may have one of any length."""
    return shortened(repr(value), 80)
