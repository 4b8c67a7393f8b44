"""A run of style transfer without a network: the files that a workflow would leave."""

from pathlib import Path

import numpy as np
from reverie.pictures import images


def make(folder: Path, generator) -> None:
    original = generator.uniform(0, 1, (160, 240, 3)).astype(np.float32)
    for name in ("starry_sky", "originals/starry_sky.content", "originals/starry_sky.style"):
        images.write(folder / f"{name}.png", original, {})
    terms = "step,content_loss,style_loss,variation_loss,loss\n1,1,2,0.1,3.1\n2,1,1,0.1,2.1\n"
    (folder / "starry_sky.csv").write_text(terms)
