"""Numbers and settings as a reader wants them: the filters of the templates."""

import re
from collections.abc import Iterable

from markupsafe import Markup

from reverie.durations import in_words
from reverie.errors import shortened

MOST_ITEMS = 6  # of a list that is shown in full
LONGEST = 100  # characters of a setting
NAMED = ("title", "file", "asset", "picture")  # what names a network, a picture or a file


def number(value: float | None, digits: int) -> str:
    """With a fixed number of digits, a true minus and no minus before zero; a dash for nothing."""
    return "–" if value is None else f"{value:z.{digits}f}".replace("-", "−")


def digits(value: float | None) -> str:
    """With three significant digits."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")
    return text.replace("-", "−")


def percent(value: float | None) -> str:
    """A relative change, "−6.1 %"."""
    return "–" if value is None else f"{100 * value:+.1f} %".replace("-", "−")


def share(value: float) -> str:
    """A part of a whole, "24 %"."""
    return f"{100 * value:.0f} %"


def layer(spec: dict) -> str:
    """A layer as Keras writes it: `GRU(units=32)`."""
    ((name, arguments),) = spec.items()
    inner = [f"{k}={layer(v) if k == 'layer' else v}" for k, v in arguments.items()]
    return f"{name}({', '.join(inner)})"


def plain(value) -> str:
    """A setting in words: "0, 1, 2" for a list, the title of a network; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if isinstance(value, list):
        shown = value if len(value) <= MOST_ITEMS else value[: MOST_ITEMS // 2]
        more = [f"… ({len(value)} in all)"] if len(shown) < len(value) else []
        return ", ".join([*map(item, shown), *more]) or "none"
    if isinstance(value, dict):
        inner = [f"{key} {plain(v)}" for key, v in value.items() if v is not None]
        return shortened(entry(value) or ", ".join(inner) or "none", LONGEST)
    return shortened(str(value), LONGEST) or "(empty)"


def item(value) -> str:
    """An item of a list: a layer as Keras writes it, anything else in words."""
    if isinstance(value, dict) and len(value) == 1 and isinstance([*value.values()][0], dict):
        return layer(value)
    return plain(value)


def entry(value) -> str | None:
    """What names an entry of the configuration; None for other settings."""
    names = (value.get(key) for key in NAMED) if isinstance(value, dict) else ()
    return next(filter(None, names), None)


def capitalize_first(text: str) -> str:
    """With a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(items: Iterable) -> str:
    """Items in a sentence: "56", "56 and 58", "56, 58 and 59"."""
    *before, last = map(str, items)
    return f"{', '.join(before)} and {last}" if before else last


def tight(text: str) -> str:
    """With numbers and their per cent, hours, minutes or seconds on one line."""
    return re.sub(r"(?<=\d) (?=(%|h|min|s)(\W|$))", "\u00a0", text)


def markdown(text: str) -> Markup:
    """Text on one line of Markdown, in a table or not, with nothing in it that has a meaning there."""
    if isinstance(text, Markup):
        return text
    return Markup(re.sub(r"([\\`*_\[\]|~$<>&])", r"\\\1", re.sub(r"[ \t\r\n]+", " ", str(text))))


FILTERS = {
    "listed": listed,
    "tight": tight,
    "capitalize_first": capitalize_first,
    "digits": digits,
    "number": number,
    "percent": percent,
    "share": share,
    "words": in_words,
    "plain": plain,
}
