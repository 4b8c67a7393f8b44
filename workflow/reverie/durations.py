"""Durations in words ("10 days"), in minutes and in rows of a series."""

import re

from reverie.errors import ReverieError

MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 1440, "week": 10080}
SHORTEST, LONGEST = 0.001 / 60, 100 * 366 * 1440
PATTERN = r"^\s*(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week)s?\s*$"


def minutes(text: str) -> float:
    """Length in minutes of a duration such as "30 minutes", "1 hour" or "10 days".

    Raises ValueError for anything else, and for less than a millisecond or more than a century.
    """
    match = re.match(PATTERN, text) if isinstance(text, str) else None
    if match is None or float(match[1]) == 0:
        raise ValueError(
            f"must be a duration such as '30 minutes', '1 hour' or '10 days', not {text!r}"
        )
    length = float(match[1]) * MINUTES[match[2]]
    if not SHORTEST <= length <= LONGEST:
        raise ValueError(f"must be a millisecond to a hundred years long, not {text!r}")
    return length


def rows(text: str, interval_minutes: float, path: str) -> int:
    """Number of rows that the duration ``text`` spans in a series with this interval.

    Raises ReverieError, naming the setting ``path``, if that is no whole number of rows.
    """
    exact = minutes(text) / interval_minutes
    if round(exact) < 1 or abs(exact - round(exact)) > 1e-6:
        raise ReverieError(
            f"{path}: {text} is {exact:.4g} rows of this series, which has a row every "
            f"{interval_minutes:g} minutes; choose a multiple of {interval_minutes:g} minutes."
        )
    return round(exact)


def in_words(seconds: float) -> str:
    """ "45 s", "12 min" or "3 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
