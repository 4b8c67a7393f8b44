"""A run of dreams without a network: the files that a workflow would leave."""

from pathlib import Path

import imageio_ffmpeg
import numpy as np
from reverie.pictures import images


def make(folder: Path, generator) -> None:
    original = generator.uniform(0, 1, (160, 240, 3)).astype(np.float32)
    dull = np.full_like(original, 0.5)
    table = "octave,height,width,step,loss\n" + "".join(
        f"{octave},{80 * octave},{120 * octave},{step},{step + octave}\n"
        for octave in (1, 2)
        for step in (1, 2, 3)
    )
    results = {"sky": original, "flowers": original, "flowers_without_details": dull, "noise": dull}
    for name, result in results.items():
        images.write(folder / f"{name}.png", result, {})
        images.write(folder / "octaves" / f"{name}.png", result, {})
        images.write(folder / "originals" / f"{name}.png", original, {})
        (folder / f"{name}.csv").write_text(table)
    images.write(folder / "sheets" / "sky.png", original, {})
    (folder / "sheets" / "sky.csv").write_text("layer,wavelength\nmixed0,4.10\nmixed4,17.00\n")
    (folder / "films").mkdir()
    film = imageio_ffmpeg.write_frames(folder / "films" / "noise.mp4", (240, 160))
    film.send(None)
    for _ in range(5):
        film.send(np.uint8(255 * original))
    film.close()
