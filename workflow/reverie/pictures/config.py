"""What `dream` and `style` share in the configuration, and the section `weights`."""

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

# The fewest pixels a side that leave something of the deepest layers.
SMALLEST_SIDE = {"InceptionV3": 128, "VGG16": 32, "VGG19": 32}
PICTURES = r".+\.(jpe?g|png|webp)"

Network = Literal["InceptionV3", "VGG16", "VGG19"]
Pixels = whole_number(1, 10_000)


class Weights(Section):
    """Where a network has its weights from."""

    asset: str = Field(description="name of an entry of `assets`: a Keras weights file without top")
    to: str | None = Field(
        None, description="the last layer of the file, where it holds only the part up to there"
    )


def last_layers_exist(weights: dict[str, Weights]) -> dict[str, Weights]:
    refuse(
        mistake
        for network, entry in weights.items()
        for mistake in unknown_layers(network, [(f"{network}.to", entry.to)])
    )
    return weights


WeightsOfNetworks = Annotated[dict[Network, Weights], AfterValidator(last_layers_exist)]


def unknown_layers(network: str, layers: Iterable[tuple[str, str | None]]):
    """Mistakes: of ``layers``, as (path, name), those that the network does not have."""
    for path, name in layers:
        if name is not None and name not in LAYER_NAMES[network]:
            yield path, f"{network} has no layer {name!r}{did_you_mean(name, LAYER_NAMES[network])}"


def undefined_weights(weights: dict[str, Weights], assets: dict):
    """Mistakes in `weights`: assets that no entry of `assets` defines."""
    for network, entry in weights.items():
        yield from unknown_asset(entry.asset, assets, f"{network}.asset")


def undefined_sources(entry: Section, keys: list[str], assets: dict, weights: dict, also=()):
    """Mistakes of a dream or a transfer of style: its pictures under ``keys``, and its network.

    A picture is an asset, a file of the user's, or one of the words in ``also``.
    """
    for key in keys:
        picture = getattr(entry, key)
        names = [*assets, *(also if key == "picture" else [])]
        if picture not in (None, *names) and not re.fullmatch(PICTURES, picture, re.I):
            text = f"must be an asset or a .jpg, .png or .webp file, not {picture!r}"
            yield key, text + did_you_mean(picture, names)
    if entry.network not in weights:
        yield (
            "network",
            f"{entry.network} has no entry in `weights` that says where its weights are",
        )
