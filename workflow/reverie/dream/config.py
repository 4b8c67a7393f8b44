"""The section `dream` of the configuration, and its checks."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    model_validator,
)

from reverie.config.fields import (
    Count,
    Name,
    NotNegative,
    Positive,
    Section,
    Seed,
    Selection,
    Share,
    Steps,
    check_select,
    distinct,
    refuse,
    whole_number,
)
from reverie.pictures.config import (
    SMALLEST_SIDE,
    Network,
    Pixels,
    undefined_sources,
    unknown_layers,
)

NOISE = "noise"  # a dream of this `picture` starts from noise


def some_weight(layers: dict[str, float]) -> dict[str, float]:
    """Refuse layers whose weights are all 0; an overlay leaves a layer out by the weight 0."""
    if not any(layers.values()):
        raise ValueError("needs a layer with a weight above 0")
    return layers


Octaves = whole_number(1, 50)
LayerWeights = Annotated[dict[str, NotNegative], Field(min_length=1), AfterValidator(some_weight)]
Shift = Annotated[float, Field(ge=-10_000, le=10_000)]


class Sheet(Section):
    """A contact sheet: the same picture, dreamt by each layer alone."""

    layers: Annotated[list[str], Field(min_length=1)] = Field(
        description="layers, each of which dreams alone"
    )
    size: Pixels = Field(320, description="longer side in pixels")
    octaves: Octaves = Field(2, description="number of octaves")
    steps: Count = Field(20, description="steps of gradient ascent per octave")


class Film(Section):
    """The endless dream: each frame is the one before, moved and then dreamt on."""

    frames: whole_number(1, 100_000) = Field(120, description="number of frames")
    steps: Count = Field(4, description="steps of gradient ascent per frame")
    size: Pixels = Field(320, description="longer side in pixels")
    zoom: float = Field(1.02, ge=0.1, le=10, description="zoom factor per frame")
    rotation: float = Field(0.0, ge=-360, le=360, description="rotation per frame in degrees")
    shift: Annotated[list[Shift], Field(min_length=2, max_length=2)] = Field(
        [0.0, 0.0], description="shift per frame in pixels, to the right and down"
    )
    rate: whole_number(1, 240) = Field(24, description="frames per second")


class Dream(Section):
    """A picture, dreamt by some layers of a network."""

    title: str | None = Field(None, description="name in the report")
    picture: str = Field(
        description="an entry of `assets`, your own file (.jpg, .png, .webp), or `noise`"
    )
    network: Network = Field("InceptionV3", description="pretrained network")
    layers: LayerWeights = Field(
        description="layers and their weights in the objective; weight 0 drops a layer"
    )
    channels: Annotated[list[Steps], Field(min_length=1), AfterValidator(distinct)] | None = Field(
        None, description="use only these channels of each layer"
    )
    guide: str | None = Field(
        None,
        description="second picture, whose features the dream approaches: an asset or your own file",
    )
    size: Pixels = Field(640, description="longer side of the largest octave, in pixels")
    octaves: Octaves = Field(3, description="number of octaves, from small to large")
    octave_scale: Annotated[float, Field(gt=1, le=4)] = Field(
        1.4, description="size ratio of two octaves"
    )
    steps: Steps = Field(20, description="steps of gradient ascent per octave")
    step_size: Positive = Field(
        0.005,
        description="step size, for pixel values from 0 to 1 (the lecture: 0.01, for −1 to 1)",
    )
    norm: Literal["mean", "l2", "std"] = Field(
        "mean",
        description="what the gradient is divided by: its mean absolute value, L2 norm or standard deviation",
    )
    jitter: whole_number(0, 10_000) = Field(
        0, description="maximum roll of the picture before each step, in pixels"
    )
    smoothing: float = Field(
        0.0,
        ge=0,
        le=1_000,
        description="standard deviation in pixels of a Gaussian filter on the gradient",
    )
    max_loss: Positive | None = Field(
        None, description="an octave ends when the objective exceeds this"
    )
    details: bool = Field(True, description="put back the detail lost by downscaling")
    blend: Share | None = Field(
        None,
        description="instead of `details`: share of the original picture at the start of each larger octave; "
        "the rest is the smaller octave's dream (the PyTorch article's recursion)",
    )
    tile: whole_number(256, 10_000) | None = Field(
        None, description="compute gradients in tiles of this many pixels, to limit memory"
    )
    seed: Seed = Field(0, description="random seed of jitter and noise")
    sheet: Sheet | None = Field(None, description="also make a contact sheet")
    film: Film | None = Field(None, description="also make a film")

    @model_validator(mode="after")
    def can_be_dreamt(self):
        refuse(self.mistakes())
        return self

    def mistakes(self):
        if self.guide and self.channels:
            yield "channels", "cannot go with a guide; leave one of them out"
        side = self.size / self.octave_scale ** (self.octaves - 1)
        least = SMALLEST_SIDE[self.network]
        if side < least:
            yield (
                "",
                f"its smallest octave would have {side:.0f} pixels, and {self.network} needs {least}; "
                "use fewer octaves, a smaller octave_scale or a larger size",
            )
        layers = [(f"layers.{name}", name) for name, weight in self.layers.items() if weight]
        if self.sheet:
            layers += [(f"sheet.layers.{i}", name) for i, name in enumerate(self.sheet.layers)]
        yield from unknown_layers(self.network, layers)


class Dreams(Section):
    """The dreams."""

    pictures: dict[Name, Dream] = Field({}, description="dreams by name")
    select: Selection | None = Field(None, description="names of the dreams to run; default: all")

    select_exists = check_select("pictures", "dream")

    def undefined(self, assets: dict, weights: dict):
        """Yield a mistake, (path, sentence), for what `assets` or `weights` does not define."""
        for name, dream in self.pictures.items():
            for path, text in undefined_sources(
                dream, ["picture", "guide"], assets, weights, also=[NOISE]
            ):
                yield f"pictures.{name}.{path}", text
