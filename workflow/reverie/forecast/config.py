"""The section `forecast` of the configuration, and its checks."""

import datetime
import re
from itertools import takewhile
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from reverie import durations
from reverie.config.fields import (
    MOST,
    Batch,
    Count,
    Duration,
    Encoding,
    EpochSteps,
    Name,
    Positive,
    Section,
    Seeds,
    Selection,
    check_select,
    did_you_mean,
    distinct,
    few_combinations,
    name_clashes,
    refuse,
    unknown_asset,
    whole_number,
)
from reverie.config.layers import Layers, Optimizer
from reverie.config.sentences import sentences
from reverie.forecast import variants
from reverie.forecast.kinds import BLEND, NETWORK, WITHOUT_CHANCE

# Layers that read a window in order, and those that treat each of its times alone.
READERS = {"GRU", "LSTM", "SimpleRNN"}
PER_TIME = {"Activation", "Dense", "Dropout", "GaussianNoise", "LayerNormalization"}
RESERVED = {
    "naive",
    "naive_delay",
    "plots",
}  # the baselines, and a folder beside those of networks, as are some files
MOST_TRAININGS = 10_000


def table_paths(value: Any) -> str | list[str] | None:
    if value == []:
        raise ValueError("must not be empty")
    for path in value if isinstance(value, list) else [value]:
        pattern = r".+\.(csv|gz|xz|zip|parquet|tsv|txt)"
        if not isinstance(path, str) or not re.fullmatch(pattern, path, re.I):
            raise ValueError(f"must name .csv, .csv.gz, .zip or .parquet files, not {path!r}")
    return value


def in_order(names: set[str]) -> str:
    """The names in words: "GRU, LSTM or SimpleRNN"."""
    *others, last = sorted(names)
    return f"{', '.join(others)} or {last}"


def boundary(value: Any) -> int | float | str:
    """The end of a split: a row, a fraction of the rows, or a date."""
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


def kind_of_boundary(value: int | float | str) -> str:
    return "date" if isinstance(value, str) else "fraction" if value < 1 else "row"


Boundary = Annotated[
    int | float | str,
    BeforeValidator(boundary),
    WithJsonSchema({"type": ["integer", "number", "string"]}),
]


def indivisible(lookback: str, step: str) -> str | None:
    """The sentence about a step that does not divide the lookback, or None."""
    steps = durations.minutes(lookback) / durations.minutes(step)
    if abs(steps - round(steps)) > 1e-6:
        return f"{step} does not divide the lookback of {lookback}; choose a step that does"
    return None


class Time(Section):
    """Where a series keeps its time."""

    column: str = Field("Date Time", description="name of the column")
    format: str = Field("%d.%m.%Y %H:%M:%S", description="format in strftime codes, or `ISO8601`")


class Series(Section):
    """The series to forecast: the lecture's, or your own by `path`."""

    asset: str | None = Field(None, description="name of an entry of `assets`")
    path: Annotated[str | list[str], BeforeValidator(table_paths)] | None = Field(
        None,
        description="your own file, used instead of the asset: .csv, .csv.gz, .parquet, or .zip with one "
        ".csv; or several, by a pattern such as `river_*.csv` or a list",
    )
    encoding: Encoding = Field("utf-8", description="encoding of the file: `latin-1`, `utf-16`, …")
    decimal: Literal[".", ","] = Field(".", description="decimal mark of the file's numbers")
    time: Time = Field(default_factory=Time, description="time column and its format")
    target: str = Field("T (degC)", description="the column to forecast")
    unit: str = Field("°C", description="unit of the target")
    columns: Selection | None = Field(None, description="input columns; default: all numeric ones")
    derive_moisture: bool = Field(
        True,
        description="compute those of the columns Tpot, VPact, VPdef, sh, H2OC and rho that a table of "
        "the station in Jena lacks, from its columns p, T, VPmax and rh",
    )
    sentinels: list[float] = Field([-9999.0], description="values that mean 'not measured'")
    clean: bool = Field(
        False,
        description="sort rows by time, drop repeated times, and replace sentinels and missing values "
        "(the lecture does not)",
    )
    fill: Duration = Field(
        "3 hours",
        description="how long `clean` repeats the last measured value before it uses the column's mean",
    )

    every: Duration | None = Field(
        None,
        description="replace the rows by their means over intervals of this length, each at the time of "
        "its end; for irregular times",
    )

    @model_validator(mode="after")
    def has_a_source(self):
        if self.asset is None and self.path is None:
            raise ValueError("needs `asset` (an entry of `assets`) or `path` (your own file)")
        return self


class Split(Section):
    """Where the training and validation parts end; the test part is the rest."""

    train: Boundary = Field(200000, description="end of training: row, fraction of rows, or date")
    validation: Boundary = Field(
        300000, description="end of validation: row, fraction of rows, or date"
    )

    @model_validator(mode="after")
    def is_in_order(self):
        kinds = kind_of_boundary(self.train), kind_of_boundary(self.validation)
        if kinds[0] != kinds[1]:
            raise ValueError(
                f"train is a {kinds[0]} but validation is a {kinds[1]}; use one kind for both"
            )
        if self.train >= self.validation:
            refuse([("validation", f"must come after the end of training, {self.train}")])
        return self


def cosine(word: str) -> str:
    if word != "cosine":
        raise ValueError(f"must be 'cosine' or a list of changes, not {word!r}")
    return word


class Lowering(Section):
    """A step of a learning-rate schedule."""

    after: float = Field(
        ge=0, lt=1, description="share of the epochs before this change, rounded to whole epochs"
    )
    factor: Positive = Field(description="factor on the learning rate from then on")


def kind_of_residual(value: Any) -> bool | str:
    """Whether a network predicts a change: true or false, also as text, or `climatology`."""
    words = {"true": True, "false": False, "climatology": "climatology"}
    key = str(value).lower() if isinstance(value, (bool, str)) else None
    if key not in words:
        raise ValueError(f"must be true, false or 'climatology', not {value!r}")
    return words[key]


def with_median(levels: list[float] | None) -> list[float] | None:
    if levels is not None:
        if levels != sorted(set(levels)):
            raise ValueError("must be in ascending order, each listed once")
        if 0.5 not in levels:
            raise ValueError("must have 0.5 among them, the median, which is the forecast")
    return levels


def members(value: Any) -> str | list[str] | None:
    """The members of a blend: `all`, or names."""
    names = isinstance(value, list) and all(isinstance(name, str) for name in value)
    if value is not None and value != "all" and not (names and len(value) > 1):
        raise ValueError(
            f"must be 'all' or a list of at least two names of variants, not {value!r}"
        )
    return distinct(value) if names else value


class Auxiliary(Section):
    """Further outputs of a network, which help it to learn and are not scored."""

    steps: whole_number(1, 1_000) = Field(
        1, description="at how many times up to the delay, evenly spaced and rounded to rows"
    )
    columns: Annotated[list[str], AfterValidator(distinct)] = Field(
        [], description="columns to forecast beside the target"
    )
    weight: Positive = Field(
        0.5, description="factor on their mean absolute error, which is added to the loss"
    )

    @model_validator(mode="after")
    def has_outputs(self):
        if self.steps == 1 and not self.columns:
            raise ValueError("has no output but the forecast itself; set steps above 1, or columns")
        return self


class Feature(Section):
    """An input that is derived from the series."""

    kind: Literal["change", "range", "sun", "climatology"] = Field(
        description="`change` from the value so long before, `range` of the values since then, `sun` "
        "(sine of its height, 0 at night), or `climatology` (the target's mean by hour and day of year)"
    )
    column: str | None = Field(
        None, description="of `change` and `range`, or `all`; default: the target"
    )
    over: Duration | None = Field(None, description="time span of `change` and `range`")
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = Field(
        None, description="of `sun`: degrees north"
    )
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = Field(
        None, description="of `sun`: degrees east"
    )
    ahead: Annotated[float, Field(ge=-24, le=24)] = Field(
        0,
        description="of `sun`: by how many hours the series' clock is ahead of UTC; 0 if its times have an offset such as +02:00, since they become UTC",
    )

    @model_validator(mode="after")
    def has_what_it_needs(self):
        needs = {"change": ["over"], "range": ["over"], "sun": ["latitude", "longitude"]}
        uses = {"change": ["column"], "range": ["column"], "sun": ["ahead"]}
        own = needs.get(self.kind, [])
        known = {"kind", *own, *uses.get(self.kind, [])}
        mistakes = [
            (key, f"is missing; {self.kind} needs it") for key in own if getattr(self, key) is None
        ]
        mistakes += [
            (key, f"is no setting of {self.kind}; leave it out")
            for key, field in Feature.model_fields.items()
            if key not in known and getattr(self, key) != field.default
        ]
        refuse(mistakes)
        return self


class Variant(Section):
    """One forecaster. A network is data: Keras layers with their arguments, and `Dense(1)` at the end."""

    title: str = Field(description="name in the report")
    slide: str | None = Field(None, description="slide of the lecture that shows this network")
    kind: Literal["network", "climatology", "linear", "ridge", "trees", "blend"] = Field(
        NETWORK,
        description="`network`; `climatology`, what is usual at the hour and day of the year; `linear`, a "
        "regression with absolute loss on lags, means and the calendar; `ridge`, the same with squared "
        "loss; `trees`, gradient-boosted with absolute loss; `blend`, a weighted mean of other forecasts, "
        "which is the default where `blend` is set. All but networks and blends have no settings but "
        "`title`, `lookback`, `step`, `refit` and `grid`, and trees `ensemble`",
    )
    blend: Annotated[
        str | list[str] | None,
        BeforeValidator(members),
        WithJsonSchema(
            {
                "anyOf": [
                    {"const": "all"},
                    {"type": "array", "items": {"type": "string"}, "minItems": 2},
                    {"type": "null"},
                ]
            }
        ),
    ] = Field(
        None,
        description="forecasts to blend: names of variants that run (after their grids) and `naive`, or "
        "`all`. Their weights are not negative, sum to one, and are those with the lowest error on "
        "the validation part; a blend has no other settings but `title`",
    )
    layers: Layers | None = Field(
        None,
        validate_default=True,
        description="Keras layers by name: `Flatten`, `{GRU: {units: 32}}`; every network needs them",
    )
    epochs: Count = Field(20, description="training epochs")
    optimizer: Optimizer | None = Field(None, description="instead of `forecast.optimizer`")
    steps: EpochSteps | None = Field(None, description="instead of `forecast.steps`")
    schedule: Annotated[
        Annotated[str, AfterValidator(cosine), WithJsonSchema({"const": "cosine"}), Tag("[word]")]
        | Annotated[list[Lowering], Tag("[list]")],
        Discriminator(lambda value: "[word]" if isinstance(value, str) else "[list]"),
    ] = Field(
        [],
        description="learning-rate schedule: a list of changes, or `cosine`, down to zero over the epochs",
    )
    average: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None,
        description="validate and forecast with moving averages of the weights, which keep this share in "
        "each training step: 0.999 averages over about 1,000 steps",
    )
    patience: Count | None = Field(None, description="instead of `forecast.patience`")
    lookback: Duration | None = Field(None, description="instead of `forecast.lookback`")
    step: Duration | None = Field(None, description="instead of `forecast.step`")
    batch: Batch | None = Field(None, description="instead of `forecast.batch`")
    reversed: bool = Field(False, description="read the window from the newest value to the oldest")
    shuffled: bool = Field(
        False, description="read the window in random order, the same for all windows"
    )
    calendar: bool = Field(
        False, description="add sine and cosine of hour of day and day of year to the inputs"
    )
    residual: Annotated[
        bool | str,
        BeforeValidator(kind_of_residual),
        WithJsonSchema({"anyOf": [{"type": "boolean"}, {"const": "climatology"}]}),
    ] = Field(
        False,
        description="predict the change from the newest value, not the value itself; with `climatology` "
        "the change of its difference from the mean by hour and day of year",
    )
    auxiliary: Auxiliary | None = Field(
        None, description="further outputs that are learned and not scored"
    )
    replication: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None,
        description="share of the loss that is the mean over the outputs at all input times; the rest is "
        "that of the last (target replication)",
    )
    features: list[Feature] = Field([], max_length=100, description="derived inputs")
    quantiles: (
        Annotated[
            list[Annotated[float, Field(gt=0, lt=1)]],
            Field(min_length=1, max_length=100),
            AfterValidator(with_median),
        ]
        | None
    ) = Field(
        None,
        description="forecast these quantiles, such as `[0.1, 0.5, 0.9]`; 0.5 is the forecast that is scored, "
        "the lowest and the highest make its interval",
    )
    refit: bool = Field(
        False,
        description="once all is chosen on the validation part, train (or fit) again on the training and "
        "validation parts together, a network for as many epochs as were best: for the test part and for "
        "later forecasts. For networks with `average` or `schedule: cosine`; without, the best epoch is "
        "best by chance, and as many epochs are not as good again",
    )
    ensemble: bool = Field(
        False,
        description="also evaluate the mean of the forecasts of all seeds, as `<name>_ensemble`",
    )
    grid: Annotated[
        dict[str, Annotated[list[Any], Field(min_length=1)]], AfterValidator(few_combinations)
    ] = Field(
        {},
        description="lists of values for settings of the variant or arguments of its layers or optimizer; "
        "each combination becomes a variant `<name>.<setting>-<value>`",
    )

    @model_validator(mode="before")
    @classmethod
    def members_make_a_blend(cls, values: Any):
        if isinstance(values, dict) and values.get("blend") is not None:
            return {"kind": BLEND} | values
        return values

    @field_validator("kind", mode="before")
    @classmethod
    def kind_is_known(cls, kind: Any):
        known = get_args(cls.model_fields["kind"].annotation)
        if kind not in known:
            raise ValueError(f"there is no kind {kind!r}{did_you_mean(kind, known)}")
        return kind

    @field_validator("layers")
    @classmethod
    def networks_have_layers(cls, layers: list[dict] | None, info: ValidationInfo):
        if layers is None and info.data.get("kind") == NETWORK:
            raise ValueError("is missing")
        return layers

    @model_validator(mode="after")
    def settings_belong_to_the_kind(self):
        if self.kind != NETWORK:
            shared = {"title", "slide", "kind"}
            shared |= {"blend"} if self.kind == BLEND else {"lookback", "step", "refit", "grid"}
            shared |= set() if self.kind in WITHOUT_CHANCE else {"ensemble"}
            refuse(
                (name, f"is no setting of the kind {self.kind}; leave it out")
                for name, field in type(self).model_fields.items()
                if name not in shared and getattr(self, name) != field.get_default()
            )
        elif self.blend is not None:
            refuse([("blend", f"is no setting of the kind {NETWORK}; leave one of the two out")])
        if self.kind == BLEND and self.blend is None:
            refuse([("blend", "is missing; name the forecasts to blend, or `all`")])
        return self

    @model_validator(mode="after")
    def settings_combine(self):
        names = [name for spec in self.layers or [] for name in spec]
        if self.replication is not None:
            after = list(takewhile(PER_TIME.__contains__, reversed(names)))
            if not set(names[: len(names) - len(after)][-1:]) & READERS:
                text = (
                    f"needs {in_order(READERS)} as a layer, and after it only {in_order(PER_TIME)}"
                )
                refuse([("replication", f"{text}; change the layers, or leave it out")])
        if self.average is not None and "BatchNormalization" in names:
            text = "cannot average BatchNormalization, whose statistics belong to other weights"
            refuse([("average", f"{text}; use LayerNormalization, or leave it out")])
        return self

    @model_validator(mode="after")
    def grid_makes_variants(self):
        if self.grid:
            plain = self.model_dump()
            if self.kind == NETWORK:
                plain["optimizer"] = plain["optimizer"] or {"name": "RMSprop"}
            try:
                for combination in variants.expanded({"x": plain}).values():
                    Variant.model_validate(combination)
            except KeyError as error:
                text = "is neither a setting of the variant nor an argument of one of its layers"
                refuse([("grid", f"{error.args[0]!r} {text}")])
            except ValidationError as error:
                path, text = next(sentences(error, Variant))
                refuse([("grid", f"{path} {text}")])
        return self


class Forecast(Section):
    """The forecast: series, windows, training and the networks."""

    series: Series = Field(description="the series to forecast")
    split: Split = Field(default_factory=Split, description="training, validation and test parts")
    lookback: Duration = Field("10 days", description="time span of the inputs")
    step: Duration = Field("1 hour", description="time between two inputs")
    delay: Duration = Field("24 hours", description="time from the window's row to the target")
    batch: Batch = Field(128, description="windows per training step")
    steps: EpochSteps = Field(500, description="training steps per epoch")
    max_epochs: Count | None = Field(
        None, description="upper limit on the epochs of every variant (for quick runs)"
    )
    patience: Count | None = Field(
        None,
        description="end the training of a network after so many epochs without a lower validation error; "
        "default: never",
    )
    optimizer: Optimizer = Field(
        {"name": "RMSprop"}, description="Keras optimizer and its arguments"
    )
    seeds: Seeds = Field(
        [0, 1, 2],
        description="random seeds; every network is trained, and trees are fitted, once per seed",
    )
    variants: Annotated[dict[Name, Variant], Field(min_length=1)] = Field(
        description="networks and other forecasters by name"
    )
    select: Selection | None = Field(None, description="names of the variants to run; default: all")

    @field_validator("step")
    @classmethod
    def divides_the_lookback(cls, step: str, info: ValidationInfo) -> str:
        if "lookback" in info.data and (sentence := indivisible(info.data["lookback"], step)):
            raise ValueError(sentence)
        return step

    @field_validator("variants")
    @classmethod
    def names_are_free(cls, variants: dict[str, Variant]):
        refuse(
            (name, "is reserved; choose another name")
            for name in variants
            if name in RESERVED or name.endswith((".csv", ".json", ".npz"))
        )
        return variants

    select_exists = check_select("variants", "variant")

    @model_validator(mode="after")
    def variants_fit(self):
        refuse((f"variants.{path}", text) for path, text in self.mistakes_of_variants())
        return self

    def mistakes_of_variants(self):
        settings = self.model_dump()
        expanded = {
            name: variants.selected({"forecast": settings | {"select": [name]}})
            for name in self.select or self.variants
        }
        kinds = [variant["kind"] for named in expanded.values() for variant in named.values()]
        trainings = sum(1 if kind in WITHOUT_CHANCE else len(self.seeds) for kind in kinds)
        if trainings > MOST_TRAININGS:
            raise ValueError(
                f"variants and seeds make {trainings:,} trainings, and at most {MOST_TRAININGS:,} "
                "are allowed; leave some out"
            )
        ensembles, titled = [], {}
        for name, networks in expanded.items():
            for full_name, network in networks.items():
                own = [key for key in ("step", "lookback") if network[key]]
                spans = (network[key] or settings[key] for key in ("lookback", "step"))
                if own and (sentence := indivisible(*spans)):
                    yield f"{name}.{own[0]}", sentence
                if titled.setdefault(network["title"], name) != name:
                    text = f"is that of {titled[network['title']]}, too: {network['title']!r}; give it another"
                    yield f"{name}.title", text
                if network["ensemble"]:
                    ensembles.append(f"{full_name}_ensemble")
        yield from name_clashes(self.variants, expanded, ensembles)
        yield from self.mistakes_of_blends([name for named in expanded.values() for name in named])

    def mistakes_of_blends(self, running: list[str]):
        """Members that do not run, or are blends; ``running`` names all variants with their grids."""
        blends = {name: variant.blend for name, variant in self.variants.items() if variant.blend}
        possible = [name for name in running if name not in blends]
        for name in blends.keys() & set(running):
            if not possible:
                yield f"{name}.blend", "has nothing to blend; select other variants too"
            for place, member in enumerate(blends[name] if blends[name] != "all" else []):
                if member in blends:
                    yield (
                        f"{name}.blend.{place}",
                        f"{member} is a blend itself; name its members instead",
                    )
                elif member not in (*possible, "naive"):
                    known = did_you_mean(member, [*possible, "naive"])
                    yield f"{name}.blend.{place}", f"no variant {member!r} runs{known}"

    def undefined(self, assets: dict, weights: dict):
        """The mistakes of naming an asset that `assets` does not define."""
        if self.series.path is None:
            yield from unknown_asset(self.series.asset, assets, "series.asset")
