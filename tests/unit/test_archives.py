"""Packed tables: whatever is wrong with them is told in one sentence."""

import gzip
import io
import random
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reverie.archives import open_table
from reverie.errors import ReverieError

BODY = b"time,level\n" + b"".join(b"%d,%d.5\n" % (i, i * 7919 % 1009) for i in range(3000))


def zipped(kind=zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr("table.csv", BODY)
    return file.getvalue()


def replaced(data: bytes, old: bytes, change: dict[int, int]) -> bytes:
    """The bytes with some set, at a distance from each place of ``old``."""
    changed, start = bytearray(data), data.find(old)
    while start >= 0:
        for distance, value in change.items():
            changed[start + distance] = value
        start = data.find(old, start + 1)
    return bytes(changed)


def flipped(data: bytes, place: float = 0.5) -> bytes:
    at = int(place * len(data))
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
locked = replaced(replaced(zipped(), LOCAL, {6: 1}), CENTRAL, {8: 1})
unknown = replaced(replaced(zipped(), LOCAL, {8: 97}), CENTRAL, {10: 97})
DAMAGED = "is not a {} file or is damaged; fetch it again."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv.gz", flipped(gzip.compress(BODY)), DAMAGED.format("gzip")),
        ("a.csv.gz", gzip.compress(BODY)[:-900], DAMAGED.format("gzip")),
        ("a.csv.gz", flipped(gzip.compress(BODY), 0.9999), DAMAGED.format("gzip")),
        ("a.csv.gz", BODY, DAMAGED.format("gzip")),
        ("a.zip", flipped(zipped()), DAMAGED.format("zip")),
        ("a.zip", flipped(zipped(zipfile.ZIP_STORED)), DAMAGED.format("zip")),
        ("a.zip", flipped(zipped(zipfile.ZIP_BZIP2)), DAMAGED.format("zip")),
        ("a.zip", flipped(zipped(zipfile.ZIP_LZMA)), DAMAGED.format("zip")),
        ("a.zip", zipped()[:-30], DAMAGED.format("zip")),
        ("a.zip", locked, "is locked by a password; unpack it and name the .csv itself."),
        ("a.zip", unknown, "is packed in a way that is not known here ("),
    ],
)
def test_an_archive_that_cannot_be_read_has_a_sentence(tmp_path, name, content, words):
    """Also where it is pandas that reads."""
    path = tmp_path / name
    path.write_bytes(content)
    for read in (lambda file: file.read(), pd.read_csv):
        with pytest.raises(ReverieError) as error, open_table(path) as file:
            read(file)
        assert str(error.value).startswith(f"{path} {words}")


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.zip"])
def test_a_folder_has_a_sentence(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(ReverieError, match="cannot be read: Is a directory"):
        open_table(tmp_path / name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["gz", *(zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)]),
    seed=st.integers(0, 2**32 - 1),
    damages=st.integers(1, 4),
    cut=st.booleans(),
)
def test_any_damage_gives_a_sentence_or_the_table(tmp_path, kind, seed, damages, cut):
    generator = random.Random(seed)
    data = bytearray(gzip.compress(BODY, mtime=0) if kind == "gz" else zipped(kind))
    for _ in range(damages):
        ends = generator.choice([(0, 40), (0, len(data)), (len(data) - 90, len(data))])
        data[generator.randrange(*ends)] = generator.randrange(256)
    path = tmp_path / ("a.gz" if kind == "gz" else "a.zip")
    path.write_bytes(data[: generator.randrange(len(data))] if cut else data)
    try:
        with open_table(path) as file:
            assert BODY.startswith(file.read())
    except ReverieError as error:
        assert str(error).startswith(str(path))
