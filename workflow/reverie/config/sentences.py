"""A sentence in plain words for every validation error of pydantic."""

import itertools
import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError

from reverie.config.fields import NAME_RULE, Mistakes, Section, did_you_mean
from reverie.errors import shortened

MOST_COUNTED = 1_000  # mistakes; each may cost a search for the most similar name
# By the type of pydantic's error; `input` is the refused value, other braces are its context.
SENTENCES = {
    "missing": "is missing",
    "literal_error": "must be {expected}, not {input}",
    "greater_than_equal": "must be at least {ge:,.12g}, not {input}",
    "greater_than": "must be above {gt:,.12g}, not {input}",
    "less_than_equal": "must be at most {le:,.12g}, not {input}",
    "less_than": "must be below {lt:,.12g}, not {input}",
    "finite_number": "must be a finite number, not {input}",
    "string_too_short": "must not be empty",
    "too_long": "must have at most {max_length:,} entries",
    "string_pattern_mismatch": NAME_RULE + ", not {input}",
    "float_type": "must be a number, not {input}",
    "float_parsing": "must be a number, not {input}",
    "bool_type": "must be true or false, not {input}",
    "bool_parsing": "must be true or false, not {input}",
    "string_type": "must be a text, not {input}",
    "list_type": "must be a list, not {input}",
    "dict_type": "must be a group of `name: value`, not {input}",
    "model_type": "must be a group of `name: value`, not {input}",
    "invalid_key": "is not a setting; names of settings are texts",
}


def sentences(error: ValidationError, model: type[Section]) -> Iterator[tuple[str, str]]:
    """Path and sentence of every mistake in settings that ``model`` does not accept."""
    for item in itertools.islice(error.errors(), MOST_COUNTED):
        # pydantic appends '[key]' to the path where the name of an entry is wrong; '[word]' and '[list]'
        # are the tags of a setting that takes either.
        place = [str(step) for step in item["loc"] if step not in ("[key]", "[word]", "[list]")]
        path, context = ".".join(place) or "config", item.get("ctx", {})
        value = shortened(json.dumps(item["input"], ensure_ascii=False, default=str), 200)
        match item["type"], context.get("error"):
            case "value_error", Mistakes() as several:
                for below, text in several.mistakes:
                    yield ".".join(filter(None, [*place, below])) or path, shortened(text, 500)
            case "value_error", problem:
                yield path, shortened(str(problem), 500)
            case "extra_forbidden", _:
                settings = section_at(model, item["loc"][:-1]).model_fields
                yield path, f"is not a setting{did_you_mean(item['loc'][-1], settings)}"
            case "too_short", _:
                least = context["min_length"]
                too_few = f"must have {least} entries, not {context['actual_length']}"
                yield path, "must not be empty" if least == 1 else too_few
            case kind, _:
                template = SENTENCES.get(kind, item["msg"].replace("{", "{{") + ", not {input}")
                yield path, template.format(input=value, **context)


def section_in(annotation: Any) -> type[Section] | None:
    """The section in a field's type: the type itself, or inside a list, dict or optional; or None."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(section_in, get_args(annotation))), None)


def section_at(section: type[Section], location: tuple) -> type[Section]:
    """The section of the settings at the path ``location`` below ``section``."""
    steps = iter(location)
    for step in steps:
        if field := section.model_fields.get(step):  # if not, it is an index
            section = section_in(field.annotation) or section
            if "dict[" in str(field.annotation):
                next(steps, None)  # the name of an entry, which the user chose
    return section
