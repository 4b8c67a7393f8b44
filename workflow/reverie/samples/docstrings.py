"""A stand-in for a corpus: the docstrings of Python's standard library."""

import ast
import sys
import sysconfig
from pathlib import Path

from reverie.files import replacing

CHARACTERS = 600_893  # the length of the lecture's corpus
# Left out, since some distributions lack them and the text should be the same in all.
OPTIONAL = {"distutils", "ensurepip", "idlelib", "lib2to3", "tkinter", "turtledemo"}


def write(path: Path) -> None:
    """Write the sample as UTF-8; the same Python gives the same text."""
    with replacing(path) as part:
        part.write_text(text(), encoding="utf-8")


def text() -> str:
    """Docstrings of the standard library in the order of its modules, up to CHARACTERS."""
    parts, length = [], 0
    for file in files():
        for docstring in docstrings(file):
            parts.append(docstring)
            length += len(docstring) + 2
            if length >= CHARACTERS:
                return "\n\n".join(parts)[:CHARACTERS]
    return "\n\n".join(parts)


def files() -> list[Path]:
    """Source files of the standard library's public modules, sorted."""
    library = Path(sysconfig.get_path("stdlib"))
    names = (name for name in sorted(sys.stdlib_module_names - OPTIONAL) if name[0] != "_")
    modules = []
    for name in names:
        modules += [library / f"{name}.py", *sorted((library / name).rglob("*.py"))]
    return [file for file in modules if file.is_file() and not is_test(file.relative_to(library))]


def is_test(file: Path) -> bool:
    """Whether it is a test, which has little prose and which some distributions lack."""
    return not {"test", "tests"}.isdisjoint(file.parts)


def docstrings(file: Path):
    """Yield the docstrings of the module, its classes and functions in their order in the file."""
    tree = ast.parse(file.read_bytes())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, documented)]
    for node in sorted(nodes, key=lambda node: getattr(node, "lineno", 0)):
        if docstring := ast.get_docstring(node):
            yield docstring
