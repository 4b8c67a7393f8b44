"""The whole configuration as one typed model: every setting, its default, its description.

`config.yaml` and its overlays are read by Snakemake, merged, and checked here before any job
starts. `python -m reverie.config schema` prints the JSON schema, `... table` the documentation,
`... check FILE...` the mistakes of configuration files.
"""

import datetime
import difflib
import itertools
import json
import math
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from reverie import configfiles, durations
from reverie.dream import selection
from reverie.errors import ReverieError, shortened
from reverie.forecast import variants
from reverie.pictures.layer_names import LAYER_NAMES

MOST = 1_000_000_000  # of whatever is counted
NAME = r"[a-z0-9][a-z0-9_.-]{0,99}"
NAMES = "must begin with a-z or 0-9, have only a-z, 0-9, '_', '-' and '.', and be 1 to 100 characters long"
LONGEST_NAME = 200  # of a grid's variant, which is a folder
MOST_COMBINATIONS = 1_000  # of a grid
MOST_TRAININGS = 10_000
MOST_LISTED = 30  # names in a sentence, mistakes in a message
MOST_COUNTED = 1_000  # mistakes; each costs a search for the nearest name

# What a variant may be built of. By name from this list alone, so that no configuration can
# make Keras run code of its own (no Lambda, no custom objects).
LAYERS = [
    "Activation",
    "AveragePooling1D",
    "BatchNormalization",
    "Bidirectional",
    "Conv1D",
    "Dense",
    "Dropout",
    "Flatten",
    "GRU",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalMaxPooling1D",
    "LSTM",
    "LayerNormalization",
    "MaxPooling1D",
    "SeparableConv1D",
    "SimpleRNN",
    "SpatialDropout1D",
]
RESERVED = {"naive", "naive_delay", "plots"}  # the baselines, and a folder beside the networks
SPANS = ("lookback", "step")
OPTIMIZERS = ["Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "SGD"]
# Of each network that dreams, the fewest pixels a side that leave something of its layers.
SMALLEST_SIDE = {"InceptionV3": 128, "VGG16": 32, "VGG19": 32}
NOISE = "noise"  # what a dream may start from instead of a picture
PICTURES = r".+\.(jpe?g|png|webp)"


def refuse_numbers_as_text(arguments: dict) -> None:
    """YAML takes 1e-3, without a point, for a text; Keras would say something cryptic of it."""
    for name, value in arguments.items():
        if isinstance(value, str) and re.fullmatch(
            r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", value, re.I
        ):
            number = int(value) if value.isdecimal() else float(value)
            raise ValueError(f"{name} is the text {value!r}; write the number {number}")


def layer(value: Any) -> dict[str, dict]:
    """`GRU` or `{GRU: {units: 32}}` as `{"GRU": {...}}`, with the name from the allow-list.

    Bidirectional wraps another layer that is checked in the same way.
    """
    value = {value: {}} if isinstance(value, str) else value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"must be one layer such as {{GRU: {{units: 32}}}}, not {value!r}")
    ((name, arguments),) = value.items()
    if name not in LAYERS:
        raise ValueError(f"layer {name!r} is not known{did_you_mean(name, LAYERS)}")
    arguments = {} if arguments is None else arguments
    if not isinstance(arguments, dict) or not all(isinstance(key, str) for key in arguments):
        raise ValueError(f"the arguments of {name} must be `name: value`, not {arguments!r}")
    refuse_numbers_as_text(arguments)
    if name == "Bidirectional":
        if "layer" not in arguments:
            raise ValueError("Bidirectional needs the layer it wraps: {Bidirectional: {layer: …}}")
        arguments = {**arguments, "layer": layer(arguments["layer"])}
    return {name: arguments}


def optimizer(value: Any) -> dict:
    """`RMSprop` or `{name: RMSprop, learning_rate: 0.001}` with the name from the allow-list."""
    value = {"name": value} if isinstance(value, str) else value
    if not isinstance(value, dict) or "name" not in value:
        raise ValueError(
            "must be a name such as RMSprop, or {name: RMSprop, learning_rate: 0.001}, "
            f"not {value!r}"
        )
    if value["name"] not in OPTIMIZERS:
        name = value["name"]
        raise ValueError(f"optimizer {name!r} is not known{did_you_mean(name, OPTIMIZERS)}")
    refuse_numbers_as_text(value)
    return value


def did_you_mean(name: Any, names) -> str:
    """The end of a sentence about an unknown name: the nearest name, or all of them."""
    spelled = {str(known).lower(): known for known in names}
    near = difflib.get_close_matches(str(name).lower(), spelled, n=1)
    if near:
        return f"; did you mean {spelled[near[0]]!r}?"
    listed = list(map(str, names))
    listed = sorted(listed) if len(listed) <= MOST_LISTED else [*listed[:MOST_LISTED], "…"]
    return f"; allowed: {', '.join(listed)}"


def duration(value: Any) -> str:
    durations.minutes(value)
    return value


def boundary(value: Any) -> int | float | str:
    """An end of a split: a row, a fraction of the rows, or a date."""
    if isinstance(value, (datetime.date, datetime.datetime)):
        value = value.isoformat()
    if isinstance(value, str):
        try:
            return datetime.datetime.fromisoformat(value).isoformat()
        except ValueError:
            pass
    elif isinstance(value, (int, float)) and (
        0 < value < 1 or (1 < value <= MOST and value == int(value))
    ):
        return value if value < 1 else int(value)
    raise ValueError(
        f"must be a row (200000), a fraction of the rows (0.5) or a date ('2014-01-01'), not {value!r}"
    )


def whole(value: Any) -> int:
    """A whole number; as text too, which is what `snakemake --config` makes of numbers."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,20}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a whole number, not {value!r}")
    return value


def table_path(value: Any) -> str | None:
    if value is None or (
        isinstance(value, str) and re.fullmatch(r".+\.(csv|gz|zip|tsv|txt)", value, re.I)
    ):
        return value
    raise ValueError(f"must name a .csv, .csv.gz or .zip file, not {value!r}")


def text_path(value: Any) -> Any:
    if isinstance(value, str) and value.endswith(".json"):
        raise ValueError(f"must be a plain text, not {value!r}")
    return value


def distinct(listed: list | None) -> list | None:
    seen = set()
    for item in listed or []:
        if item in seen:
            rounded = " (three decimals count)" if isinstance(item, float) else ""
            raise ValueError(f"{item} is listed twice{rounded}")
        seen.add(item)
    return listed


def grid_within_bounds(grid: dict[str, list]) -> dict[str, list]:
    if "grid" in grid:
        raise ValueError("cannot have another grid in it")
    combinations = math.prod(map(len, grid.values()))
    if combinations > MOST_COMBINATIONS:
        raise ValueError(
            f"has {combinations:,} combinations, and at most {MOST_COMBINATIONS:,} are allowed; "
            "leave values out"
        )
    return grid


def weights_of_layers(value: Any) -> Any:
    """Weights by layer; 0 leaves a layer out, so that an overlay can."""
    if isinstance(value, dict) and value and not any(value.values()):
        raise ValueError("needs a layer with a weight above 0")
    return value


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


def whole_number(least: int, most: int):
    return Annotated[int, Field(ge=least, le=most), BeforeValidator(whole)]


def described(**schema) -> WithJsonSchema:
    return WithJsonSchema(schema)


Duration = Annotated[
    str, BeforeValidator(duration), described(type="string", pattern=durations.PATTERN)
]
Boundary = Annotated[
    int | float | str,
    BeforeValidator(boundary),
    described(type=["integer", "number", "string"]),
]
Layer = Annotated[dict, BeforeValidator(layer), described(type=["string", "object"])]
Optimizer = Annotated[dict, BeforeValidator(optimizer), described(type=["string", "object"])]
Checksum = Annotated[
    str,
    BeforeValidator(checksum),
    described(type="string", pattern="^(md5|sha256):[0-9a-f]+$"),
]
Address = Annotated[str, BeforeValidator(address), described(type="string", format="uri")]
FileName = Annotated[str, BeforeValidator(file_name), described(type="string")]
Name = Annotated[str, Field(pattern=f"^{NAME}$")]
# Upper bounds are where memory would burst on a large machine too, far above what makes sense.
Seed = whole_number(0, 2**32 - 1)
Count = whole_number(1, MOST)
Steps = whole_number(0, MOST)
Bytes = whole_number(1, 10**15)
EpochSteps = whole_number(1, 100_000)
Batch = whole_number(1, 10_000)
Characters = whole_number(1, 100_000)
Pixels = whole_number(1, 10_000)
Octaves = whole_number(1, 50)
Temperature = Annotated[
    float,
    Field(ge=0.001, le=100),
    AfterValidator(lambda value: round(value, 3)),
]
TextPath = Annotated[str | None, BeforeValidator(text_path)]
Network = Literal["InceptionV3", "VGG16", "VGG19"]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Seeds = Annotated[list[Seed], Field(min_length=1, max_length=1_000), AfterValidator(distinct)]
Selection = Annotated[list[str], Field(min_length=1), AfterValidator(distinct)]
LayerWeights = Annotated[
    dict[str, NotNegative], BeforeValidator(weights_of_layers), Field(min_length=1)
]


class Section(BaseModel):
    """A part of the configuration; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())


class Contents(Section):
    """The one table inside a zip, checked in place of the zip (which mirrors pack differently)."""

    bytes: Bytes = Field(description="size of the unpacked table")
    hash: Checksum = Field(description="`sha256:…` or `md5:…` of the unpacked table")


class Asset(Section):
    """A file that the workflow needs but does not contain."""

    file: FileName = Field(description="its name, in a mirror directory and in `resources/`")
    addresses: list[Address] = Field([], description="where to download it, in order of preference")
    bytes: Bytes | None = Field(None, description="its size")
    hash: Checksum | None = Field(None, description="its checksum, `sha256:…` or `md5:…`")
    contents: Contents | None = Field(None, description="facts of the table inside a zip")
    sample: Literal["weather", "docstrings", "sky", "painting", "sheet", "convnet"] | None = Field(
        None,
        description="the embedded sample that may stand in for it under `samples: auto`",
    )


class Time(Section):
    """Where a series keeps its time."""

    column: str = Field("Date Time", description="name of the column")
    format: str = Field(
        "%d.%m.%Y %H:%M:%S", description="its format in strftime codes, or `ISO8601`"
    )


class Series(Section):
    """The series to forecast: the lecture's, or your own by `path`."""

    asset: str | None = Field(None, description="name of an entry of `assets`")
    path: Annotated[str | None, BeforeValidator(table_path)] = Field(
        None,
        description="your own file, used instead of the asset: .csv, .csv.gz, or .zip with one .csv",
    )
    time: Time = Field(default_factory=Time, description="column and format of the time")
    target: str = Field("T (degC)", description="the column to forecast")
    unit: str = Field("°C", description="unit of the target")
    columns: Selection | None = Field(
        None, description="input columns; all numeric ones where not given"
    )
    derive_moisture: bool = Field(
        False,
        description="compute the columns Tpot, VPact, VPdef, sh, H2OC and rho of the Jena file "
        "from its six measured ones",
    )
    sentinels: list[float] = Field([-9999.0], description="values that mean 'not measured'")
    clean: bool = Field(
        False,
        description="put rows in the order of time, drop repeated times, and replace sentinels and "
        "missing values (the lecture does not)",
    )
    fill: Duration = Field(
        "3 hours",
        description="for how long `clean` repeats the last value measured; after that the mean of the "
        "column stands in",
    )


class Split(Section):
    """Where the training and validation parts end; the test part is the rest."""

    train: Boundary = Field(200000, description="end of training: row, fraction of rows, or date")
    validation: Boundary = Field(300000, description="end of validation, likewise")


class Lowering(Section):
    """A step of a learning-rate schedule."""

    after: float = Field(
        ge=0, lt=1, description="share of the epochs that comes before, to the nearest whole epoch"
    )
    factor: Positive = Field(description="what the learning rate is multiplied by from then on")


class Variant(Section):
    """One network, as data: Keras layers with their arguments. `Dense(1)` is added at the end."""

    title: str = Field(description="its name in the report")
    slide: str | None = Field(None, description="the slide of the lecture that shows it")
    layers: Annotated[list[Layer], Field(min_length=1, max_length=100)] = Field(
        description="Keras layers by name: `Flatten`, `{GRU: {units: 32}}`"
    )
    epochs: Count = Field(20, description="training epochs")
    optimizer: Optimizer | None = Field(None, description="instead of `forecast.optimizer`")
    steps: EpochSteps | None = Field(None, description="instead of `forecast.steps`")
    schedule: list[Lowering] = Field([], description="changes of the learning rate")
    lookback: Duration | None = Field(None, description="instead of `forecast.lookback`")
    step: Duration | None = Field(None, description="instead of `forecast.step`")
    batch: Batch | None = Field(None, description="instead of `forecast.batch`")
    reversed: bool = Field(False, description="read the window from the newest value to the oldest")
    shuffled: bool = Field(
        False, description="read the window in an order drawn once for all windows"
    )
    calendar: bool = Field(
        False, description="add sine and cosine of the hour of day and the day of year as inputs"
    )
    residual: bool = Field(
        False, description="predict the change from the newest value, not the value itself"
    )
    ensemble: bool = Field(
        False, description="evaluate the mean of its seeds' forecasts too, as `<name>_ensemble`"
    )
    grid: Annotated[
        dict[str, Annotated[list[Any], Field(min_length=1)]], AfterValidator(grid_within_bounds)
    ] = Field(
        {},
        description="settings of the variant or arguments of its layers or optimizer, with the "
        "values to try; each combination becomes a variant `<name>.<setting>-<value>`",
    )

    @model_validator(mode="after")
    def grid_is_valid(self):
        """Every variant that the grid makes must itself be one."""
        if self.grid:
            plain = self.model_dump()
            plain["optimizer"] = plain["optimizer"] or {"name": "RMSprop"}
            try:
                for made in variants.expanded({"x": plain}).values():
                    Variant.model_validate(made)
            except KeyError as error:
                raise ValueError(
                    f"grid: {error.args[0]!r} is neither a setting of the variant nor an argument "
                    "of one of its layers"
                ) from None
            except ValidationError as error:
                path, text = sentence(error.errors()[0])
                raise ValueError(f"grid: {path} {text}") from None
        return self


class Forecast(Section):
    """The forecast: series, windows, training and the networks."""

    series: Series = Field(description="the series to forecast")
    split: Split = Field(default_factory=Split, description="training, validation and test parts")
    lookback: Duration = Field("10 days", description="how far back a window reaches")
    step: Duration = Field("1 hour", description="distance of the inputs in a window")
    delay: Duration = Field("24 hours", description="how far ahead the target lies")
    batch: Batch = Field(128, description="windows in a training step")
    steps: EpochSteps = Field(500, description="training steps in an epoch")
    max_epochs: Count | None = Field(
        None, description="no variant trains longer than this (for quick looks)"
    )
    optimizer: Optimizer = Field(
        {"name": "RMSprop"}, description="Keras optimizer and its arguments"
    )
    seeds: Seeds = Field([0, 1, 2], description="every variant is trained once for each")
    variants: Annotated[dict[Name, Variant], Field(min_length=1)] = Field(
        description="the networks by name"
    )
    select: Selection | None = Field(
        None, description="names of the variants that run; all where not given"
    )


class Sampling(Section):
    """What a trained network is asked to write."""

    epochs: list[Count] = Field(
        [20, 60], description="epochs that write, besides the last and the best"
    )
    temperatures: Annotated[
        list[Temperature], Field(min_length=1, max_length=100), AfterValidator(distinct)
    ] = Field(
        [0.2, 0.5, 1.0, 1.2],
        description="the distribution of the next character is sharpened below 1; three decimals count",
    )
    greedy: bool = Field(True, description="also always take the likeliest character")
    prompt: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="what every sample continues"
    )
    random_prompts: whole_number(0, 1_000) = Field(
        0, description="how many parts of the corpus, drawn once, are continued too"
    )
    characters: Characters = Field(400, description="length of a sample")


class Text(Section):
    """Writing character by character in the manner of a corpus."""

    asset: str | None = Field(None, description="name of an entry of `assets`")
    corpus: TextPath = Field(
        None, description="your own UTF-8 text file, used instead of the asset"
    )
    window: Characters = Field(60, description="characters that the network sees")
    step: Characters = Field(3, description="characters between the windows it learns")
    held_out: float = Field(
        0.05, gt=0, lt=1, description="share of the text, at its end, that is not learned"
    )
    layers: Annotated[list[Layer], Field(min_length=1, max_length=100)] = Field(
        description="Keras layers by name; a last `Dense` gives a number for each character"
    )
    batch: Batch = Field(128, description="windows in a training step")
    epochs: Count = Field(60, description="training epochs")
    steps: EpochSteps | None = Field(
        None, description="training steps in an epoch; all windows once where not given"
    )
    optimizer: Optimizer = Field(
        {"name": "RMSprop", "learning_rate": 0.01},
        description="Keras optimizer and its arguments; `clipnorm: 1` tames explosions",
    )
    seeds: Seeds = Field([0, 1, 2], description="the network is trained once for each")
    sampling: Sampling = Field(default_factory=Sampling, description="what it then writes")


class Weights(Section):
    """Where a network that dreams has its weights from."""

    asset: str = Field(description="name of an entry of `assets`: a Keras weights file without top")
    to: str | None = Field(
        None, description="the last layer of the file, where it holds only the part up to there"
    )


class Sheet(Section):
    """A contact sheet: the same picture dreamt by one layer after the other."""

    layers: Annotated[list[str], Field(min_length=1)] = Field(
        description="layers, from shallow to deep"
    )
    size: Pixels = Field(320, description="longer side in pixels")
    octaves: Octaves = Field(2, description="number of octaves")
    steps: Steps = Field(20, description="steps in an octave")


class Film(Section):
    """The endless dream: what was dreamt is fed back with a little zoom."""

    frames: whole_number(1, 100_000) = Field(120, description="number of frames")
    steps: Count = Field(4, description="steps of ascent a frame")
    size: Pixels = Field(320, description="longer side in pixels")
    zoom: float = Field(1.02, ge=0.1, le=10, description="factor a frame")
    rotation: float = Field(0.0, ge=-360, le=360, description="degrees a frame")
    shift: Annotated[
        list[Annotated[float, Field(ge=-10_000, le=10_000)]], Field(min_length=2, max_length=2)
    ] = Field([0.0, 0.0], description="pixels a frame, to the right and down")
    rate: whole_number(1, 240) = Field(24, description="frames a second")


class Dream(Section):
    """One picture dreamt by some layers of a network."""

    title: str | None = Field(None, description="its name in the report")
    picture: str = Field(
        description="an entry of `assets`, a file of yours (.jpg, .png, .webp), or `noise`"
    )
    network: Network = Field("InceptionV3", description="which network dreams")
    layers: LayerWeights = Field(
        description="layers and their weights in the objective; 0 leaves one out"
    )
    channels: Annotated[list[Steps], Field(min_length=1), AfterValidator(distinct)] | None = Field(
        None, description="use only these channels of each layer"
    )
    guide: str | None = Field(
        None, description="a second picture, whose features the dream comes to resemble"
    )
    size: Pixels = Field(640, description="longer side of the largest octave, in pixels")
    octaves: Octaves = Field(3, description="number of octaves, from small to large")
    octave_scale: Annotated[float, Field(gt=1, le=4)] = Field(
        1.4, description="factor between octaves"
    )
    steps: Steps = Field(20, description="steps of gradient ascent in an octave")
    step_size: Positive = Field(
        0.005,
        description="size of a step, for pixel values from 0 to 1 (the lecture's is 0.01 of −1 to 1)",
    )
    norm: Literal["mean", "l2", "std"] = Field(
        "mean", description="the gradient is divided by its mean absolute, its l2 norm or its std"
    )
    jitter: whole_number(0, 10_000) = Field(
        0, description="pixels by which the picture is rolled at most, each step"
    )
    smoothing: float = Field(
        0.0,
        ge=0,
        le=1_000,
        description="standard deviation in pixels of the Gaussian that smooths the gradient",
    )
    max_loss: Positive | None = Field(None, description="an octave ends where this is exceeded")
    details: bool = Field(True, description="put back the detail that was lost by shrinking")
    blend: Share | None = Field(
        None,
        description="instead of details: share of the picture itself in each larger octave, the rest "
        "is the dream below (the PyTorch article's recursion)",
    )
    tile: whole_number(256, 10_000) | None = Field(
        None, description="compute gradients by tiles of so many pixels, which bounds the memory"
    )
    seed: Seed = Field(0, description="random seed of the jitter and of noise")
    sheet: Sheet | None = Field(None, description="also make a contact sheet")
    film: Film | None = Field(None, description="also make a film")


class Style(Section):
    """A picture painted in the manner of another."""

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
        AfterValidator(grid_within_bounds),
    ] = Field(
        {},
        description="weights to try; each combination becomes `<name>.<weight>-<value>`",
    )


class Named(Section):
    """Sections under names of the user's, beside settings of their own."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    @classmethod
    def inner(cls) -> type[Section]:
        """The section that stands under each name."""
        return section_in(cls.__annotations__["__pydantic_extra__"])

    @property
    def named(self) -> dict[str, Any]:
        return self.__pydantic_extra__


class Dreams(Named):
    """The dreams, each under its name."""

    __pydantic_extra__: dict[str, Dream]
    select: Selection | None = Field(
        None, description="names of the dreams that run; all where not given"
    )


class Styles(Named):
    """The transfers of style, each under its name."""

    __pydantic_extra__: dict[str, Style]
    select: Selection | None = Field(
        None, description="names of the transfers that run; all where not given"
    )


class Config(Section):
    """Everything a run of Reverie depends on."""

    run: Name | None = Field(
        None,
        description="folder under `results/`; by default made of the overlays' names",
    )
    backend: Literal["tensorflow", "jax"] = Field("tensorflow", description="Keras backend")
    jobs_per_gpu: whole_number(1, 64) = Field(
        1, description="jobs that share a GPU, for small networks"
    )
    samples: Literal["never", "auto"] = Field(
        "never",
        description="`auto`: an asset that cannot be reached is replaced by its embedded sample",
    )
    mirrors: list[str] = Field(
        ["mirror", "../shared/mirror"],
        description="directories searched for assets, after `$REVERIE_MIRROR`",
    )
    assets: dict[Name, Asset] = Field({}, description="files to fetch, by name")
    parts: Annotated[
        list[Literal["forecast", "text", "dream", "style"]],
        Field(min_length=1),
        AfterValidator(distinct),
    ] = Field(
        ["forecast", "text", "dream", "style"], description="the parts of the lecture that run"
    )
    networks: dict[Network, Weights] = Field(
        {}, description="weights of the networks that dream and judge style"
    )
    forecast: Forecast = Field(description="the temperature forecast")
    text: Text = Field(description="writing in the manner of a corpus")
    dream: Dreams = Field(default_factory=Dreams, description="pictures that networks dream")
    style: Styles = Field(default_factory=Styles, description="pictures in the manner of others")


class ConfigError(Exception):
    """All mistakes of a configuration, a line each."""


def load(raw: dict) -> Config:
    """The checked configuration; ConfigError lists every mistake with its path."""
    mistakes = dict(itertools.islice(cross_checks(raw), MOST_COUNTED))
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        # A wrong value explains itself; what another check says of the same place is noise.
        mistakes |= dict(sentence(item) for item in error.errors()[:MOST_COUNTED])
    else:
        mistakes = mistakes or dict(name_checks(config.model_dump()))
    if mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        listed = sorted(mistakes.items())[:MOST_LISTED]
        lines = [f"  {shortened(path, 200)}: {shortened(text, 1000)}" for path, text in listed]
        lines = [line.replace("\n", " ") for line in lines]
        if len(mistakes) > MOST_LISTED:
            lines.append(f"  … and {len(mistakes) - MOST_LISTED:,} more")
        raise ConfigError("\n".join([f"The configuration has {count}:", *lines]))
    return config


def name_checks(settings: dict):
    """Mistakes that show once the grids of a valid configuration are spelled out."""
    forecast, style = settings["forecast"], settings["style"]
    names, ensembles = {}, []
    for name in forecast["select"] or forecast["variants"]:
        one = {"forecast": {**forecast, "select": [name]}}
        names[name] = list(variants.selected(one))
        if forecast["variants"][name]["ensemble"]:
            ensembles += [f"{made}_ensemble" for made in names[name]]
    trainings = sum(map(len, names.values())) * len(forecast["seeds"])
    if trainings > MOST_TRAININGS:
        yield (
            "forecast",
            f"variants and seeds make {trainings:,} trainings, and at most {MOST_TRAININGS:,} are "
            "allowed; leave some out",
        )
    yield from clashes("forecast.variants", forecast["variants"], names, ensembles)
    chosen = style["select"] or style.keys() - {"select"}
    names = {
        name: list(selection.styles({"style": {**style, "select": [name]}})) for name in chosen
    }
    yield from clashes("style", style, names, [])


def clashes(where: str, section: dict, names: dict[str, list[str]], taken: list[str]):
    """Names that files cannot have, or that two have: ``names`` are what each entry becomes."""
    known = {name: "an ensemble" for name in taken}
    for name, made in names.items():
        grid = section[name]["grid"]
        if len(made) < math.prod(map(len, grid.values())):
            text = "two of its combinations have the same name; leave one of the values out"
            yield f"{where}.{name}.grid", text
        for full in made:
            if len(full) > LONGEST_NAME:
                text = f"{full[:40]}… has more than {LONGEST_NAME} characters; shorten the name"
                yield f"{where}.{name}.grid", f"{text} or the values"
            elif full in known:
                text = f"{full} is the name of {known[full]} too; choose another"
                yield f"{where}.{name}", text
            known[full] = f"one of {name}"


def sentence(error: dict) -> tuple[str, str]:
    """Path and plain words for one of pydantic's errors."""
    # A wrong name of a dict entry comes with '[key]' at the end of its path.
    location = [str(part) for part in error["loc"] if part != "[key]"]
    path, kind, context = (
        ".".join(location) or "config",
        error["type"],
        error.get("ctx", {}),
    )
    given = shortened(json.dumps(error["input"], ensure_ascii=False, default=str), 200)
    match kind:
        case "value_error":
            return path, shortened(str(context["error"]), 500)
        case "extra_forbidden":
            section = section_at(error["loc"][:-1])
            return path, "is not a setting" + did_you_mean(
                error["loc"][-1], list(section.model_fields)
            )
        case "missing":
            return path, "is missing"
        case "literal_error":
            return path, f"must be {context['expected']}, not {given}"
        case "greater_than_equal":
            return path, f"must be at least {context['ge']:,.12g}, not {given}"
        case "greater_than":
            return path, f"must be above {context['gt']:,.12g}, not {given}"
        case "less_than":
            return path, f"must be below {context['lt']:,.12g}, not {given}"
        case "less_than_equal":
            return path, f"must be at most {context['le']:,.12g}, not {given}"
        case "finite_number":
            return path, f"must be a finite number, not {given}"
        case "too_short" | "string_too_short" if context["min_length"] == 1:
            return path, "must not be empty"
        case "too_short":
            return (
                path,
                f"must have {context['min_length']} entries, not {context['actual_length']}",
            )
        case "too_long":
            return path, f"must have at most {context['max_length']:,} entries"
        case "string_pattern_mismatch":
            return path, f"{NAMES}, not {given}"
        case "float_type" | "float_parsing":
            return path, f"must be a number, not {given}"
        case "bool_type" | "bool_parsing":
            return path, f"must be true or false, not {given}"
        case "string_type":
            return path, f"must be a text, not {given}"
        case "list_type":
            return path, f"must be a list, not {given}"
        case "dict_type" | "model_type" | "model_attributes_type":
            return path, f"must be a group of `name: value`, not {given}"
    return path, f"{error['msg']}, not {given}"


def section_in(annotation: Any) -> type[Section] | None:
    """The section that a field holds, itself or in a list, a dict or an option."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(section_in, get_args(annotation))), None)


def section_at(location: tuple) -> type[Section]:
    """The section that describes the settings at this path."""
    section = Config
    for part in location:
        if part in section.model_fields:  # otherwise a user's name of a section
            section = section_in(section.model_fields[part].annotation) or section
        elif issubclass(section, Named):
            section = section.inner()
    return section


def group(parent: dict, key: str) -> dict:
    """The group of settings under a key of a raw configuration; none where it is something else."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def items(parent: dict, key: str) -> list:
    """The list under a key of a raw configuration, likewise."""
    value = parent.get(key)
    return value if isinstance(value, list) else []


def cross_checks(raw: dict):
    """Mistakes that need two settings at once, as (path, sentence).

    They read the raw configuration, so that they are found beside mistakes of single settings.
    """

    def length(text) -> float | None:
        try:
            return durations.minutes(text)
        except ValueError:
            return None

    assets, forecast = group(raw, "assets"), group(raw, "forecast")
    series, named = group(forecast, "series"), group(forecast, "variants")
    for index, name in enumerate(items(forecast, "select")):
        if isinstance(name, str) and name not in named:
            yield (
                f"forecast.select.{index}",
                f"there is no variant {name!r}{did_you_mean(name, named)}",
            )
    writing = group(raw, "text")
    sampling = group(writing, "sampling")
    if writing and not sampling.get("prompt") and not sampling.get("random_prompts"):
        yield "text.sampling", "needs a `prompt`, or `random_prompts` above 0"
    for name in RESERVED & named.keys():
        yield f"forecast.variants.{name}", "is reserved; choose another name"
    for name in named:
        if group(named, name).get("ensemble") and f"{name}_ensemble" in named:
            text = f"is the name of the ensemble of {name}; choose another"
            yield f"forecast.variants.{name}_ensemble", text
    sources = [("forecast.series", series, "path"), ("text", writing, "corpus")]
    for where, section, own in sources:
        asset, path = section.get("asset"), section.get(own)
        if section and asset is None and path is None:
            yield where, f"needs `asset` (an entry of `assets`) or `{own}` (your own file)"
        elif path is None and isinstance(asset, str) and asset not in assets:
            yield f"{where}.asset", f"there is no asset {asset!r}{did_you_mean(asset, assets)}"
    for part in ("dream", "style"):
        yield from picture_checks(part, group(raw, part), assets, group(raw, "networks"))
    default = {key: forecast.get(key, Forecast.model_fields[key].default) for key in SPANS}
    spans = {"forecast": default} | {
        f"forecast.variants.{name}": default | {k: variant[k] for k in SPANS if variant.get(k)}
        for name, variant in named.items()
        if isinstance(variant, dict) and any(variant.get(key) for key in SPANS)
    }
    for where, span in spans.items():
        lookback, step = length(span["lookback"]), length(span["step"])
        if lookback and step and abs(lookback / step - round(lookback / step)) > 1e-6:
            text = f"{span['step']} does not divide the lookback of {span['lookback']}; choose a step that does"
            yield f"{where}.step", text
    split = group(forecast, "split")
    ends = [split.get("train"), split.get("validation")]
    try:
        train, validation = map(boundary, ends)
    except ValueError:
        return
    kinds = [
        "date" if isinstance(e, str) else "fraction" if e < 1 else "row"
        for e in (train, validation)
    ]
    if kinds[0] != kinds[1]:
        yield (
            "forecast.split",
            f"train is a {kinds[0]} but validation is a {kinds[1]}; use one kind for both",
        )
    elif train >= validation:
        yield (
            "forecast.split.validation",
            f"must come after the end of training, {train}",
        )


def picture_checks(part: str, section: dict, assets: dict, networks: dict):
    """Mistakes in `dream` or `style` that need two settings at once, as (path, sentence)."""
    fields = (Dream if part == "dream" else Style).model_fields
    named = {name: one for name, one in section.items() if name != "select"}
    for index, name in enumerate(items(section, "select")):
        if isinstance(name, str) and name not in named:
            text = f"there is no {part} {name!r}{did_you_mean(name, named)}"
            yield f"{part}.select.{index}", text
    for name, one in named.items():
        where = f"{part}.{name}"
        if not re.fullmatch(NAME, str(name)):
            text = f"{NAMES}, not {name!r}"
            yield where, text
        if not isinstance(one, dict):
            continue
        for key in ("picture", "guide", "style"):
            given = one.get(key)
            if isinstance(given, str) and key in fields and given not in assets:
                noise = (part, key, given) == ("dream", "picture", NOISE)
                if not noise and not re.fullmatch(PICTURES, given, re.I):
                    text = f"must be an asset or a .jpg, .png or .webp file, not {given!r}"
                    names = [*assets, NOISE] if key == "picture" and part == "dream" else assets
                    yield f"{where}.{key}", text + did_you_mean(given, names)
        if one.get("guide") and one.get("channels"):
            yield f"{where}.channels", "cannot go with a guide; leave one of them out"
        network = one.get("network", fields["network"].default)
        if not isinstance(network, str) or network not in SMALLEST_SIDE:
            continue
        if network not in networks:
            text = f"{network} has no entry in `networks` that says where its weights are"
            yield f"{where}.network", text
        if part == "dream":
            keys = ("size", "octave_scale", "octaves")
            size, scale, octaves = (one.get(key, fields[key].default) for key in keys)
            try:
                side = size / float(scale) ** (octaves - 1)
                small = side < SMALLEST_SIDE[network]
            except (TypeError, ValueError, ArithmeticError):
                continue
            if small and size > 0:
                yield (
                    where,
                    f"its smallest octave would have {side:.0f} pixels, and {network} needs "
                    f"{SMALLEST_SIDE[network]}; use fewer octaves, a smaller octave_scale or a larger "
                    "size",
                )
        yield from layer_checks(where, network, one, fields)
    for name, weights in networks.items() if part == "dream" else ():
        asset = weights.get("asset") if isinstance(weights, dict) else None
        if isinstance(asset, str) and asset not in assets:
            text = f"there is no asset {asset!r}{did_you_mean(asset, assets)}"
            yield f"networks.{name}.asset", text
        end = weights.get("to") if isinstance(weights, dict) else None
        if isinstance(end, str) and name in LAYER_NAMES and end not in LAYER_NAMES[name]:
            text = f"{name} has no layer {end!r}{did_you_mean(end, LAYER_NAMES[name])}"
            yield f"networks.{name}.to", text


def layer_checks(where: str, network: str, one: dict, fields: dict):
    """Names in a dream or a style that the network has not, as (path, sentence)."""
    weights, sheet = group(one, "layers"), items(group(one, "sheet"), "layers")
    asked = [(f"layers.{name}", name) for name, weight in weights.items() if weight]
    asked += [(f"sheet.layers.{index}", name) for index, name in enumerate(sheet)]
    for key in {"content_layer", "style_layers"} & fields.keys():
        given = one.get(key, fields[key].default)
        for index, name in enumerate(given) if isinstance(given, list) else ():
            asked.append((f"{key}.{index}", name))
        if isinstance(given, str):
            asked.append((key, given))
    for path, name in asked:
        if isinstance(name, str) and name not in LAYER_NAMES[network]:
            text = f"{network} has no layer {name!r}{did_you_mean(name, LAYER_NAMES[network])}"
            yield f"{where}.{path}", text


def differences(config: dict, base: dict, path: str = "") -> dict[str, list]:
    """What differs from ``base``: {path: [base's value, this value]}, null where absent."""
    found = {}
    for key in sorted({*config, *base}):
        here, there, where = config.get(key), base.get(key), f"{path}{key}"
        if isinstance(here, dict) and isinstance(there, dict):
            found |= differences(here, there, f"{where}.")
        elif here != there:
            found[where] = [there, here]
    return found


def schema() -> str:
    """The JSON schema of the configuration, as checked in under `workflow/schemas`."""
    return json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Config.model_json_schema(),
        indent=2,
        ensure_ascii=False,
    )


def allowed(field: dict) -> str:
    """The bounds and choices in the JSON schema of a setting, in words."""
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    found = [f"{word} {field[key]:,.16g}" for key, word in words.items() if key in field]
    found += [" or ".join(f"`{choice}`" for choice in field["enum"])] if "enum" in field else []
    if "maxItems" in field and field["maxItems"] != field.get("minItems"):
        found.append(f"at most {field['maxItems']:,} entries")
    inner = [*field.get("anyOf", []), field.get("items"), field.get("additionalProperties")]
    return ", ".join(
        [*filter(None, (allowed(one) for one in inner if isinstance(one, dict))), *found]
    )


def table() -> str:
    """The documentation of every setting in Markdown, as checked in under `docs/`."""

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
        if issubclass(section, Named):
            yield from rows(section.inner(), f"{path}<name>.")

    head = "# Settings\n\nGenerated from `workflow/reverie/config.py` by `make docs`.\n"
    return "\n".join(
        [head, "| setting | default | allowed | meaning |", "|---|---|---|---|", *rows(Config, "")]
    )


def merged(base: dict, overlay: dict) -> dict:
    """The base with the overlay's entries put in, deeply, as Snakemake does it."""
    result = dict(base)
    for key, value in overlay.items():
        inner = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if inner else value
    return result


def read(files: list[str]) -> dict:
    """The merged content of configuration files; ConfigError says which cannot be read, and why."""
    result: dict = {}
    for file in files:
        try:
            result = merged(result, configfiles.content(Path(file)))
        except ReverieError as error:
            raise ConfigError(str(error)) from None
    return result


def check(*files: str) -> None:
    """Exit with all mistakes of the files together, before Snakemake reads them."""
    try:
        load(read(list(files)))
    except ConfigError as mistakes:
        sys.exit(str(mistakes))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if text := {"schema": schema, "table": table, "check": check}[command](*arguments):
        print(text)
