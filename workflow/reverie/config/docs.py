"""The JSON schema and the documentation of all settings, generated from their model."""

import json

from reverie.config.fields import Section
from reverie.config.model import Config
from reverie.config.sentences import section_in


def schema() -> str:
    """The JSON schema of the configuration, a copy of which lies in `workflow/schemas`."""
    return json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Config.model_json_schema(),
        indent=2,
        ensure_ascii=False,
    )


def table() -> str:
    """The documentation of every setting in Markdown, a copy of which lies in `docs/`."""

    def rows(section: type[Section], path: str):
        schemas = section.model_json_schema()["properties"]
        for name, field in section.model_fields.items():
            inner, default = section_in(field.annotation), ""
            if not inner:
                value = field.get_default()
                default = "required" if field.is_required() else f"`{json.dumps(value)}`"
            bounds = "" if inner else allowed(schemas[name])
            yield f"| `{path}{name}` | {default} | {bounds} | {field.description} |"
            if inner:
                named = "dict[" in str(field.annotation)
                yield from rows(inner, f"{path}{name}.{'<name>.' if named else ''}")

    head = "# Settings\n\nGenerated from the models of the configuration by `make docs`.\n"
    return "\n".join(
        [head, "| setting | default | allowed | meaning |", "|---|---|---|---|", *rows(Config, "")]
    )


def allowed(field: dict) -> str:
    """The bounds and choices of a setting in words, from its JSON schema."""
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    bounds = [f"{word} {field[key]:,.16g}" for key, word in words.items() if key in field]
    if "enum" in field:
        bounds.append(" or ".join(f"`{choice}`" for choice in field["enum"]))
    if "maxItems" in field and field["maxItems"] != field.get("minItems"):
        bounds.append(f"at most {field['maxItems']:,} entries")
    inner = [*field.get("anyOf", []), field.get("items"), field.get("additionalProperties")]
    nested = [allowed(schema) for schema in inner if isinstance(schema, dict)]
    return ", ".join([*filter(None, nested), *bounds])
