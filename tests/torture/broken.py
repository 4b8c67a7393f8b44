"""Valid files, and what a generator of random numbers makes of them."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import yaml
from PIL import Image

HTML = b"<!DOCTYPE html>\n<html><body><h1>Sign in</h1><p>to this network</p></body></html>\n"
HUGE = ["1e30", "-1e30", "1e300", "1e308", "-1.7e308", "1e400", "inf", "-inf", "nan", "9" * 400]
WORDS = ["", "NA", "NULL", "-", "None", "#N/A", "true", "False", "3,7", "12:00", "0x1F", "1_000"]


def pick(random: Random, length: int, most: int) -> list[int]:
    """Some different indices, in order."""
    return sorted(random.sample(range(length), min(length, random.randint(1, most))))


# Bytes of any file.


def flip_bits(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for index in pick(random, len(data), 8):
        changed[index] ^= 1 << random.randrange(8)
    return bytes(changed)


def truncate(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data))]


def cut_out(random: Random, data: bytes) -> bytes:
    begin, end = sorted(random.sample(range(len(data) + 1), 2))
    return data[:begin] + data[end:]


def insert(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.randint(1, 300)) + data[at:]


def blank(random: Random, data: bytes) -> bytes:
    begin, end = sorted(random.sample(range(len(data) + 1), 2))
    return data[:begin] + bytes(end - begin) + data[end:]


def other_kind(random: Random, data: bytes) -> bytes:
    return random.choice(
        [b"", HTML, b"\x89PNG\r\n\x1a\n" + data[:99], b"\n" * 9, random.randbytes(2000)]
    )


BYTES = [flip_bits, truncate, cut_out, insert, blank, other_kind]


# Bytes of a text in UTF-8.


def encode(random: Random, data: bytes) -> bytes:
    text = data.decode() + "°é€ Ñ"
    coding = random.choice(
        ["utf-16", "utf-8-sig", "latin-1", "cp1252", "utf-32", "shift_jis", "utf-7"]
    )
    return text.encode(coding, errors="replace")


def end_lines(random: Random, data: bytes) -> bytes:
    return data.replace(b"\n", random.choice([b"\r\n", b"\r", b"\n\n", b"", b"\x0b"]))


TEXTS = [encode, end_lines]


# Tables.


def series(random: Random) -> pd.DataFrame:
    rows = 700
    generator = np.random.default_rng(random.randrange(2**32))
    hours = np.arange(rows)
    return pd.DataFrame(
        {
            "time": pd.date_range("2021-03-01", periods=rows, freq="h").strftime("%Y-%m-%d %H:%M"),
            "level": 2 + np.sin(hours / 24 * 2 * np.pi) + generator.normal(0, 0.1, rows),
            "rain": generator.gamma(0.1, 1, rows),
        }
    ).round(3)


def cells(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    """Numbers that are too large, or none."""
    table = table.astype(object)
    for row in pick(random, len(table), random.choice([1, 1, 5, 400])):
        table.iat[row, random.choice([1, 1, 2])] = random.choice(HUGE + WORDS)
    return table


def spikes(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    """Numbers that no instrument gives, though they can be read."""
    table = table.astype(object)
    for row in pick(random, len(table), random.choice([1, 1, 5])):
        value = random.choice(["1e30", "-1e30", "1e300", "1e308", "-9999", "0", "1e-300"])
        table.iat[row, random.choice([1, 1, 2])] = value
    return table


def columns(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    names = list(table.columns)
    at = random.randrange(3)
    names[at] = random.choice(
        [names[at - 1], "", " ", names[at].upper(), f" {names[at]}", "x" * 200]
    )
    return table.set_axis(names, axis=1)


def column(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    """One that is constant, empty, boolean, huge, tiny, words, or not there."""
    name = random.choice(["level", "level", "rain"])
    values = random.choice([273.15, 0.1, 0, "", True, 1e300, "a word", None, 1e-320])
    if values is None:
        return table.drop(columns=name)
    if random.random() < 0.3:
        return table.assign(**{name: [random.choice([values, True]) for _ in table.index]})
    factor = random.choice([1e-12, 1e15, 1e200])
    return table.assign(**{name: values if random.random() < 0.7 else table[name] * factor})


def times(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    time = pd.to_datetime(table["time"])
    written = table["time"].astype(object).copy()
    way = random.randrange(9)
    if way == 0:
        table = pd.concat([table, table]).sort_values("time", kind="stable")
        return table.reset_index(drop=True)
    if way == 1:
        return table.iloc[::-1]
    if way == 2:
        return table.sample(frac=1, random_state=random.randrange(999))
    if way == 3:
        jitter = pd.to_timedelta([random.randint(0, 59) for _ in time], unit="min")
        return table.assign(time=(time + jitter).dt.strftime("%Y-%m-%d %H:%M"))
    if way == 4:
        begin = random.randrange(1, 600)
        return table.drop(index=range(begin, begin + random.randint(1, 600)), errors="ignore")
    if way == 5:
        for row in pick(random, len(table), 5):
            written[row] = random.choice(
                ["2021-02-30 00:00", "", "yesterday", "2021-03-01", "9999-99-99 1"]
            )
        return table.assign(time=written)
    if way == 6:
        forms = ["%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M+0200", "%s", "%I:%M %p %d/%m/%y", "%H:%M"]
        return table.assign(time=time.dt.strftime(random.choice(forms)))
    if way == 7:
        return table.assign(time=table["time"].iloc[0])
    return table.assign(time=time.dt.strftime("0001-%m-%d %H:%M"))


def size(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    wide = {f"more{n}": table["level"] for n in range(random.choice([1, 500]))}
    return random.choice(
        [table.iloc[: random.randint(0, 60)], pd.concat([table, pd.DataFrame(wide)], axis=1)]
    )


TABLES = [cells, spikes, spikes, columns, column, times, times, size]


# Episodes: a line a measurement, and a line an episode with its labels.


def measurements(random: Random) -> pd.DataFrame:
    generator = np.random.default_rng(random.randrange(2**32))
    rows = 60 * 20
    return pd.DataFrame(
        {
            "episode": [f"stay{number}" for number in range(60) for _ in range(20)],
            "time": generator.uniform(0, 12, rows).round(2),
            "variable": generator.choice(["HR", "Lactate", "mood"], rows),
            "value": generator.normal(70, 9, rows).round(1),
        }
    )


def labels(random: Random) -> pd.DataFrame:
    ill = [int(random.random() < 0.4) for _ in range(60)]
    names = [f"stay{number}" for number in range(60)]
    return pd.DataFrame({"episode": names, "ill": ill, "tired": ill[::-1]})


def some_cells(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    """Cells that hold something else."""
    table = table.astype(object)
    for row in pick(random, len(table), random.choice([1, 1, 5, 60])):
        value = random.choice([*HUGE, *WORDS, "-1", "2", "1:30", "25:61", "stay1", "HR"])
        table.iat[row, random.randrange(table.shape[1])] = value
    return table


def some_lines(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    """Lines in another order, twice, or few of them."""
    table = table.sample(frac=1, random_state=random.randrange(999))
    return random.choice([table, pd.concat([table, table]), table.iloc[: random.randrange(700)]])


def a_column(random: Random, table: pd.DataFrame) -> pd.DataFrame:
    """One that is the same throughout, has another name, or is not there."""
    name = random.choice(list(table.columns))
    new = random.choice(["", " ", "episode", "value", "x" * 200, "<b>", None])
    if new is None or name == "episode" == new:
        return table.drop(columns=name)
    return random.choice([table.rename(columns={name: new}), table.assign(**{name: "1"})])


EPISODES = [some_cells, some_cells, some_lines, a_column]


def table_text(random: Random, table: pd.DataFrame) -> bytes:
    """As .csv, in one case of three by somebody's own rules."""
    if random.random() < 0.67:
        return table.to_csv(index=False).encode()
    way = random.randrange(7)
    text = table.to_csv(index=False)
    lines = text.splitlines()
    if way == 0:
        text = table.to_csv(index=False, sep=random.choice(";\t| "))
    elif way == 1:
        text = table.to_csv(index=False, sep=random.choice(",;"), decimal=",")
    elif way == 2:
        text = "\n".join(random.choice([f"{x},", f",{x}", x]) for x in lines) + "\n"
    elif way == 3:
        text = "# a comment\n" * random.randint(1, 3) + text
    elif way == 4:
        at = random.randrange(len(lines))
        lines[at] = random.choice(['"' + lines[at], "\0", lines[at] * 9, "x" * 200_000, ",,,,,"])
        text = "\n".join(lines)
    elif way == 5:
        text = json.dumps(table.astype(str).to_dict("list"))
    else:
        text = text.replace(".", random.choice(["'", " ", ".."]))
    return text.encode()


# Archives of one table.


def archive(random: Random, name: str, data: bytes) -> tuple[str, bytes]:
    """Name and bytes of a .gz or .zip that holds the table, or something like it."""
    if random.random() < 0.5:
        packed = gzip.compress(data, mtime=0)
        return f"{name}.gz", random.choice(
            [packed, packed + b"more", packed[:-8], data, packed * 2]
        )
    file = io.BytesIO()
    how = random.choice(
        [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    )
    with zipfile.ZipFile(file, "w", how) as made:
        inside = random.choice(
            [name, name, "../../etc/x.csv", "/x.csv", "a/b.csv", "é\n.csv", "x.txt"]
        )
        made.writestr(inside, data)
        if random.random() < 0.3:
            made.writestr("second.csv", data)
    packed = bytearray(file.getvalue())
    if random.random() < 0.4:  # the flag of encryption, or another way of compression
        central = packed.index(b"PK\x01\x02")
        for local, offset in ((0, 6), (central, 8)):
            change = random.choice([(0, 1), (2, 99), (2, 12)])
            packed[local + offset + change[0]] = change[1]
    return f"{name}.zip", bytes(packed)


# Texts.


def corpus(random: Random) -> str:
    words = ["my", "dear", "friend", "you", "ask", "me", "what", "the", "sea", "is", "like"]
    return " ".join(random.choice(words) for _ in range(2500)) + ".\n"


def text_like(random: Random, text: str) -> str:
    way = random.randrange(9)
    if way == 0:
        return "".join(
            chr(random.choice([65, 0x4E00, 0x1F600]) + random.randrange(20_000))
            for _ in range(12_000)
        )
    if way == 1:
        return random.choice(
            ["", " ", "a", "ab", "1 ", "\t\n", "\x00", "\u200f", "a\u0301"]
        ) * random.randint(0, 9000)
    if way == 2:
        return text[: random.randint(0, 400)]
    if way == 3:
        return text.replace(
            "e", random.choice(["\u0301", "\u202e", "\x07", "\x1b[31m", "\u2028", "İ", "ß"])
        )
    if way == 4:
        return "".join(map(chr, [*range(32, 0xD800), *range(0xE000, 0x30000)]))
    if way == 5:
        return HTML.decode() * random.randint(1, 99)
    if way == 6:
        return text.replace(" ", "")
    if way == 7:
        return "\n".join(text)
    return "".join(random.sample(text, len(text)))


# Pictures.


def picture(random: Random) -> tuple[str, bytes]:
    """Name's ending and bytes of a picture, of a usual or an unusual kind."""
    generator = np.random.default_rng(random.randrange(2**32))
    side = random.choice([(90, 120), (90, 120), (90, 120), (1, 1), (1, 300), (300, 2), (60, 4000)])
    colours = Image.fromarray(generator.integers(0, 256, (*side, 3), np.uint8))
    form = random.choice(["jpg", "png", "gif", "webp", "tiff", "bmp"])
    mode = random.choice(["RGB", "RGB", "L", "P", "1", "RGBA", "LA", "CMYK", "I;16", "F"])
    file = io.BytesIO()
    try:
        made = (
            colours.convert("L").convert(mode) if mode in ("I;16", "F") else colours.convert(mode)
        )
        made.save(file, {"jpg": "JPEG"}.get(form, form.upper()))
    except (OSError, ValueError):  # the format does not know the mode
        file = io.BytesIO()
        colours.save(file, "PNG")
    return random.choice([form, form, form, "jpg", "png"]), file.getvalue()


def claim_size(random: Random, data: bytes) -> bytes:
    """A .png whose head promises another size."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    made = bytearray(file.getvalue())
    size = random.choice([(100_000, 100_000), (0, 0), (65, 64), (20_000, 20_000), (2**31, 1)])
    made[16:24] = struct.pack(">II", *(min(side, 2**32 - 1) for side in size))
    made[29:33] = struct.pack(">I", zlib.crc32(bytes(made[12:29])))
    return bytes(made)


# Weights: HDF5 by h5py.


def weights(random: Random, data: bytes, scratch: Path) -> bytes:
    """A valid file of weights with arrays, groups or attributes changed."""
    import h5py

    scratch.write_bytes(data)
    with h5py.File(scratch, "r+") as file:
        arrays: list[str] = []
        file.visititems(
            lambda name, x: arrays.append(name) if isinstance(x, h5py.Dataset) else None
        )
        name = random.choice(arrays)
        values = file[name][()]
        way = random.randrange(7)
        if way == 0:
            del file[name]
        elif way == 1:
            del file[name.split("/")[0]]
        else:
            change = [
                np.full_like(values, random.choice([np.nan, np.inf, 1e30])),
                values[..., :-1],
                values.astype("S9"),
                values.astype(np.float16),
                np.zeros(0, np.float32),
            ][way - 2]
            del file[name]
            file[name] = change
    return scratch.read_bytes()


# Configurations.

JUNK = [
    None, True, -1, 0, 1, 10**30, 10**400, 1e308, float("nan"), float("inf"), 0.5, 2**31, 100_000_000,
    "", " ", "gru", "1 hour", "0 hours", "-3 days", "9" * 300 + " days", "../../../etc/passwd", "/dev/null",
    "{variant}", "a{b}c", "nul\0", "é\n", "x" * 10_000, [], {}, [[]], [1, "1"], [1, 1], [0.5, 0.5001],
    {"a": {"b": {}}}, {1: 2}, ["mlp"] * 3, {"units": list(range(100))}, "http://[::1/x", "%Y-%Y", "2021-13-45",
]  # fmt: skip


def config(random: Random, valid: dict) -> bytes:
    """An overlay of which some settings are junk, or whose YAML is odd."""
    made = json.loads(json.dumps(valid))
    for _ in range(random.choice([1, 1, 2, 4])):
        at, key = place(random, made)
        way = random.randrange(4)
        if way == 0 and isinstance(at, dict):
            at[f"{key}x"[:: random.choice([1, -1])]] = at.pop(key)
        elif way == 1:
            at[key] = [at[key]] if random.random() < 0.5 else {"more": at[key]}
        else:
            at[key] = random.choice(JUNK)
    text = yaml.safe_dump(made, allow_unicode=True, sort_keys=False)
    return odd_yaml(random, text) if random.random() < 0.4 else text.encode()


def place(random: Random, made) -> tuple:
    """A container inside ``made``, and a key or index of it."""
    while True:
        keys = list(made) if isinstance(made, dict) else list(range(len(made)))
        key = random.choice(keys)
        inner = made[key]
        if not isinstance(inner, (dict, list)) or not inner or random.random() < 0.25:
            return made, key
        made = inner


def odd_yaml(random: Random, text: str) -> bytes:
    lines = text.splitlines()
    at = random.randrange(len(lines))
    way = random.randrange(12)
    if way == 0:
        text += text
    elif way == 1:
        text = text.replace("  ", "\t")
    elif way == 2:
        text += "more: &a [*a]\nforecast2: &b {c: *b}\n"
    elif way == 3:
        laughs = "a0: &a0 [ha, ha]\n"
        laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
        text += laughs
    elif way == 4:
        text += "deep: " + "[" * random.choice([50, 5000]) + "\n"
    elif way == 5:
        text = "\n".join([*lines[:at], " " * random.randint(1, 5) + lines[at], *lines[at + 1 :]])
    elif way == 6:
        text = "\n".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])
    elif way == 7:
        text += random.choice(
            [
                "!!python/object/apply:os.system [ls]\n",
                "--- more\n",
                "x: !!int 'a'\n",
                "? [a]\n: b\n",
            ]
        )
    elif way == 8:
        text = random.choice(
            ["", "[]", "a", "42", "null", "- a\n- b\n", "{", "%", "@", "\ufeff" + text]
        )
    elif way == 9:
        return (
            text.encode(random.choice(["utf-16", "utf-32", "cp1252"]), errors="replace") + b"\xff"
        )
    elif way == 10:
        return random.choice(BYTES)(random, text.encode())
    else:
        text = json.dumps(
            yaml.safe_load(text), indent=random.choice(["\t", " ", None]), default=str
        )
    return text.encode()
