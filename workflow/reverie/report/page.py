"""The page: reads a run's files, computes what is said about them, fills the templates."""

import base64
import hashlib
from collections import Counter
from contextlib import suppress
from pathlib import Path

import jinja2
import pooch
import vl_convert
import yaml
from markupsafe import Markup

from reverie import bootstrap, provenance
from reverie.files import replacing
from reverie.forecast import evaluation
from reverie.report import claims as remarks
from reverie.report import differences, embedded, sharper, words
from reverie.report.part import Outcome
from reverie.report.parts import PARTS
from reverie.report.run import Run
from reverie.report.verdicts import NOT_RUN

HERE = Path(__file__).parent
FEW = 5  # missing results that the first screen lists
MANY = 20  # settings that differ; a longer table is folded
WHOLE_SCRIPT = "\n// the end"


def write(run: Run, file: Path) -> None:
    """Write the report of the run."""
    parts = []
    for name in run.settings["parts"]:
        part = PARTS[name]
        values = part.section(run)
        template = templates().get_template(f"{name}/report/section.html")
        html = template.render(figure=figure(run, name), **values)
        parts.append(
            {"name": name, "title": part.title, "html": html, "data": values["data"]}
            | {"own": remarks.own_data(name, run.settings), "charts": "charts" in values}
            | {"outcome": values.get("outcome", Outcome())}
        )
    claims = remarks.claims(run.folder, run.settings)
    counts = Counter(claim["verdict"] for claim in claims)
    save(
        file,
        "report.html",
        charts=any(part["charts"] for part in parts),
        title=run.name,
        run=run,
        parts=parts,
        claims=[claim for claim in claims if claim["verdict"] != NOT_RUN],
        not_run=[claim for claim in claims if claim["verdict"] == NOT_RUN],
        counts={verdict: n for verdict, n in counts.most_common() if verdict != NOT_RUN},
        sharper=sharper.next_step(run, claims),
        differences=differences.rows(run),
        provenance=run.provenance,
        jobs=provenance.whole_jobs(run.provenance["jobs"]),
        config=yaml.safe_dump(run.provenance["config"], sort_keys=False, allow_unicode=True),
    )


def save(file: Path, template: str, charts: bool, **values) -> None:
    """Fill a template that extends `page.html`, and write it in one go.

    Its scripts are the page's own and, for charts, Vega, both known to the page by their hash.
    """
    scripts = [(HERE / "page.js").read_text()]
    if charts:
        scripts.insert(0, vega())
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts
    ]
    page = (
        templates()
        .get_template(f"report/{template}")
        .render(
            scripts=[Markup(script) for script in scripts],
            hashes=hashes,
            style=Markup(templates().get_template("report/style.css").render()),
            **values,
        )
    )
    with replacing(file) as part:
        part.write_text(page, encoding="utf-8")


def vega() -> str:
    """Vega, Vega-Lite and vega-embed as one script.

    To bundle it takes longer than all else of a page, so it is kept in the user's cache folder.
    """
    file = pooch.os_cache("reverie") / f"vega-{vl_convert.__version__}.js"
    with suppress(OSError, ValueError):
        script = file.read_text(encoding="utf-8")
        if script.endswith(WHOLE_SCRIPT):
            return script
    script = vl_convert.javascript_bundle() + WHOLE_SCRIPT
    with suppress(OSError), replacing(file) as part:  # a cache that cannot be written is none
        part.write_text(script, encoding="utf-8")
    return script


def templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= words.FILTERS | {"markup": Markup, "block_days": evaluation.block_days}
    environment.globals |= {"fewest": bootstrap.FEWEST, "few": FEW, "many": MANY}
    return environment


def figure(run: Run, part: str):
    """Gives a figure of the part as an address, by its name."""
    return lambda name: embedded.drawing(run.folder / part / "plots" / f"{name}.svg")
