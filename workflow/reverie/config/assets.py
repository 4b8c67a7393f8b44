"""The section `assets`: files that the workflow needs but does not contain."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from reverie.config.fields import Section, whole_number


def checksum(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", value):
        return value
    raise ValueError(f"must be 'sha256:' and 64 or 'md5:' and 32 hexadecimal digits, not {value!r}")


def address(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"https?://[^\s/]+/\S*", value):
        return value
    raise ValueError(f"must begin with https:// or http:// and name a file, not {value!r}")


def file_name(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[\w.-]{1,100}", value) and value.strip("."):
        return value
    raise ValueError(
        f"must be the name of a file without folders, of at most 100 characters, not {value!r}"
    )


Bytes = whole_number(1, 10**15)
Checksum = Annotated[
    str,
    BeforeValidator(checksum),
    WithJsonSchema({"type": "string", "pattern": "^(md5|sha256):[0-9a-f]+$"}),
]
Address = Annotated[
    str, BeforeValidator(address), WithJsonSchema({"type": "string", "format": "uri"})
]
FileName = Annotated[str, BeforeValidator(file_name), WithJsonSchema({"type": "string"})]


class Contents(Section):
    """The one table inside a zip, checked in place of the zip (which mirrors pack differently)."""

    bytes: Bytes = Field(description="size of the unpacked table in bytes")
    hash: Checksum = Field(description="checksum of the unpacked table, `sha256:…` or `md5:…`")


class Asset(Section):
    """A file that the workflow needs but does not contain."""

    file: FileName = Field(description="file name, in mirror directories and in `resources/`")
    about: str | None = Field(
        None, description="what the file is, who made it, its licence: the report shows it"
    )
    addresses: list[Address] = Field([], description="download addresses, in order of preference")
    bytes: Bytes | None = Field(None, description="size in bytes")
    hash: Checksum | None = Field(None, description="checksum, `sha256:…` or `md5:…`")
    contents: Contents | None = Field(
        None,
        description="size and checksum of the table inside a zip, checked in place of the zip's",
    )
    sample: (
        Literal[
            "docstrings", "sky", "painting", "meadow", "squeezenet",
            "stays_a", "stays_b", "stays_c", "outcomes_a", "outcomes_b", "outcomes_c",
            "scenes", "sentences",
        ]
        | None
    ) = Field(
        None,
        description="the embedded sample that replaces it under `samples: auto`",
    )  # fmt: skip
