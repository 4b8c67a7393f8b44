"""A stand-in for a corpus: the prose that every Python brings along, its docstrings."""

import ast
import sys
import sysconfig
from pathlib import Path

from reverie.files import replacing

CHARACTERS = 600_893  # the length of the lecture's corpus
# Not in every distribution of a Python version; without them the text is the same in all.
OPTIONAL = {"distutils", "ensurepip", "idlelib", "lib2to3", "tkinter", "turtledemo"}


def write(path: Path) -> None:
    """Write the sample as UTF-8; the same Python gives the same text."""
    with replacing(path) as part:
        part.write_text(text(), encoding="utf-8")


def text() -> str:
    """Docstrings of the standard library in the order of its modules, up to CHARACTERS."""
    found, length = [], 0
    for file in files():
        for docstring in docstrings(file):
            found.append(docstring)
            length += len(docstring) + 2
            if length >= CHARACTERS:
                return "\n\n".join(found)[:CHARACTERS]
    return "\n\n".join(found)


def files() -> list[Path]:
    """Source files of the standard library's public modules, sorted."""
    library = Path(sysconfig.get_path("stdlib"))
    found = []
    for name in sorted(sys.stdlib_module_names - OPTIONAL):
        inner = sorted((library / name).rglob("*.py"))
        files = [library / f"{name}.py", *inner]
        found += [file for file in files if file.is_file() and not tested(file, library)]
    return [file for file in found if not file.relative_to(library).parts[0].startswith("_")]


def tested(file: Path, library: Path) -> bool:
    """Whether the file is a test: no prose, and not everywhere."""
    return not {"test", "tests"}.isdisjoint(file.relative_to(library).parts)


def docstrings(file: Path):
    """Those of the module, its classes and functions, in the order in which they stand."""
    tree = ast.parse(file.read_bytes())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, documented)]
    for node in sorted(nodes, key=lambda node: getattr(node, "lineno", 0)):
        if docstring := ast.get_docstring(node):
            yield docstring
