"""The page: reads a run's files, computes what is said about them, fills the templates."""

import base64
import json
import os
from pathlib import Path

import jinja2
from markupsafe import Markup

from reverie.report import forecast, text, words

HERE = Path(__file__).parent
PARTS = {"forecast": ("Forecast", forecast.section), "text": ("Text", text.section)}


def write(run: Path, file: Path) -> None:
    """Write the report of the run in the folder ``run``, whose files are those of the contract."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    templates.filters |= words.FILTERS
    provenance = json.loads((run / "provenance.json").read_text())
    parts = []
    for name in provenance["config"]["parts"]:
        title, section = PARTS[name]
        filled = templates.get_template(f"{name}.html").render(
            figure=lambda figure, name=name: address(run / name / "plots" / f"{figure}.svg"),
            **section(run, provenance["config"]),
        )
        parts.append({"name": name, "title": title, "html": Markup(filled)})
    page = templates.get_template("page.html").render(
        style=Markup((HERE / "style.css").read_text()),
        run=run.name,
        parts=parts,
        provenance=provenance,
    )
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text(page, encoding="utf-8")
    os.replace(part, file)


def address(path: Path) -> str:
    """The picture as an address that holds all of it, so that the page needs no other file."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()
