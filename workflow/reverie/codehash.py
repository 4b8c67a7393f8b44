"""A hash of the code that a script runs: of its syntax tree and those of the modules it imports.

Snakemake compares the script's time stamp, not its content, and ignores the modules it imports.
Comments, docstrings and layout do not count. Data files beside a module do.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
DATA = {".css", ".html", ".js"}
# Logs and records of every job: a change there affects no result and must not retrain a network.
IGNORED = {PACKAGE / "jobs.py"}


def code_hash(script: Path) -> str:
    """The hash of the script, of every module that it reaches, and of these modules' data files."""
    digest = hashlib.sha256(parsed(script)[1].encode())
    for path in reached(script):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(parsed(path)[1].encode())
        for file in sorted(path.parent.iterdir()) if path.name != "__init__.py" else []:
            if file.suffix in DATA:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def reached(script: Path) -> list[Path]:
    """The package's modules that the script imports, directly or indirectly, sorted."""
    modules: set[Path] = set()
    waiting = [script]
    while waiting:
        for path in parsed(waiting.pop())[0]:
            if path not in modules | IGNORED:
                modules.add(path)
                waiting.append(path)
    return sorted(modules)


@cache
def parsed(path: Path) -> tuple[list[Path], str]:
    """The modules of the package that the file imports, and its syntax tree without docstrings."""
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
    """All statements inside the node, at any depth; expressions contain none and are skipped."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, block, ()):
            yield inner
            yield from statements(inner)


def dumped(node) -> str:
    """The syntax tree as text; unlike `ast.dump`'s, it is the same in every Python version."""
    if isinstance(node, ast.AST):
        fields = [(name, getattr(node, name, None)) for name in node._fields]
        texts = [f"{name}={dumped(value)}" for name, value in fields if value not in (None, [])]
        return f"{type(node).__name__}({','.join(texts)})"
    if isinstance(node, list):
        return f"[{','.join(map(dumped, node))}]"
    return repr(node)
