"""`python -m reverie.own forecast SERIES=river.csv TARGET=level_m`: the overlay for a file of yours.

The Makefile's `forecast`, `write` and `dream` run it. It writes `config/own-<name>.yaml` from what the
file looks like, and prints the overlay's path; everything else that it says goes to stderr.
"""

import re
import shlex
import sys
from pathlib import Path

import yaml

from reverie.config import files
from reverie.config.fields import did_you_mean
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.own import overlay, picture, series, text

# What each command makes, the file that it needs, and its other arguments.
COMMANDS = {
    "forecast": (series.guesses, "SERIES", "TARGET TIME FORMAT UNIT DELAY LOOKBACK STEP ENCODING"),
    "write": (text.guesses, "TEXT", "ENCODING"),
    "dream": (picture.guesses, "PICTURE", "STYLE"),
}  # fmt: skip
OF_MAKE = ["WITH", "CORES", "EXTRA", "PYTHON"]  # the Makefile's own variables
EXAMPLES = {"SERIES": "river.csv", "TEXT": "letters.txt", "PICTURE": "harbour.jpg"}
HEAD = """\
# This command guessed these settings from the file. Edit what is wrong, then repeat the command: it never
# changes this overlay."""


def main(command: str, *typed: str) -> None:
    """Write the overlay, unless there is one already, and print its path."""
    _, file, others = COMMANDS[command]
    arguments = dict(pair.split("=", 1) for pair in typed)
    with_overlays = shlex.split(arguments.get("WITH", ""))
    arguments = {key: value.strip() for key, value in arguments.items() if key not in OF_MAKE}
    arguments = {key: value for key, value in arguments.items() if value}
    allowed = [file, *others.split(), "NAME"]
    for key in arguments:
        if key not in allowed:
            raise ReverieError(f"make {command} has no argument {key}{did_you_mean(key, allowed)}")
    if file not in arguments:
        raise ReverieError(f"make {command} needs a file of yours; say {file}={EXAMPLES[file]}.")
    for key in {"TEXT", "PICTURE", "STYLE"} & arguments.keys():
        if not Path(arguments[key]).expanduser().is_file():
            raise ReverieError(f"{key}: there is no file {arguments[key]}; correct the path.")
    path = Path("config") / f"own-{name_of(arguments, file)}.yaml"
    base, _ = files.read(["config.yaml", "config/quick.yaml", *with_overlays])
    if path.exists():
        refuse_other(path, command, arguments)
        print(f"Using {path} as it is; to start anew, delete it.", file=sys.stderr)
    else:
        content = compose(command, arguments, base)
        with replacing(path) as part:
            part.write_text(content, encoding="utf-8")
        print(f"Wrote {path}:\n\n{content}", file=sys.stderr)
    print(path)


def name_of(arguments: dict[str, str], file: str) -> str:
    """The overlay's name: NAME, or that of the first file; of a pattern without letters, its folder's."""
    if name := overlay.name(arguments.get("NAME", "")):
        return name
    first = Path(series.files(arguments[file])[0][0] if file == "SERIES" else arguments[file])
    plain = re.sub(r"(\.(csv|tsv|txt))?\.\w+$", "", first.name, flags=re.I)
    return overlay.name(plain) or overlay.name(first.parent.name) or "file"


def compose(command: str, arguments: dict[str, str], base: dict) -> str:
    """The text of the overlay. Raises ReverieError or ConfigError rather than make a wrong one."""
    settings = overlay.written(COMMANDS[command][0](arguments, base))
    load(files.merged(base, yaml.safe_load(settings)))
    return f"# make {command} {' '.join(pairs(arguments))}\n{HEAD}\n{settings}\n"


def refuse_other(path: Path, command: str, arguments: dict[str, str]) -> None:
    """Raise ReverieError if the overlay in ``path`` was written for other arguments than these."""
    line = path.read_text(encoding="utf-8").partition("\n")[0]
    wanted = [f"# make {command}", *pairs(arguments)]
    if line.startswith("# make ") and not all(f"{part} " in f"{line} " for part in wanted):
        raise ReverieError(
            f"{path} was written by {line[2:]}; change it there, delete it to start anew, or say NAME=… to "
            "have another one."
        )


def pairs(arguments: dict[str, str]) -> list[str]:
    return [f"{key}={shlex.quote(value)}" for key, value in arguments.items()]


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (ReverieError, ConfigError) as mistake:
        sys.exit(str(mistake))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}.")
