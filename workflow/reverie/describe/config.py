"""The section `describe` of the configuration, and its checks."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from reverie.config.fields import (
    Count,
    Encoding,
    Name,
    OwnTable,
    Positive,
    Section,
    Seeds,
    Selection,
    did_you_mean,
    distinct,
    refuse,
    unknown_asset,
    whole_number,
)
from reverie.config.layers import Optimizer
from reverie.describe.kinds import CELLS, READERS, RETRIEVAL
from reverie.pictures.config import Network, Pixels, unknown_layers

MOST_TRAININGS = 10_000
MOST_WORDS = 200  # a network is unrolled over the words of a sentence, so that they cost memory
MOST_BEAM = 100

Units = whole_number(1, 4_096)
Dropout = Annotated[float, Field(ge=0, lt=1)]


class Features(Section):
    """What is computed of every picture, once."""

    network: Network = Field("InceptionV3", description="pretrained network")
    layer: str = Field("mixed8", description="its layer, whose cells are the regions of a picture")
    size: Pixels = Field(
        224, description="width and height in pixels to which pictures are squeezed"
    )
    dimensions: whole_number(1, 2_048) = Field(
        384, description="principal components that are kept of the layer's channels"
    )

    @model_validator(mode="after")
    def layer_exists(self):
        refuse(unknown_layers(self.network, [("layer", self.layer)]))
        return self


class Trained(Section):
    """What models and writers share."""

    title: str = Field(description="name in tables and figures")
    units: Units = Field(description="length of the vectors of words and regions, or of the state")
    optimizer: Optimizer = Field(
        {"name": "Adam", "learning_rate": 0.001}, description="Keras optimizer and its arguments"
    )
    batch: whole_number(2, 10_000) = Field(100, description="sentences per training step")
    epochs: Count = Field(15, description="training epochs at most")
    patience: Count | None = Field(
        4, description="training ends after so many epochs without a lower validation loss"
    )


class Model(Trained):
    """An alignment model: it ranks sentences for pictures, and pictures for sentences."""

    reader: Literal[READERS] = Field(
        description="`bag`, each word by itself; `rnn`, with the words before it; `brnn`, with all words"
    )
    levels: Annotated[
        list[whole_number(1, 100)], Field(min_length=1, max_length=10), AfterValidator(distinct)
    ] = Field(
        [3, 1],
        description="regions of a picture: a level of n has n × n overlapping ones; 1 is the whole picture",
    )
    scale: Positive | None = Field(
        10, description="length of a sentence's vector, where regions have the length 1; null: free"
    )
    sharpness: Positive | None = Field(
        10,
        description="how sharply a word prefers its best region while the network learns; null: it takes the best "
        "alone, as it does in rankings",
    )
    margin: Positive = Field(
        1, description="by how much the right score must be the higher one in the loss"
    )
    picture_dropout: Dropout = Field(0.4, description="share of a region's features dropped")
    word_dropout: Dropout = Field(0.2, description="share of a word's vector dropped")
    average: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="momentum of the moving average of the weights, which is then kept"
    )


class Writer(Trained):
    """A recurrent network that writes a sentence about a picture."""

    kind: Literal[CELLS] = Field(description="`rnn`, the paper's; `gru`; `lstm`")
    dropout: Dropout = Field(0.4, description="share of inputs and of outputs dropped")
    rates: (
        Annotated[list[Positive], Field(min_length=2, max_length=20), AfterValidator(distinct)]
        | None
    ) = Field(
        None,
        description="learning rates, each tried for an epoch; the one with the lowest validation loss trains the "
        "network; null: that of `optimizer`",
    )

    @model_validator(mode="after")
    def has_one_rate(self):
        # The default is Adam, here at one of these rates.
        if self.rates and "optimizer" not in self.model_fields_set:
            self.optimizer = {"name": self.optimizer["name"]}
        if self.rates and "learning_rate" in self.optimizer:
            text = "are tried in place of the optimizer's learning_rate; leave one of the two out"
            refuse([("rates", text)])
        return self


class Describe(Section):
    """Sentences for pictures: ranked by their alignment with regions, and written."""

    pictures: str | None = Field(
        None, description="name of an entry of `assets`: an archive of pictures"
    )
    sentences: str | None = Field(
        None, description="name of an entry of `assets`: the archive of Flickr8k's sentences"
    )
    folder: str | None = Field(
        None,
        description="your own pictures, used instead: a folder, .zip or .tar of .jpg, .png or .webp files",
    )
    table: OwnTable = Field(
        None,
        description="your own sentences: a table `picture,sentence`, and if you like `part` (train, val, test)",
    )
    encoding: Encoding = Field("utf-8", description="text encoding of your own table")
    features: Features = Field(default_factory=Features, description="features of pictures")
    fewest: Count = Field(
        5, description="words count from this number of occurrences in training sentences"
    )
    longest: whole_number(1, MOST_WORDS) = Field(
        20, description="words of a sentence that networks read, and write, at most"
    )
    most: whole_number(20, 10**9) | None = Field(
        None,
        description="upper limit on the pictures of each part; they are drawn (for quick runs)",
    )
    seeds: Seeds = Field(
        [0, 1, 2],
        description="random seeds; each trains every network once, and the first splits your own pictures",
    )
    max_epochs: Count | None = Field(
        None, description="upper limit on the epochs of every network (for quick runs)"
    )
    models: dict[Name, Model] = Field({}, description="alignment models, by name")
    writers: dict[Name, Writer] = Field({}, description="networks that write, by name")
    beams: Annotated[
        list[whole_number(1, MOST_BEAM)],
        Field(min_length=1, max_length=20),
        AfterValidator(distinct),
    ] = Field([1, 3, 7], description="sentences that the search keeps at each word; 1 is greedy")
    select: Selection | None = Field(
        None, description="names of the models and writers to run; default: all"
    )

    @field_validator("writers")
    @classmethod
    def names_are_distinct(cls, writers: dict[str, Writer], info: ValidationInfo):
        taken = dict.fromkeys(info.data.get("models", {}), "a model too")
        taken[RETRIEVAL] = "a writer that needs no network"
        refuse(
            (name, f"is the name of {taken[name]}; choose another")
            for name in writers
            if name in taken
        )
        return writers

    @field_validator("select")
    @classmethod
    def names_exist(cls, select: list[str] | None, info: ValidationInfo):
        if {"models", "writers"} <= info.data.keys():
            names = [*info.data["models"], *info.data["writers"]]
            refuse(
                (str(index), f"there is no model or writer {name!r}{did_you_mean(name, names)}")
                for index, name in enumerate(select or [])
                if name not in names
            )
        return select

    @model_validator(mode="after")
    def has_data(self):
        if (self.folder is None) != (self.table is None):
            missing, there = ("table", "folder") if self.folder else ("folder", "table")
            refuse([(missing, f"is missing; `{there}` needs it")])
        if self.folder is None and (self.models or self.writers):
            refuse(
                (name, "name an entry of `assets` here, or your own `folder` and `table`")
                for name in ("pictures", "sentences")
                if getattr(self, name) is None
            )
        chosen = self.select or [*self.models, *self.writers]
        trainings = len(chosen) * len(self.seeds)
        if trainings > MOST_TRAININGS:
            raise ValueError(
                f"models, writers and seeds make {trainings:,} trainings, and at most {MOST_TRAININGS:,} are "
                "allowed; leave some out"
            )
        return self

    def undefined(self, assets: dict, weights: dict):
        """Yield a mistake, (path, sentence), for each asset that `assets` does not define."""
        if self.folder is None:
            yield from unknown_asset(self.pictures, assets, "pictures")
            yield from unknown_asset(self.sentences, assets, "sentences")
        if (self.models or self.writers) and self.features.network not in weights:
            text = (
                f"{self.features.network} has no entry in `weights` that says where its weights are"
            )
            yield "features.network", text
