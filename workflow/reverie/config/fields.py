"""The base class of the configuration's sections, and the types and checks that they share."""

import difflib
import math
import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from reverie import durations

MOST = 1_000_000_000  # upper bound of all counts
MOST_COMBINATIONS = 1_000  # of a grid's values
MOST_LISTED = 30  # names in a sentence
# Suggested for a name that Python does not know; it knows a hundred.
ENCODINGS = [
    "utf-8", "utf-16", "utf-32", "latin-1", "iso-8859-2", "iso-8859-15", "cp1250", "cp1251", "cp1252",
    "cp1253", "cp437", "cp850", "mac-roman", "koi8-r", "shift-jis", "euc-jp", "euc-kr", "gb18030", "big5",
]  # fmt: skip
NAME = r"[a-z0-9][a-z0-9_.-]{0,99}"
NAME_RULE = "must begin with a-z or 0-9, have only a-z, 0-9, '_', '-' and '.', and be 1 to 100 characters long"
LONGEST_NAME = 200  # of a grid's combination, which names a folder


class Section(BaseModel):
    """A group of settings; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())


class Mistakes(ValueError):
    """Several mistakes of a section, each as (path relative to the section, sentence)."""

    def __init__(self, mistakes: list[tuple[str, str]]):
        super().__init__("; ".join(sentence for _, sentence in mistakes))
        self.mistakes = mistakes


def refuse(mistakes: Iterable[tuple[str, str]]) -> None:
    """Raise Mistakes if there are any; the path "" is the section itself."""
    if mistakes := list(mistakes):
        raise Mistakes(mistakes)


def did_you_mean(name: Any, names: Iterable) -> str:
    """The end of a sentence about an unknown name: the most similar allowed name, or all of them."""
    by_spelling = {str(known).lower(): known for known in names}
    similar = difflib.get_close_matches(str(name).lower(), by_spelling, n=1)
    if similar:
        return f"; did you mean {by_spelling[similar[0]]!r}?"
    allowed = list(map(str, names))
    allowed = sorted(allowed) if len(allowed) <= MOST_LISTED else [*allowed[:MOST_LISTED], "…"]
    return f"; allowed: {', '.join(allowed)}"


def check_select(group: str, kind: str):
    """A check of a section's `select`: each name must be that of an entry of its ``group``."""

    def names_exist(cls, select: list[str] | None, info: ValidationInfo):
        names = info.data.get(group, select)  # a group with mistakes of its own is not there
        refuse(
            (str(index), f"there is no {kind} {name!r}{did_you_mean(name, names)}")
            for index, name in enumerate(select or [])
            if name not in names
        )
        return select

    return field_validator("select")(classmethod(names_exist))


def unknown_asset(asset: str | None, assets: dict, path: str = "asset"):
    """The mistake of naming an ``asset`` that `assets` does not define."""
    if asset is not None and asset not in assets:
        yield path, f"there is no asset {asset!r}{did_you_mean(asset, assets)}"


def name_clashes(
    entries: dict[str, Any], expanded: dict[str, list[str]], taken: Iterable[str] = ()
):
    """The mistakes in names of grids' combinations: too long for a folder, or used twice.

    ``entries`` are the sections by name, each with a `grid`; ``expanded`` lists the names of each one's
    combinations; ``taken`` are names of ensembles.
    """
    owners = dict.fromkeys(taken, "an ensemble")
    for name, names in expanded.items():
        if len(names) < math.prod(map(len, entries[name].grid.values())):
            yield (
                f"{name}.grid",
                "two of its combinations have the same name; leave one of the values out",
            )
        for full_name in names:
            if len(full_name) > LONGEST_NAME:
                yield (
                    f"{name}.grid",
                    f"{full_name[:40]}… has more than {LONGEST_NAME} characters; shorten the name or "
                    "the values",
                )
            elif full_name in owners:
                yield name, f"{full_name} is the name of {owners[full_name]} too; choose another"
            owners[full_name] = f"one of {name}"


def whole(value: Any) -> int:
    """A whole number, also as text, since `snakemake --config` passes some numbers as text."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,20}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a whole number, not {value!r}")
    return value


def duration(value: Any) -> str:
    durations.minutes(value)
    return value


def encoding(name: str) -> str:
    try:
        "x".encode(name)
    except (LookupError, ValueError):
        raise ValueError(f"{name!r} is no encoding{did_you_mean(name, ENCODINGS)}") from None
    return name


def distinct(values: list | None) -> list | None:
    seen = set()
    for value in values or []:
        if value in seen:
            rounded = " (three decimals count)" if isinstance(value, float) else ""
            raise ValueError(f"{value} is listed twice{rounded}")
        seen.add(value)
    return values


def few_combinations(grid: dict[str, list]) -> dict[str, list]:
    if "grid" in grid:
        raise ValueError("cannot have another grid in it")
    combinations = math.prod(map(len, grid.values()))
    if combinations > MOST_COMBINATIONS:
        raise ValueError(
            f"has {combinations:,} combinations, and at most {MOST_COMBINATIONS:,} are allowed; "
            "leave values out"
        )
    return grid


def whole_number(least: int, most: int):
    return Annotated[int, Field(ge=least, le=most), BeforeValidator(whole)]


# The upper bounds are far above sensible values; beyond them a large machine would run out of memory.
Seed = whole_number(0, 2**32 - 1)
Count = whole_number(1, MOST)
Steps = whole_number(0, MOST)
EpochSteps = whole_number(1, 100_000)
Batch = whole_number(1, 10_000)
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Encoding = Annotated[str, AfterValidator(encoding)]
Name = Annotated[str, Field(pattern=f"^{NAME}$")]
Seeds = Annotated[list[Seed], Field(min_length=1, max_length=1_000), AfterValidator(distinct)]
Selection = Annotated[list[str], Field(min_length=1), AfterValidator(distinct)]
Duration = Annotated[
    str,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": durations.PATTERN}),
]


def table_path(value: Any) -> Any:
    """ValueError for a .json file, which would be taken for the record of an asset."""
    if isinstance(value, str) and value.endswith(".json"):
        raise ValueError(f"must be a table (.csv, .csv.gz, .zip), not {value!r}")
    return value


# The path of a table of the user's own.
OwnTable = Annotated[str | None, BeforeValidator(table_path)]
