"""Make a dream's files from its settings: picture, strip of octaves, contact sheet, film."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import imageio_ffmpeg
import keras
import numpy as np

from reverie.checkpoints import Checkpoints, Saver
from reverie.dream import ascent, measures
from reverie.dream.ascent import Ascent, Dreamer
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.pictures import images, networks, octaves
from reverie.pictures.files import settings_of
from reverie.records import source_of
from reverie.tables import write_table

LOSSES = ["octave", "height", "width", "step", "loss"]
NOISE_RATIO = (9, 16)  # height to width of a picture of noise
GUIDE = 320  # pixels of a guide's longer side
STRIP = 240  # height of the strip of octaves, in pixels
CRF = "20"  # constant rate factor of x264; lower is better


def render(
    name: str,
    settings: dict,
    to: str | None,
    sources: dict[str, Path],
    checkpoints_at: Checkpoints,
    picture_file: Path,
    losses_file: Path,
    octaves_file: Path,
    original_file: Path,
) -> None:
    """Dream a picture: write it, its losses (.csv), the strip of its octaves, and its original.

    ``settings`` are those of `dream.pictures.<name>`. The weights file ends with the layer ``to`` or,
    with None, holds the whole network. ``sources`` has the records or files of `weights` and, where
    the dream has them, `picture` and `guide`. An interrupted dream resumes from its checkpoint.
    """
    original = start(settings, sources, settings["size"])
    shapes = octaves.shapes(*original.shape[:2], settings["octaves"], settings["octave_scale"])
    where = f"dream.pictures.{name}"
    dreamer = new_dreamer(where, settings, to, sources, shapes)
    metadata = settings_of(name, settings, sources)
    with (
        checkpoints_at.of(dream=metadata, to=to, backend=keras.backend.backend()) as checkpoint,
        Saver(checkpoint) as saver,
    ):
        dreams, lines, progress = [], [], None
        if saved := checkpoint.load():
            groups, facts = saved
            dreams, lines = groups.get("dreams", []), facts["lines"]
            progress = ascent.Progress(len(dreams), groups["now"][0], facts["losses"])
            dreamer.generator.bit_generator.state = facts["generator"]
            print(f"{name}: resumes in octave {len(dreams) + 1} after step {len(progress.losses)}")

        def pause(picture, losses):
            def state():
                groups = {"now": [keras.ops.convert_to_numpy(picture)], "dreams": dreams}
                generator = dreamer.generator.bit_generator.state
                return groups, {"lines": lines, "losses": losses, "generator": generator}

            saver(state, f"{name}: stopped in octave {len(dreams) + 1}")

        dreamer.pause = pause
        for shape, picture, losses in dream_octaves(
            where, dreamer, settings, original, shapes, progress
        ):
            dreams.append(picture)
            number = len(dreams)
            lines += [(number, *shape, step, f"{loss:.9g}") for step, loss in enumerate(losses, 1)]
            size = f"{shape[1]} × {shape[0]}"
            print(f"{name}: octave {number} of {len(shapes)}, {size}, {rise(losses)}", flush=True)
        write_table(losses_file, LOSSES, lines, line_end="\r\n")
        images.write(original_file, original, {})
        images.write(octaves_file, images.row(dreams, STRIP), metadata)
        images.write(picture_file, dreams[-1], metadata)


def render_sheet(
    name: str,
    settings: dict,
    to: str | None,
    sources: dict,
    checkpoints_at: Checkpoints,
    sheet_file: Path,
    table_file: Path,
) -> None:
    """Dream the same picture by each layer of `sheet` alone, and write the contact sheet (.png).

    The table (.csv) has for each layer the mean wavelength, in pixels, of the change that it made. An
    interrupted sheet resumes after its last complete layer. Arguments as of :func:`render`.
    """
    where, sheet = f"dream.pictures.{name}.sheet", settings["sheet"]
    original = start(settings, sources, sheet["size"])
    shapes = octaves.shapes(*original.shape[:2], sheet["octaves"], settings["octave_scale"])
    metadata = settings_of(name, settings, sources)
    with (
        checkpoints_at.of(sheet=metadata, to=to, backend=keras.backend.backend()) as checkpoint,
        Saver(checkpoint) as saver,
    ):
        groups, _ = checkpoint.load() or ({}, {})
        dreams = groups.get("dreams", [])
        for layer in sheet["layers"][len(dreams) :]:

            def pause(*_, layer=layer):
                saver(lambda: ({"dreams": dreams}, {}), f"{name}: stopped in the layer {layer}")

            alone = {**settings, "steps": sheet["steps"], "layers": {layer: 1.0}, "channels": None}
            dreamer = new_dreamer(where, alone, to, sources, shapes)
            dreamer.pause = pause
            *_, (_, picture, losses) = dream_octaves(where, dreamer, alone, original, shapes)
            dreams.append(picture)
            print(f"{name}: {layer}, {rise(losses)}", flush=True)
        lines = [
            (layer, f"{measures.wavelength(picture - original):.2f}")
            for layer, picture in zip(sheet["layers"], dreams, strict=True)
        ]
        tiles = [("the picture", original), *zip(sheet["layers"], dreams, strict=True)]
        write_table(table_file, ["layer", "wavelength"], lines, line_end="\r\n")
        images.write(sheet_file, images.sheet(tiles), metadata)


def render_film(
    name: str,
    settings: dict,
    to: str | None,
    sources: dict,
    checkpoints_at: Checkpoints,
    film_file: Path,
) -> None:
    """Write the endless dream as a film (.mp4, H.264) that any browser plays.

    An interrupted film resumes after its last frame: frames lie beside the checkpoint until all are
    dreamt. Arguments as of :func:`render`.
    """
    film = settings["film"]
    first = start(settings, sources, film["size"])
    height, width = (side // 2 * 2 for side in first.shape[:2])  # H.264 needs even sides
    first = first[:height, :width]
    where, by_frame = f"dream.pictures.{name}.film", {**settings, "steps": film["steps"]}
    dreamer = new_dreamer(where, by_frame, to, sources, [(height, width)])
    moves = [film[key] for key in ("zoom", "rotation", "shift")]
    metadata = settings_of(name, settings, sources)
    with (
        checkpoints_at.of(film=metadata, to=to, backend=keras.backend.backend()) as checkpoint,
        Saver(checkpoint) as saver,
    ):
        number, picture = 0, first
        if saved := checkpoint.load():
            groups, facts = saved
            number, picture = facts["number"], groups["now"][0]
            dreamer.generator.bit_generator.state = facts["generator"]
            print(f"{name}: resumes after frame {number}", flush=True)

        def frame_file(number: int) -> Path:
            return checkpoint.folder / f"frame{number}.png"

        def state() -> tuple[dict, dict]:
            generator = dreamer.generator.bit_generator.state
            return {"now": [picture]}, {"number": number, "generator": generator}

        last = state()
        dreamer.pause = lambda *_: saver(lambda: last, f"{name}: stopped after frame {number}")
        for dreamed in ascent.endless(dreamer, picture, film["frames"] - number, *moves):
            refuse_diverged(where, dreamed)
            number, picture = number + 1, dreamed
            images.write(frame_file(number), picture, {})
            last = state()
            if number * 10 // film["frames"] > (number - 1) * 10 // film["frames"]:
                print(f"{name}: frame {number} of {film['frames']}", flush=True)
        frames = (images.pixels(frame_file(n)) for n in range(1, film["frames"] + 1))
        write_film(film_file, frames, (height, width), film["rate"])


def rise(losses: list[float]) -> str:
    """The objective before the first and the last step, in words."""
    return f"objective {losses[0]:.4g} to {losses[-1]:.4g}" if losses else "no step"


def start(settings: dict, sources: dict, size: int) -> np.ndarray:
    """The dream's picture, or noise, (height, width, 3), with a longer side of ``size`` pixels."""
    if "picture" in sources:
        return images.read(source_of(sources["picture"])[0], size)
    generator = np.random.default_rng(settings["seed"])
    shape = (round(size * NOISE_RATIO[0] / NOISE_RATIO[1]), size, 3)
    return np.clip(generator.normal(0.5, 0.04, shape), 0, 1).astype(np.float32)


def dream_octaves(
    where: str, dreamer: Dreamer, settings: dict, original: np.ndarray, shapes: list, progress=None
) -> Iterator:
    """The octaves of the slides' algorithm or, with `blend`, of the PyTorch article's recursion.

    ``where`` begins the sentence of the ReverieError that a picture of other than numbers raises.
    """
    if settings["blend"] is not None:
        dreamt = ascent.blended(dreamer, original, shapes, settings["blend"], progress)
    else:
        dreamt = ascent.dream(dreamer, original, shapes, settings["details"], progress)
    for shape, picture, losses in dreamt:
        refuse_diverged(where, picture)
        yield shape, picture, losses


def refuse_diverged(where: str, picture: np.ndarray) -> None:
    """Raise ReverieError if a colour of the picture is not a finite number."""
    if not np.all(np.isfinite(picture)):
        raise ReverieError(
            f"{where}: its colours grew beyond all numbers; use a smaller step_size."
        )


def new_dreamer(where: str, settings: dict, to: str | None, sources: dict, shapes: list) -> Dreamer:
    """The dreamer of the ``settings``, which stand at ``where``; refuses too small ``shapes``."""
    layers = {layer: weight for layer, weight in settings["layers"].items() if weight}
    model = networks.of_record(settings["network"], list(layers), to, sources["weights"])
    advice = "use fewer octaves, a smaller octave_scale or a larger size"
    networks.refuse_small(model, shapes, ascent.BORDER, f"{where}: an octave", advice)
    keys = ("steps", "step_size", "norm", "jitter", "smoothing", "max_loss", "tile")
    climb = Ascent(**{key: settings[key] for key in keys})
    maximised = objective(where, settings, model, layers, sources)
    return Dreamer(model, maximised, climb, settings["seed"])


def objective(where: str, settings: dict, model, layers: dict, sources: dict) -> Callable:
    """The objective to maximise: activation or, with a guide, the similarity to its features."""
    values, channels = list(layers.values()), settings["channels"]
    if "guide" in sources:
        guide = images.read(source_of(sources["guide"])[0], GUIDE)
        advice = "use one that is less wide or less high"
        networks.refuse_small(model, [guide.shape[:2]], 0, f"{where}: a guide", advice)
        guides = networks.features(model(guide[None]))
        cells = [keras.ops.reshape(layer, (-1, layer.shape[-1])) for layer in guides]
        return lambda features: ascent.likeness(features, values, cells)
    for layer, output in zip(layers, model.outputs, strict=True):
        count = output.shape[-1]
        if channels and max(channels) >= count:
            _, origin = source_of(sources["weights"])
            shown = (
                f"the layer of SqueezeNet that stands in for {layer}" if origin["sample"] else layer
            )
            raise ReverieError(
                f"{where}: {shown} has the channels 0 to {count - 1}, not {max(channels)}; correct "
                "`channels`."
            )
    return lambda features: ascent.activation(features, values, channels)


def write_film(file: Path, frames: Iterator, shape: tuple[int, int], rate: int) -> None:
    """Encode frames of bytes, (height, width, 3), atomically; ``shape`` is (height, width)."""
    with replacing(file) as part:
        writer = imageio_ffmpeg.write_frames(
            part,
            shape[::-1],
            fps=rate,
            codec="libx264",
            quality=None,
            macro_block_size=2,
            output_params=["-crf", CRF, "-movflags", "+faststart"],
        )
        with closing(writer):
            writer.send(None)
            for frame in frames:
                writer.send(np.ascontiguousarray(frame))
