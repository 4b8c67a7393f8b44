"""An overlay as a tree of settings, each with the reason for its value."""

import math
import re
import unicodedata
from typing import Any, NamedTuple

import yaml

WIDTH = 100  # of a line; a longer reason stands above its setting


def name(text: str) -> str:
    """The text as a name of the configuration, or "" if none of its characters may be in one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9_.-]+", "-", plain)[:60].strip("-._")


class Guess(NamedTuple):
    """The value of a setting, and in a few words why."""

    value: Any
    reason: str = ""


def written(tree: dict, indent: str = "") -> str:
    """The tree as YAML, with the reasons as comments."""
    lines = []
    for key, entry in tree.items():
        if isinstance(entry, dict):
            lines += [f"{indent}{key}:", written(entry, indent + "  ")]
            continue
        line, reason = f"{indent}{key}: {flow(entry.value)}", " ".join(entry.reason.split())
        if len(line) + len(reason) + 3 > WIDTH and reason:
            lines += [f"{indent}# {reason}", line]
        else:
            lines.append(f"{line} # {reason}" if reason else line)
    return "\n".join(lines)


def flow(value: Any) -> str:
    """The value as YAML in one line."""
    within = yaml.safe_dump(
        [value], default_flow_style=True, allow_unicode=True, width=math.inf, sort_keys=False
    )
    return within.strip()[1:-1]
