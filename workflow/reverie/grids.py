"""Named entries of a section: the selected ones, and the combinations of the values in a grid."""

import itertools
import re
from collections.abc import Callable, Iterator


def combinations(
    name: str, grid: dict[str, list], text: Callable = str
) -> Iterator[tuple[str, list[str], dict]]:
    """Name, settings in words, and settings by key of every combination of the grid's values.

    `gru` with units 8 and 16 gives (`gru.units-8`, ["units 8"], {"units": 8}) and the same for 16.
    ``text`` turns a value into words. The name is a valid file name.
    """
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        words = [f"{key} {text(value)}" for key, value in settings.items()]
        slugs = [re.sub(r"[^a-z0-9_.]+", "-", word.lower()).strip("-") for word in words]
        yield ".".join([name, *slugs]), words, settings


def selected(section: dict, group: str) -> dict[str, dict]:
    """The entries of the section's ``group`` that its `select` names, or all."""
    entries = section[group]
    return {name: entries[name] for name in section["select"] or entries}
