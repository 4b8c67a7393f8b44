"""What the report asks of a part; each part's `report/part.py` answers."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Outcome:
    """The result of a part that the first screen shows: a number, what it is, more about it, a picture."""

    number: str = ""
    words: str = ""
    detail: str = ""
    picture: str | None = None


@dataclass(frozen=True)
class Part:
    """What the report shows of a part.

    Its heading; what fills its `section.html`, and may have an `outcome`; what narrows a run to what there is of the part;
    its remarks; what fills its `compare.html`, from the runs that have the part; its pictures to be
    compared, by name, from the configuration; its long jobs, from the configuration and the
    folder of a run: rule, wildcards and estimated core-seconds of each; and what goes on record:
    `keep` copies its small files, `shown` fills its `record.md`.
    """

    title: str
    section: Callable
    narrow: Callable
    claims: ModuleType | None = None
    compared: Callable | None = None
    pictures: Callable | None = None
    jobs: Callable | None = None
    record: ModuleType | None = None
