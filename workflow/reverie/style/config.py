"""The section `style` of the configuration, and its checks."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from reverie.config.fields import (
    Count,
    Name,
    NotNegative,
    Positive,
    Section,
    Seed,
    Selection,
    check_select,
    few_combinations,
    name_clashes,
    refuse,
)
from reverie.pictures.config import Network, Pixels, undefined_sources, unknown_layers
from reverie.style import selection


class Style(Section):
    """A transfer: the content of one picture in the style of another."""

    title: str | None = Field(None, description="name in the report")
    picture: str = Field(description="content picture: an entry of `assets` or your own file")
    style: str = Field(description="style picture: an entry of `assets` or your own file")
    network: Network = Field("VGG19", description="pretrained network")
    content_layer: str = Field("block5_conv2", description="layer of the content loss")
    style_layers: Annotated[list[str], Field(min_length=1)] = Field(
        [f"block{number}_conv1" for number in range(1, 6)],
        description="layers of the style loss (Gram matrices)",
    )
    content_weight: NotNegative = Field(
        1.0, description="weight of the content loss, α on the slides"
    )
    style_weight: NotNegative = Field(
        100.0, description="weight of the style loss, β on the slides"
    )
    variation_weight: NotNegative = Field(0.1, description="weight of the total variation")
    sizes: Annotated[list[Pixels], Field(min_length=1, max_length=20)] = Field(
        [256, 512], description="longer side in pixels of each pass, from small to large"
    )
    steps: Count = Field(300, description="steps at each size")
    optimizer: Literal["Adam", "L-BFGS"] = Field("L-BFGS", description="optimizer")
    step_size: Positive = Field(0.02, description="step size of Adam, for pixel values from 0 to 1")
    start: Literal["content", "style", "noise"] = Field(
        "content", description="initial picture of the smallest size"
    )
    keep_colours: bool = Field(False, description="keep the colours of the content picture")
    seed: Seed = Field(0, description="random seed of the noise")
    grid: Annotated[
        dict[
            Literal["content_weight", "style_weight", "variation_weight"],
            Annotated[list[NotNegative], Field(min_length=1)],
        ],
        AfterValidator(few_combinations),
    ] = Field(
        {},
        description="lists of weights; each combination becomes `<name>.<weight>-<value>`",
    )

    @model_validator(mode="after")
    def layers_exist(self):
        layers = [(f"style_layers.{i}", name) for i, name in enumerate(self.style_layers)]
        refuse(unknown_layers(self.network, [("content_layer", self.content_layer), *layers]))
        return self


class Styles(Section):
    """The transfers of style."""

    pictures: dict[Name, Style] = Field({}, description="style transfers by name")
    select: Selection | None = Field(
        None, description="names of the style transfers to run; default: all"
    )

    select_exists = check_select("pictures", "style")

    @model_validator(mode="after")
    def grids_have_names(self):
        settings = self.model_dump()
        names = {
            name: list(selection.styles({"style": settings | {"select": [name]}}))
            for name in self.select or self.pictures
        }
        clashes = name_clashes(self.pictures, names)
        refuse((f"pictures.{path}", text) for path, text in clashes)
        return self

    def undefined(self, assets: dict, weights: dict):
        """Yield a mistake, (path, sentence), for what `assets` or `weights` does not define."""
        for name, style in self.pictures.items():
            for path, text in undefined_sources(style, ["picture", "style"], assets, weights):
                yield f"pictures.{name}.{path}", text
