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

    title: str | None = Field(None, description="its name in the report")
    picture: str = Field(description="the content: an entry of `assets` or a file of yours")
    style: str = Field(description="the style, likewise")
    network: Network = Field("VGG19", description="which network judges")
    content_layer: str = Field("block5_conv2", description="where content is compared")
    style_layers: Annotated[list[str], Field(min_length=1)] = Field(
        [f"block{number}_conv1" for number in range(1, 6)],
        description="where style is compared, by Gram matrices",
    )
    content_weight: NotNegative = Field(1.0, description="alpha of the slides")
    style_weight: NotNegative = Field(100.0, description="beta of the slides")
    variation_weight: NotNegative = Field(0.1, description="weight of the total variation")
    sizes: Annotated[list[Pixels], Field(min_length=1, max_length=20)] = Field(
        [256, 512], description="longer side in pixels of each pass, from small to large"
    )
    steps: Count = Field(300, description="steps at each size")
    optimizer: Literal["Adam", "L-BFGS"] = Field("L-BFGS", description="how the loss is lowered")
    step_size: Positive = Field(
        0.02, description="size of a step of Adam, for pixel values from 0 to 1"
    )
    start: Literal["content", "style", "noise"] = Field(
        "content", description="what the smallest size starts from"
    )
    keep_colours: bool = Field(False, description="keep the colours of the content")
    seed: Seed = Field(0, description="random seed of the noise")
    grid: Annotated[
        dict[
            Literal["content_weight", "style_weight", "variation_weight"],
            Annotated[list[NotNegative], Field(min_length=1)],
        ],
        AfterValidator(few_combinations),
    ] = Field(
        {},
        description="weights to try; each combination becomes `<name>.<weight>-<value>`",
    )

    @model_validator(mode="after")
    def layers_exist(self):
        layers = [(f"style_layers.{i}", name) for i, name in enumerate(self.style_layers)]
        refuse(unknown_layers(self.network, [("content_layer", self.content_layer), *layers]))
        return self


class Styles(Section):
    """The transfers of style."""

    pictures: dict[Name, Style] = Field({}, description="the transfers of style by name")
    select: Selection | None = Field(
        None, description="names of the transfers that run; all where not given"
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
