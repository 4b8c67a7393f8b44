"""Small pictures with sentences."""

import io
import tarfile
import zipfile

import numpy as np
from PIL import Image


def picture(number=0, side=40, kind="png"):
    """The bytes of a picture."""
    colours = np.random.default_rng(number).integers(0, 255, (side, side, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(colours).save(data, kind)
    return data.getvalue()


def folder(path, members):
    path.mkdir()
    for name, data in members.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(data)
    return path


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path, members):
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def table(path, rows, header="picture,sentence"):
    lines = [header, *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path
