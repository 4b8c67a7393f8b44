"""Numbers and settings as a reader wants them: the filters of the templates."""

import json

from reverie.durations import in_words


def number(value: float | None, digits: int) -> str:
    """With a fixed number of digits and a true minus; a dash for nothing."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


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
    """A setting as one writes it; a dash where there is none."""
    return "–" if value is None else json.dumps(value, ensure_ascii=False).strip('"')


def capitalize_first(text: str) -> str:
    """With a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def tight(text: str) -> str:
    """With numbers and their per cent on one line."""
    return text.replace(" %", "\u00a0%")


FILTERS = {
    "tight": tight,
    "capitalize_first": capitalize_first,
    "digits": digits,
    "number": number,
    "percent": percent,
    "share": share,
    "words": in_words,
    "plain": plain,
}
