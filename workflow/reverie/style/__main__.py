"""Paint one picture in the style of another: `python -m reverie.style photo.jpg --style painting.jpg`."""

from tqdm import tqdm

from reverie import commands
from reverie.pictures import command, images
from reverie.pictures.files import settings_of
from reverie.style.config import Style


def main() -> None:
    with command.drawing("reverie.style", __doc__, Style, ("picture", "style")) as drawing:
        from reverie.style import transfer

        settings, sources, to = drawing.settings, drawing.sources, drawing.to
        where = settings["picture"]
        total = len(settings["sizes"]) * settings["steps"]
        with tqdm(total=total, desc="painting", unit="step", disable=None) as bar:
            paintings = transfer.paintings(where, settings, to, sources, lambda _: bar.update())
            *_, (picture, _, _) = paintings
        name = drawing.output.stem
        images.write(drawing.output, picture, settings_of(name, settings, sources))
    print(drawing.output)


if __name__ == "__main__":
    commands.run(main)
