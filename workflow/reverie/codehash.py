"""A hash of the code that a script runs: its syntax, and that of the modules it reaches.

Snakemake sees a script's time stamp but neither what changed in it nor the modules it imports.
Comments, docstrings and layout do not count; files that lie beside a module as its data do.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
DATA = {".css", ".html", ".js", ".json"}
# It surrounds every job and determines no result: a better log must not train a network again.
IGNORED = {PACKAGE / "jobs.py"}


def code_hash(script: Path) -> str:
    """Hash over the script and everything of the package that it reaches."""
    found = hashlib.sha256(parsed(script)[1].encode())
    for path in reached(script):
        found.update(path.relative_to(PACKAGE).as_posix().encode())
        found.update(parsed(path)[1].encode())
        for beside in sorted(path.parent.iterdir()) if path.name != "__init__.py" else []:
            if beside.suffix in DATA:
                found.update(beside.read_bytes())
    return found.hexdigest()[:16]


def reached(script: Path) -> list[Path]:
    """The package's modules that the script imports, directly or not, sorted."""
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        for path in parsed(waiting.pop())[0]:
            if path not in found | IGNORED:
                found.add(path)
                waiting.append(path)
    return sorted(found)


@cache
def parsed(path: Path) -> tuple[list[Path], str]:
    """Files of the package that the file imports, and its code without comments, layout, docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = []
    for node in [tree, *statements(tree)]:
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
    imported = []
    for name in names:
        root, *inner = name.split(".")
        if root == PACKAGE.name:
            place = PACKAGE.joinpath(*inner)
            files = (place.with_suffix(".py"), place / "__init__.py")
            imported += [file for file in files if inner and file.is_file()]
    return imported, dumped(tree)


def statements(node):
    """All statements inside, at any depth. Expressions, the most of a tree, hold none."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, block, ()):
            yield inner
            yield from statements(inner)


def dumped(node) -> str:
    """A syntax tree as text, the same in every Python (unlike `ast.dump` and `ast.unparse`)."""
    if isinstance(node, ast.AST):
        fields = [(name, getattr(node, name, None)) for name in node._fields]
        told = [f"{name}={dumped(value)}" for name, value in fields if value not in (None, [])]
        return f"{type(node).__name__}({','.join(told)})"
    if isinstance(node, list):
        return f"[{','.join(map(dumped, node))}]"
    return repr(node)
