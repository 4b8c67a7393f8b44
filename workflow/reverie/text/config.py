"""The section `text` of the configuration, and its checks."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from reverie.config.fields import (
    Batch,
    Count,
    Encoding,
    EpochSteps,
    Section,
    Seeds,
    distinct,
    unknown_asset,
    whole_number,
)
from reverie.config.layers import Layers, Optimizer


def text_path(value: Any) -> Any:
    if isinstance(value, str) and value.endswith(".json"):
        raise ValueError(f"must be a plain text, not {value!r}")
    return value


Characters = whole_number(1, 100_000)
Temperature = Annotated[
    float,
    Field(ge=0.001, le=100),
    AfterValidator(lambda value: round(value, 3)),
]


class Sampling(Section):
    """Which samples a trained network writes."""

    epochs: list[Count] = Field(
        [20, 60], description="epochs to sample from, besides the last and the best"
    )
    temperatures: Annotated[
        list[Temperature], Field(min_length=1, max_length=100), AfterValidator(distinct)
    ] = Field(
        [0.2, 0.5, 1.0, 1.2],
        description="sampling temperatures, rounded to three decimals; below 1 sharpens the distribution",
    )
    greedy: bool = Field(True, description="also sample greedily: always the most likely character")
    prompt: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="prompt of the samples"
    )
    random_prompts: whole_number(0, 1_000) = Field(
        0, description="number of further prompts, passages drawn once from the corpus"
    )
    characters: Characters = Field(400, description="characters per sample")

    @model_validator(mode="after")
    def has_a_prompt(self):
        if not self.prompt and not self.random_prompts:
            raise ValueError("needs a `prompt`, or `random_prompts` above 0")
        return self


class Text(Section):
    """A network that is trained on a text and writes character by character in its style."""

    asset: str | None = Field(None, description="name of an entry of `assets`")
    corpus: Annotated[str | None, BeforeValidator(text_path)] = Field(
        None, description="your own text file, used instead of the asset"
    )
    encoding: Encoding = Field("utf-8", description="encoding of the text: `latin-1`, `utf-16`, …")
    window: Characters = Field(60, description="input length in characters")
    step: Characters = Field(3, description="characters between the starts of two training windows")
    held_out: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="share of the text, at its end, that is held out from training",
    )
    layers: Layers = Field(
        description="Keras layers by name; a final `Dense` with one logit per character is added"
    )
    batch: Batch = Field(128, description="windows per training step")
    epochs: Count = Field(60, description="training epochs")
    steps: EpochSteps | None = Field(
        None, description="training steps per epoch; default: all windows once"
    )
    optimizer: Optimizer = Field(
        {"name": "RMSprop", "learning_rate": 0.01},
        description="Keras optimizer and its arguments; `clipnorm: 1` prevents exploding losses",
    )
    seeds: Seeds = Field(
        [0, 1, 2], description="random seeds; the network is trained once per seed"
    )
    sampling: Sampling = Field(description="samples from the trained network")

    @model_validator(mode="after")
    def has_a_source(self):
        if self.asset is None and self.corpus is None:
            raise ValueError("needs `asset` (an entry of `assets`) or `corpus` (your own file)")
        return self

    def undefined(self, assets: dict, weights: dict):
        """Yield a mistake, (path, sentence), for an asset that `assets` does not define."""
        if self.corpus is None:
            yield from unknown_asset(self.asset, assets)
