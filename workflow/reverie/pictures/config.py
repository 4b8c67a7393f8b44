"""The section `weights` of the configuration, and checks that `dream` and `style` share."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reverie.config.fields import (
    Section,
    did_you_mean,
    refuse,
    unknown_asset,
    whole_number,
)
from reverie.pictures.layer_names import LAYER_NAMES

# The least pixels a side for which the deepest layers have cells to work on.
SMALLEST_SIDE = {"InceptionV3": 128, "VGG16": 32, "VGG19": 32, "SqueezeNet": 32}
PICTURES = r".+\.(jpe?g|png|webp)"

Network = Literal["InceptionV3", "VGG16", "VGG19", "SqueezeNet"]
Pixels = whole_number(1, 10_000)


class Weights(Section):
    """The weights file of a network."""

    asset: str = Field(
        description="name of an entry of `assets`: a Keras weights file without the top layers"
    )
    to: str | None = Field(None, description="last layer in the file, if the network is truncated")


def last_layers_exist(weights: dict[str, Weights]) -> dict[str, Weights]:
    refuse(
        mistake
        for network, entry in weights.items()
        for mistake in unknown_layers(network, [(f"{network}.to", entry.to)])
    )
    return weights


WeightsOfNetworks = Annotated[dict[Network, Weights], AfterValidator(last_layers_exist)]


def unknown_layers(network: str, layers: Iterable[tuple[str, str | None]]):
    """Yield a mistake for each of ``layers``, pairs (path, name), that the network does not have."""
    for path, name in layers:
        if name is not None and name not in LAYER_NAMES[network]:
            yield path, f"{network} has no layer {name!r}{did_you_mean(name, LAYER_NAMES[network])}"


def undefined_weights(weights: dict[str, Weights], assets: dict):
    """Yield a mistake for each asset in `weights` that `assets` does not define."""
    for network, entry in weights.items():
        yield from unknown_asset(entry.asset, assets, f"{network}.asset")


def undefined_sources(entry: Section, keys: list[str], assets: dict, weights: dict, also=()):
    """Yield the mistakes in a dream's or transfer's pictures, its settings ``keys``, and in its network.

    A picture is an asset, a file of the user's or, for `picture` alone, one of the words ``also``.
    """
    for key in keys:
        picture = getattr(entry, key)
        names = [*assets, *(also if key == "picture" else [])]
        if picture not in (None, *names) and not re.fullmatch(PICTURES, picture, re.I):
            text = f"must be an asset or a .jpg, .png or .webp file, not {picture!r}"
            yield key, text + did_you_mean(picture, names)
    if entry.network not in weights:
        text = f"{entry.network} has no entry in `weights` that says where its weights are"
        yield "network", text
