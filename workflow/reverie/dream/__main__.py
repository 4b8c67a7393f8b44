"""Dream one picture: `python -m reverie.dream photo.jpg --layers mixed4 mixed5=0.5`."""

from tqdm import tqdm

from reverie import commands
from reverie.dream.config import NOISE, Dream
from reverie.dream.selection import settings_for
from reverie.pictures import command, images
from reverie.pictures.files import settings_of


def main() -> None:
    pictures = ("picture", "guide")
    with command.drawing("reverie.dream", __doc__, Dream, pictures, (NOISE,)) as drawing:
        from reverie.dream import dreams
        from reverie.pictures import octaves

        settings, sources = settings_for(drawing.settings, "dream"), drawing.sources
        original = dreams.start(settings, sources, settings["size"])
        shapes = octaves.shapes(*original.shape[:2], settings["octaves"], settings["octave_scale"])
        where = settings["picture"]
        dreamer = dreams.new_dreamer(where, settings, drawing.to, sources, shapes)
        total = len(shapes) * settings["steps"]
        with tqdm(total=total, desc="dreaming", unit="step", disable=None) as bar:
            dreamer.pause = lambda *_: bar.update()
            *_, (_, picture, _) = dreams.dream_octaves(where, dreamer, settings, original, shapes)
        name = drawing.output.stem
        images.write(drawing.output, picture, settings_of(name, settings, sources))
    print(drawing.output)


if __name__ == "__main__":
    commands.run(main)
