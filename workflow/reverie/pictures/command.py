"""What `python -m reverie.dream` and `python -m reverie.style` share, which draw one picture.

Their options are the settings of an entry of `dream.pictures` or `style.pictures`, with the same
defaults and checks. Weights, and pictures that are assets, are found as the workflow finds them.
"""

import argparse
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pydantic import ValidationError

from reverie import assets, devices
from reverie.config import files
from reverie.config.fields import Section
from reverie.config.model import Config, ConfigError, load
from reverie.config.sentences import sentences
from reverie.errors import ReverieError
from reverie.pictures import images
from reverie.pictures.config import undefined_sources
from reverie.pictures.files import SOFTWARE
from reverie.samples import makers

CONFIG = "config.yaml"
NO_OPTIONS = {"title", "picture", "sheet", "film", "grid"}  # settings that are no options


@dataclass
class Drawing:
    """One picture to draw: its checked settings, its files, and where it goes.

    ``sources`` has the records or files of `weights` and of the pictures; the weights end with the
    layer ``to`` or, with None, are those of the whole network.
    """

    settings: dict
    sources: dict[str, Path]
    to: str | None
    output: Path


@contextmanager
def drawing(module: str, about: str, entry: type[Section], pictures: tuple[str, ...], no_file=()):
    """The drawing that was typed, with a device chosen for the body, which may import Keras.

    ``module`` is that of the command, ``entry`` the model of its settings. ``pictures`` are the
    settings that name a picture; ``no_file`` are values that name none. Raises ReverieError for
    whatever is wrong, before anything is downloaded.
    """
    options = arguments(module, about, entry)
    try:
        config = load(*files.read([CONFIG, *options.overlays]))
    except ConfigError as mistakes:
        raise ReverieError(str(mistakes)) from None
    settings = checked(options, entry, config, pictures, no_file)
    kind = module.rpartition(".")[2]
    output = options.output or Path(f"{Path(options.picture).stem}-{kind}.png")
    refuse_others(output)
    named = {key: settings[key] for key in pictures if settings[key] not in (None, *no_file)}
    own = {key: own_file(name) for key, name in named.items() if name not in config.assets}
    weights = config.weights[settings["network"]]
    with tempfile.TemporaryDirectory() as records:
        wanted = {"weights": weights.asset} | {k: n for k, n in named.items() if k not in own}
        found = {key: fetched(name, config, Path(records)) for key, name in wanted.items()}
        devices.use(config.backend, len(os.sched_getaffinity(0)), config.jobs_per_gpu)
        with devices.quiet():  # TensorFlow prints while it is imported, whatever its log level
            from reverie import backend  # noqa: F401
        yield Drawing(settings, own | found, weights.to, output)


def arguments(module: str, about: str, entry: type[Section]) -> argparse.Namespace:
    """What was typed: the settings of an ``entry`` as texts, None where not stated."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("picture", help=entry.model_fields["picture"].description)
    parser.add_argument(
        "--output", type=Path, metavar="FILE.png", help="default: here, named after the picture"
    )
    parser.add_argument(
        "--with",
        dest="overlays",
        nargs="+",
        default=[],
        metavar="OVERLAY",
        help=f"configuration files over {CONFIG}, for other networks, assets or mirrors",
    )
    for name, field in entry.model_fields.items():
        if name in NO_OPTIONS:
            continue
        default = "" if field.default is None else f"; default: {in_words(field.default)}"
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            required=field.is_required(),
            nargs="+" if "list[" in str(field.annotation) or is_group(field) else None,
            metavar="NAME[=WEIGHT]" if is_group(field) else "VALUE",
            help=f"{field.description}{'' if field.is_required() else default}".replace("%", "%%"),
        )
    return parser.parse_args()


def is_group(field) -> bool:
    return "dict[" in str(field.annotation)


def in_words(default) -> str:
    return " ".join(map(str, default)) if isinstance(default, list) else str(default)


def weighted(layers: list[str]) -> dict[str, float | str]:
    """`mixed4 mixed5=0.5` by name; a weight that is no number stays a text, which is refused."""
    weights = {}
    for layer in layers:
        name, _, weight = layer.partition("=")
        try:
            weights[name] = float(weight or 1)
        except ValueError:
            weights[name] = weight
    return weights


def checked(
    options: argparse.Namespace,
    entry: type[Section],
    config: Config,
    pictures: tuple[str, ...],
    no_file: tuple[str, ...],
) -> dict:
    """The settings of the picture; ReverieError has the configuration's sentence for each mistake."""
    stated = {name: getattr(options, name, None) for name in entry.model_fields}
    stated = {name: value for name, value in stated.items() if value is not None}
    for name in stated:
        if is_group(entry.model_fields[name]):
            stated[name] = weighted(stated[name])
    try:
        settings = entry.model_validate(stated)
        mistakes = undefined_sources(settings, pictures, config.assets, config.weights, no_file)
    except ValidationError as error:
        mistakes = sentences(error, entry)
    texts: dict[str, str] = {}  # the first about each option
    for path, text in mistakes:
        name = path.removeprefix("config").strip(".").partition(".")[0]
        option = name if name in NO_OPTIONS else f"--{name.replace('_', '-')}"
        texts.setdefault(option, f"{option}: {text}" if name else text)
    if texts:
        raise ReverieError("\n".join(texts.values()))
    return settings.model_dump()


def refuse_others(output: Path) -> None:
    """Raise ReverieError for an output that is no .png, or that exists and is not by Reverie."""
    if output.suffix.lower() != ".png":
        raise ReverieError(f"--output: {output} must end in .png.")
    if not output.exists():
        return
    try:
        with Image.open(output) as picture:
            own = getattr(picture, "text", {}).get("Software") == SOFTWARE
    except (OSError, Image.DecompressionBombError):  # no picture, or a huge one
        own = False
    if not own:
        raise ReverieError(
            f"{output} exists and was not drawn by Reverie; name another file with --output."
        )


def own_file(name: str) -> Path:
    """The user's picture; ReverieError if it cannot be read."""
    file = Path(os.path.expanduser(name))
    if not file.is_file():
        raise ReverieError(f"there is no file {name}; correct the path.")
    images.read(file)
    return file


def fetched(name: str, config: Config, folder: Path) -> Path:
    """The record of an asset, found as the workflow finds it; a sample stands in if it must."""
    record = folder / f"{name}.json"
    assets.fetch(
        name=name,
        asset=config.assets[name].model_dump(),
        mirrors=config.mirrors,
        samples="auto",
        make_sample=makers.make,
        folder=Path("resources"),
        record=record,
        wanted="",
        code="",
    )
    return record
