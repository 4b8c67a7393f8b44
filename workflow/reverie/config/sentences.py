"""A sentence in plain words for every mistake that pydantic finds."""

import itertools
import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError

from reverie.config.fields import NAME_RULE, Mistakes, Section, did_you_mean
from reverie.errors import shortened

MOST_COUNTED = 1_000  # mistakes; each costs a search for the nearest name
# By the type of pydantic's error; `given` is the value, what else is in braces is pydantic's context.
SENTENCES = {
    "missing": "is missing",
    "literal_error": "must be {expected}, not {given}",
    "greater_than_equal": "must be at least {ge:,.12g}, not {given}",
    "greater_than": "must be above {gt:,.12g}, not {given}",
    "less_than_equal": "must be at most {le:,.12g}, not {given}",
    "less_than": "must be below {lt:,.12g}, not {given}",
    "finite_number": "must be a finite number, not {given}",
    "string_too_short": "must not be empty",
    "too_long": "must have at most {max_length:,} entries",
    "string_pattern_mismatch": NAME_RULE + ", not {given}",
    "float_type": "must be a number, not {given}",
    "float_parsing": "must be a number, not {given}",
    "bool_type": "must be true or false, not {given}",
    "bool_parsing": "must be true or false, not {given}",
    "string_type": "must be a text, not {given}",
    "list_type": "must be a list, not {given}",
    "dict_type": "must be a group of `name: value`, not {given}",
    "model_type": "must be a group of `name: value`, not {given}",
    "model_attributes_type": "must be a group of `name: value`, not {given}",
}


def sentences(error: ValidationError, model: type[Section]) -> Iterator[tuple[str, str]]:
    """Path and sentence of every mistake in what should have been a ``model``."""
    for item in itertools.islice(error.errors(), MOST_COUNTED):
        # A wrong name of an entry comes with '[key]' at the end of its path.
        place = [str(step) for step in item["loc"] if step != "[key]"]
        path, context = ".".join(place) or "config", item.get("ctx", {})
        given = shortened(json.dumps(item["input"], ensure_ascii=False, default=str), 200)
        match item["type"], context.get("error"):
            case "value_error", Mistakes() as several:
                for below, text in several.mistakes:
                    yield ".".join(filter(None, [path, below])), shortened(text, 500)
            case "value_error", problem:
                yield path, shortened(str(problem), 500)
            case "extra_forbidden", _:
                settings = section_at(model, item["loc"][:-1]).model_fields
                yield path, f"is not a setting{did_you_mean(item['loc'][-1], settings)}"
            case "too_short", _:
                least = context["min_length"]
                many = f"must have {least} entries, not {context['actual_length']}"
                yield path, "must not be empty" if least == 1 else many
            case kind, _:
                template = SENTENCES.get(kind, item["msg"].replace("{", "{{") + ", not {given}")
                yield path, template.format(given=given, **context)


def section_in(annotation: Any) -> type[Section] | None:
    """The section that a field holds, itself or in a list, a dict or an option."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(section_in, get_args(annotation))), None)


def section_at(section: type[Section], location: tuple) -> type[Section]:
    """The section that describes the settings at this path below ``section``."""
    for step in location:
        if step in section.model_fields:  # otherwise the user's name of an entry, or an index
            section = section_in(section.model_fields[step].annotation) or section
    return section
