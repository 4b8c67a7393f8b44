"""The whole configuration as one typed model: every setting, its default, its description.

The section of a part, with the checks of its settings, is in the part's `config.py`.
"""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)

from reverie.config.assets import Asset
from reverie.config.fields import MOST_LISTED, Name, Section, distinct, refuse, whole_number
from reverie.config.sentences import sentences
from reverie.describe.config import Describe
from reverie.diagnose.config import Diagnose
from reverie.dream.config import Dreams
from reverie.errors import shortened
from reverie.forecast.config import Forecast
from reverie.pictures.config import WeightsOfNetworks, undefined_weights
from reverie.style.config import Styles
from reverie.text.config import Text

# The section of each part, by its name in the configuration.
PARTS = {
    "forecast": (Forecast, Field(description="the temperature forecast")),
    "text": (Text, Field(description="text generation, character by character")),
    "dream": (Dreams, Field(default_factory=Dreams, description="DeepDream pictures")),
    "style": (
        Styles,
        Field(default_factory=Styles, description="style transfer"),
    ),
    "diagnose": (
        Diagnose,
        Field(default_factory=Diagnose, description="conditions of patients in intensive care"),
    ),
    "describe": (
        Describe,
        Field(default_factory=Describe, description="sentences for pictures"),
    ),
}


class General(Section):
    """What the parts share."""

    run: Name | None = Field(
        None,
        description="folder under `results/`; default: the names of the overlays",
    )
    backend: Literal["tensorflow", "jax"] = Field("tensorflow", description="Keras backend")
    jobs_per_gpu: whole_number(1, 64) = Field(
        1, description="number of jobs that share a GPU (more than 1 for small networks)"
    )
    mps: bool = Field(
        False,
        description="whether NVIDIA's Multi-Process Service runs during the workflow, so that jobs that "
        "share a GPU compute at the same time; on this machine only",
    )
    together: bool | None = Field(
        None,
        description="whether one job trains all seeds of a network of the forecast, in the same steps; "
        "default: with the backend jax on GPUs",
    )
    samples: Literal["never", "auto"] = Field(
        "never",
        description="`auto` replaces assets that cannot be reached by embedded samples",
    )
    mirrors: list[str] = Field(
        ["mirror", "../shared/mirror"],
        description="directories searched for assets, after `$REVERIE_MIRROR`",
    )
    assets: dict[Name, Asset] = Field({}, description="files to fetch, by name")
    parts: Annotated[list[Literal[tuple(PARTS)]], Field(min_length=1), AfterValidator(distinct)] = (
        Field(list(PARTS), description="parts of the lecture to run")
    )
    weights: WeightsOfNetworks = Field(
        {}, description="weights of the pretrained networks for dreams and style transfer"
    )

    @field_validator("parts")
    @classmethod
    def parts_in_order(cls, parts: list[str]):
        """In the order of the lecture, which is that of the report, whatever the order of the list."""
        return [part for part in PARTS if part in parts]

    @field_validator("together")
    @classmethod
    def backend_trains_together(cls, together: bool | None, info: ValidationInfo):
        if together and info.data.get("backend") == "tensorflow":
            raise ValueError("only the backend jax can; set `backend: jax`, or false here")
        return together

    @field_validator("weights")
    @classmethod
    def assets_of_weights_exist(cls, weights: dict, info: ValidationInfo):
        if "assets" in info.data:
            refuse(undefined_weights(weights, info.data["assets"]))
        return weights

    @field_validator(*PARTS, check_fields=False)
    @classmethod
    def names_are_defined(cls, section: Section, info: ValidationInfo):
        if {"assets", "weights"} <= info.data.keys():
            refuse(section.undefined(info.data["assets"], info.data["weights"]))
        return section


Config = create_model(
    "Config", __base__=General, __doc__="Everything a run of Reverie depends on.", **PARTS
)


class ConfigError(Exception):
    """All mistakes in a configuration, one a line."""


def load(settings: dict, places: dict[str, str] | None = None) -> Config:
    """The checked configuration.

    Raises ConfigError, which lists every mistake with the path of its setting, and with file and line
    if ``places`` (from `files.read`) has them.
    """
    try:
        return Config.model_validate(settings)
    except ValidationError as error:
        mistakes = dict(sentences(error, Config))
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    lines = [f"The configuration has {count}:"]
    for path, text in sorted(mistakes.items())[:MOST_LISTED]:
        place = place_of(path, places or {})
        line = f"  {place}{shortened(path, 200)}: {shortened(text, 1000)}"
        lines.append(line.replace("\n", " "))
    if len(mistakes) > MOST_LISTED:
        lines.append(f"  … and {len(mistakes) - MOST_LISTED:,} more")
    raise ConfigError("\n".join(lines))


def place_of(path: str, places: dict[str, str]) -> str:
    """`config.yaml:12: `, the place of the setting, or of its group if the setting is missing."""
    while path and path not in places:
        path = path.rpartition(".")[0]
    return f"{places[path]}: " if path else ""
