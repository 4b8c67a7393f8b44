"""Configuration files in YAML or JSON, read strictly, with bounds and with line numbers."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import yaml

from reverie.errors import ReverieError

MOST_BYTES = 500_000
MOST_VALUES = 50_000  # including those repeated by aliases
MOST_LEVELS = 50  # of nesting
MOST_DIGITS = 40  # of a number


def read(files: Iterable[str]) -> tuple[dict, dict[str, str]]:
    """The settings of all files, each file merged over those before, and the place of each setting.

    Places are by path: that of `forecast.seeds` may be `config/own.yaml:7`. Raises ReverieError as
    :func:`content` does.
    """
    settings: dict = {}
    places: dict[str, str] = {}
    for file in files:
        overlay, lines = content(Path(file))
        settings = merged(settings, overlay)
        name = os.path.relpath(file)
        places |= {path: f"{name}:{line}" for path, line in lines.items()}
    return settings, places


def merged(base: dict, overlay: dict) -> dict:
    """A deep merge of the overlay over the base, as Snakemake does it."""
    result = dict(base)
    for key, value in overlay.items():
        inner = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if inner else value
    return result


def differences(settings: dict, base: dict, path: str = "") -> dict[str, list]:
    """The settings that differ: {path: [value in ``base``, value in ``settings``]}, None if absent."""
    different = {}
    for key in sorted({*settings, *base}, key=str):
        value, base_value = settings.get(key), base.get(key)
        if isinstance(value, dict) and isinstance(base_value, dict):
            different |= differences(value, base_value, f"{path}{key}.")
        elif value != base_value:
            different[f"{path}{key}"] = [base_value, value]
    return different


def content(file: Path) -> tuple[dict, dict[str, int]]:
    """The settings in a file, and the line of each by its path.

    Raises ReverieError with the line of whatever is wrong. JSON is read as JSON, as Snakemake does,
    since YAML refuses its tabs and reads some of its numbers as text; only the lines come from the YAML
    parser.
    """
    text = text_of(file)
    settings = None
    with suppress(ValueError, RecursionError):
        settings = json.loads(text)
        text = text.replace("\t", " ")
    try:
        loader = Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise ReverieError(f"{file} is empty; write settings into it, or leave it out.")
        lines = dict(lines_of(node))
        if settings is None:
            settings = loader.construct_document(node)
    except Refused as error:
        raise ReverieError(f"{file}, line {error.line}: {error}.") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ReverieError(
            f"{file}, line {line}: the character U+{error.character:04X} is not allowed; delete it."
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line
        tab = "\t" in "".join(text.splitlines()[line : line + 1])
        advice = "indent with spaces, not tabs" if tab else "correct it there"
        raise ReverieError(f"{file} is not valid YAML near line {line + 1}; {advice}.") from None
    if not isinstance(settings, dict):
        raise ReverieError(f"{file} must hold `name: value` settings.")
    return settings, lines


def lines_of(node: yaml.Node, path: str = ""):
    """Path and line of every setting below the node; entries of lists have their index in the path."""
    if isinstance(node, yaml.MappingNode):
        entries = [(key, str(key.value), value) for key, value in node.value]
    else:
        values = node.value if isinstance(node, yaml.SequenceNode) else []
        entries = [(value, str(index), value) for index, value in enumerate(values)]
    for start, name, value in entries:
        # An alias has the line of its anchor, which stands before the list.
        yield f"{path}{name}", max(start.start_mark.line, node.start_mark.line) + 1
        yield from lines_of(value, f"{path}{name}.")


def text_of(file: Path) -> str:
    try:
        with open(file, "rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ReverieError(f"There is no configuration file {file}; correct its path.") from None
    except OSError as error:
        raise ReverieError(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > MOST_BYTES:
        raise ReverieError(
            f"{file} has more than the {MOST_BYTES:,} bytes that a configuration may have; is it "
            "another file?"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ReverieError(f"{file} is not UTF-8 text; save it as UTF-8.") from None


class Refused(Exception):
    """Something that YAML allows and a configuration must not contain, with its line."""

    def __init__(self, text: str, mark: yaml.Mark):
        super().__init__(text)
        self.line = mark.line + 1


class Loader(yaml.SafeLoader):
    """A loader that refuses tags, repeated keys, recursive aliases, and more than the bounds above."""

    def __init__(self, text: str):
        super().__init__(text)
        self.level = self.values = 0
        self.sizes: dict[yaml.Node, int] = {}  # number of values in each node composed so far

    def compose_node(self, parent, index):
        event, before = self.peek_event(), self.values
        self.level += 1
        if self.level > MOST_LEVELS:
            raise Refused(
                f"more than {MOST_LEVELS} levels of nesting; write it flatter", event.start_mark
            )
        if getattr(event, "tag", None) is not None:
            text = f"tags such as {event.tag} are not allowed; write the value without it"
            raise Refused(text, event.start_mark)
        node = super().compose_node(parent, index)
        if not isinstance(event, yaml.AliasEvent):
            self.values += 1
            self.sizes[node] = self.values - before
        elif node in self.sizes:
            self.values += self.sizes[node]
        else:
            raise Refused(
                f"*{event.anchor} stands inside of itself; write its values out", event.start_mark
            )
        if self.values > MOST_VALUES:
            text = (
                f"more than {MOST_VALUES:,} values, those repeated by aliases included; write fewer"
            )
            raise Refused(text, event.start_mark)
        self.level -= 1
        return node

    def compose_scalar_node(self, anchor):
        node = super().compose_scalar_node(anchor)
        number = node.tag.endswith((":int", ":float"))
        if number and len(node.value) > MOST_DIGITS:
            text = f"a number of {len(node.value)} characters; write it with at most {MOST_DIGITS}"
            raise Refused(text, node.start_mark)
        return node

    def compose_mapping_node(self, anchor):
        node = super().compose_mapping_node(anchor)
        names: dict[tuple, yaml.Node] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                first = names.setdefault((key.tag, key.value), key)
                if first is not key:
                    line = first.start_mark.line + 1
                    text = f"`{key.value}` was given in line {line} already; put both into one"
                    raise Refused(text, key.start_mark)
        return node

    def construct_object(self, node, deep=False):
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # of a date such as 2014-13-01
            raise Refused(f"{node.value} cannot be read: {error}", node.start_mark) from None
