"""Dreams from their settings: a picture, a strip of its octaves, a contact sheet, a film."""

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
NOISE = (9, 16)  # height and width of noise stand in this proportion
GUIDE = 320  # pixels of a guide's longer side
STRIP = 240  # pixels: height of the strip of octaves
CRF = "20"  # quality of a film, as of x264; less is better


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
    """Dream a picture: write it, its losses (.csv), the strip of its octaves, and what it began as.

    ``settings`` are those of `dream.pictures.<name>`; the weights end with the layer ``to``, if given;
    ``sources`` has the records or files behind `weights`, `picture` and `guide`, as far as there are.
    It is saved now and then, and resumes.
    """
    original, shapes = sizes(settings, sources, settings)
    dreamer = dreamer_of(f"dream.pictures.{name}", settings, to, sources, shapes)
    made_by = settings_of(name, settings, sources)
    with checkpoints_at.of(dream=made_by, to=to) as checkpoint, Saver(checkpoint) as saver:
        found, lines, begun = [], [], None
        if saved := checkpoint.load():
            groups, facts = saved
            found, lines = groups.get("found", []), facts["lines"]
            begun = ascent.Begun(len(found), groups["now"][0], facts["losses"])
            dreamer.generator.bit_generator.state = facts["generator"]
            print(f"{name}: resumes in octave {len(found) + 1} after step {len(begun.losses)}")

        def pause(picture, losses):
            def state():
                groups = {"now": [keras.ops.convert_to_numpy(picture)], "found": found}
                generator = dreamer.generator.bit_generator.state
                return groups, {"lines": lines, "losses": losses, "generator": generator}

            saver(state, f"{name}: stopped in octave {len(found) + 1}")

        dreamer.pause = pause
        for shape, picture, losses in dreamt(dreamer, settings, original, shapes, begun):
            found.append(picture)
            number = len(found)
            lines += [(number, *shape, step, f"{loss:.9g}") for step, loss in enumerate(losses, 1)]
            size = f"{shape[1]} × {shape[0]}"
            print(f"{name}: octave {number} of {len(shapes)}, {size}, {rise(losses)}", flush=True)
        write_table(losses_file, LOSSES, lines, line_end="\r\n")
        images.write(original_file, original, {})
        images.write(octaves_file, images.row(found, STRIP), made_by)
        images.write(picture_file, found[-1], made_by)


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

    The table (.csv) has a line a layer: the mean wavelength of what it added, in pixels. It is saved
    between layers, and resumes.
    """
    sheet = settings["sheet"]
    original, shapes = sizes(settings, sources, sheet)
    made_by = settings_of(name, settings, sources)
    with checkpoints_at.of(sheet=made_by, to=to) as checkpoint, Saver(checkpoint) as saver:
        groups, _ = checkpoint.load() or ({}, {})
        found = groups.get("found", [])
        for layer in sheet["layers"][len(found) :]:

            def pause(*_, layer=layer):
                saver(lambda: ({"found": found}, {}), f"{name}: stopped in the layer {layer}")

            one = {**settings, "steps": sheet["steps"], "layers": {layer: 1.0}, "channels": None}
            dreamer = dreamer_of(f"dream.pictures.{name}.sheet", one, to, sources, shapes)
            dreamer.pause = pause
            *_, (_, picture, losses) = dreamt(dreamer, one, original, shapes)
            found.append(picture)
            print(f"{name}: {layer}, {rise(losses)}", flush=True)
        lines = [
            (layer, f"{measures.wavelength(picture - original):.2f}")
            for layer, picture in zip(sheet["layers"], found, strict=True)
        ]
        tiles = [("the picture", original), *zip(sheet["layers"], found, strict=True)]
        write_table(table_file, ["layer", "wavelength"], lines, line_end="\r\n")
        images.write(sheet_file, images.sheet(tiles), made_by)


def render_film(
    name: str,
    settings: dict,
    to: str | None,
    sources: dict,
    checkpoints_at: Checkpoints,
    film_file: Path,
) -> None:
    """Write the endless dream as a film (.mp4, H.264) that any browser plays.

    Its frames lie beside the checkpoint until all are there.
    """
    film = settings["film"]
    first = start(settings, sources, film["size"])
    height, width = (side // 2 * 2 for side in first.shape[:2])  # H.264 wants even sides
    first = first[:height, :width]
    one = {**settings, "steps": film["steps"]}
    dreamer = dreamer_of(f"dream.pictures.{name}.film", one, to, sources, [(height, width)])
    moves = [film[key] for key in ("zoom", "rotation", "shift")]
    made_by = settings_of(name, settings, sources)
    with checkpoints_at.of(film=made_by, to=to) as checkpoint, Saver(checkpoint) as saver:
        number, picture = 0, first
        if saved := checkpoint.load():
            groups, facts = saved
            number, picture = facts["number"], groups["now"][0]
            dreamer.generator.bit_generator.state = facts["generator"]
            print(f"{name}: resumes after frame {number}", flush=True)

        def frame_file(number: int) -> Path:
            return checkpoint.folder / f"frame{number}.png"

        def reached() -> tuple[dict, dict]:
            state = dreamer.generator.bit_generator.state
            return {"now": [picture]}, {"number": number, "generator": state}

        boundary = reached()
        dreamer.pause = lambda *_: saver(lambda: boundary, f"{name}: stopped after frame {number}")
        for dreamed in ascent.endless(dreamer, picture, film["frames"] - number, *moves):
            number, picture = number + 1, dreamed
            images.write(frame_file(number), picture, {})
            boundary = reached()
            if number * 10 // film["frames"] > (number - 1) * 10 // film["frames"]:
                print(f"{name}: frame {number} of {film['frames']}", flush=True)
        frames = (images.pixels(frame_file(one)) for one in range(1, film["frames"] + 1))
        write_film(film_file, frames, (height, width), film["rate"])


def rise(losses: list[float]) -> str:
    """How the objective rose, in words."""
    return f"objective {losses[0]:.4g} to {losses[-1]:.4g}" if losses else "no step"


def sizes(settings: dict, sources: dict, part: dict) -> tuple[np.ndarray, list]:
    """What a dream, or its sheet, begins as, and the shapes of the octaves of that ``part``."""
    original = start(settings, sources, part["size"])
    height, width, _ = original.shape
    return original, octaves.shapes(height, width, part["octaves"], settings["octave_scale"])


def start(settings: dict, sources: dict, size: int) -> np.ndarray:
    """The picture at its size, or noise, (height, width, 3)."""
    if "picture" in sources:
        return images.read(source_of(sources["picture"])[0], size)
    generator = np.random.default_rng(settings["seed"])
    shape = (round(size * NOISE[0] / NOISE[1]), size, 3)
    return np.clip(generator.normal(0.5, 0.04, shape), 0, 1).astype(np.float32)


def dreamt(dreamer: Dreamer, settings: dict, original: np.ndarray, shapes: list, begun=None):
    """The octaves, by the slides or by the PyTorch article's recursion; from ``begun``, if given."""
    if settings["blend"] is not None:
        return ascent.blended(dreamer, original, shapes, settings["blend"], begun)
    return ascent.dream(dreamer, original, shapes, settings["details"], begun)


def dreamer_of(where: str, settings: dict, to: str | None, sources: dict, shapes: list) -> Dreamer:
    """The network with its objective; refuses what is too small for it at ``where``."""
    layers = {layer: weight for layer, weight in settings["layers"].items() if weight}
    model = networks.of_record(settings["network"], list(layers), to, sources["weights"])
    advice = "use fewer octaves, a smaller octave_scale or a larger size"
    networks.refuse_small(model, shapes, ascent.BORDER, f"{where}: an octave", advice)
    keys = ("steps", "step_size", "norm", "jitter", "smoothing", "max_loss", "tile")
    climb = Ascent(**{key: settings[key] for key in keys})
    return Dreamer(
        model, objective(where, settings, model, layers, sources), climb, settings["seed"]
    )


def objective(where: str, settings: dict, model, layers: dict, sources: dict) -> Callable:
    """What is maximised: activation, or the likeness to a guide."""
    values, channels = list(layers.values()), settings["channels"]
    if "guide" in sources:
        guide = images.read(source_of(sources["guide"])[0], GUIDE)
        advice = "use one that is less wide or less high"
        networks.refuse_small(model, [guide.shape[:2]], 0, f"{where}: a guide", advice)
        found = networks.features(model(guide[None]))
        cells = [keras.ops.reshape(layer, (-1, layer.shape[-1])) for layer in found]
        return lambda features: ascent.likeness(features, values, cells)
    for layer, output in zip(layers, model.outputs, strict=True):
        count = output.shape[-1]
        if channels and max(channels) >= count:
            raise ReverieError(
                f"{where}: {layer} has the channels 0 to {count - 1}, not {max(channels)}; correct "
                "`channels`."
            )
    return lambda features: ascent.activation(features, values, channels)


def write_film(file: Path, frames: Iterator, shape: tuple[int, int], rate: int) -> None:
    """Encode frames of bytes, (height, width, 3), in one go."""
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
