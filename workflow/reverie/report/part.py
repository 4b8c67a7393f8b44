"""What the report asks of a part; each part's `report/part.py` answers."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Part:
    """What the report shows of a part.

    Its heading; what fills its `section.html`; what narrows a run to what there is of the part;
    its remarks; what fills its `compare.html`, from the runs that have the part; and its pictures
    to be compared, by name, from the configuration.
    """

    title: str
    section: Callable
    narrow: Callable
    claims: ModuleType | None = None
    compared: Callable | None = None
    pictures: Callable | None = None
