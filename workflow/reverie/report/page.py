"""The page: reads a run's files, computes what is said about them, fills the templates."""

import base64
import hashlib
import json
import os
from pathlib import Path

import jinja2
from markupsafe import Markup

from reverie.report import dream, embedded, forecast, style, text, words

HERE = Path(__file__).parent
PARTS = {
    "forecast": ("Forecast", forecast.section),
    "text": ("Text", text.section),
    "dream": ("Dreams", dream.section),
    "style": ("Style", style.section),
}


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
            figure=lambda figure, name=name: embedded.drawing(
                run / name / "plots" / f"{figure}.svg"
            ),
            **section(run, provenance["config"]),
        )
        parts.append({"name": name, "title": title, "html": Markup(filled)})
    script = (HERE / "page.js").read_text()
    page = templates.get_template("page.html").render(
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=Markup((HERE / "style.css").read_text()),
        run=run.name,
        parts=parts,
        provenance=provenance,
    )
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text(page, encoding="utf-8")
    os.replace(part, file)
