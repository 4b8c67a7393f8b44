"""A run on record: `docs/reproduction.md`, its results beside the published ones, and its small files.

Two halves. :func:`collect` copies the small files beside the page; :func:`text` writes the page from these
files alone, so that anybody can write it again, and `make compare` can hold another run against them.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import jinja2
from markupsafe import Markup

from reverie import provenance
from reverie.durations import in_words
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.forecast.report import record as forecasts
from reverie.report import claims as remarks
from reverie.report import differences, page, partial, words
from reverie.report.parts import PARTS
from reverie.report.run import Run, facts_of, recorded
from reverie.report.verdicts import CONFIRMED, NOT_RUN, REFUTED, TASTE, UNDECIDED

PAGE = Path("docs/reproduction.md")
LECTURE_SEEDS = 3
FAR_OFF = 0.25  # of a job's time, by which its estimate may be wrong without being named
MOST = 6  # jobs that are named for it
FOLDERS = re.compile(r"(?<=[\s='\"])/(?:[^\s/'\"]+/)+")  # of a path within a command
VERDICTS = {
    CONFIRMED: "Confirmed",
    REFUTED: "Not confirmed",
    UNDECIDED: "Undecided",
    TASTE: "A matter of taste",
    NOT_RUN: "Not tested",
}
HASHES, FURTHER = "sha256.txt", "further.json"
HASHED = {".h5", ".npz", ".jsonl", ".png"}  # results that are the same again from the same seeds
# Settings that name data and networks.
SOURCES = re.compile(
    r"\.series\.(asset|path)$|^weights\.\w+\.asset$|\.(network|picture|style|corpus|table|sets)$|^describe\.(pictures|sentences)$"
)


def write(folder: Path, file: Path = PAGE, further: Iterable[Path] = ()) -> tuple[Path, Path, int]:
    """Put the run in ``folder`` on record in the page ``file``, a .md.

    Gives the page, the run's folder beside it, and the bytes of that folder.

    ``further`` are runs whose forecasts the page holds against those of this run.
    For a run on record already, which lies in the folder beside its page, only the page is written again.
    """
    if "on_record" in facts_of(folder):
        target, parent = folder, folder.resolve().parent
        file = parent.with_name(f"{parent.name}.md")
    else:
        if file.suffix != ".md":
            raise ReverieError(f"--page: {file} must end in .md; name the page {file}.md, say.")
        target = file.with_suffix("") / folder.resolve().name
        collect(folder, target, further)
    content = text(target)
    with replacing(file) as part:
        part.write_text(content, encoding="utf-8")
    return file, target, sum(path.stat().st_size for path in target.rglob("*") if path.is_file())


def collect(folder: Path, target: Path, further: Iterable[Path] = ()) -> None:
    """Copy the small files of the run into the new folder ``target``; an older record is replaced."""
    if target.exists() and not (target / "provenance.json").is_file():
        raise ReverieError(
            f"{target} holds no run on record; move it away, then repeat the command."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        links, part = Path(scratch) / "links", Path(scratch) / "record"
        links.mkdir()
        run = partial.so_far(folder, links)
        for name in run.settings["parts"]:
            if PARTS[name].record:
                PARTS[name].record.keep(run, part / name)
        others = []
        for number, other in enumerate(further):
            (Path(scratch) / f"further{number}").mkdir()
            others.append(partial.so_far(other, Path(scratch) / f"further{number}"))
        if others:
            forecasts.keep_further(run, others, part / "forecast")
            save(part / FURTHER, [spent(other) for other in others if other.provenance["jobs"]])
        for file in part.rglob("*.json"):
            content = json.loads(file.read_text())
            if (shortened := without_folders(content)) != content:
                save(file, shortened)
        save(part / "claims.json", claims(run, others))
        hashes = "".join(
            f"{digest}  {file}\n" for file, digest in sums(folder, run.settings["parts"]).items()
        )
        (part / HASHES).write_text(hashes)
        state = {"missing": run.missing, "failures": run.failures, "ended": run.ended}
        state["config"] = run.settings if run.missing else None
        facts = {**run.provenance, "on_record": state}
        save(part / "provenance.json", without_folders(facts))
        for svg in part.rglob("*.svg"):
            svg.write_text(on_white(svg.read_text(encoding="utf-8")), encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)


def claims(run: Run, others: Iterable[Run]) -> list[dict]:
    """The verdicts of the run; those that it cannot give, of the first of the others that can, with its `run`."""
    lines = remarks.claims(run.folder, run.settings)
    for other in others:
        theirs = {
            (line["part"], line["remark"]): line | {"run": other.name}
            for line in remarks.claims(other.folder, other.settings)
            if line["verdict"] != NOT_RUN
        }
        lines = [
            theirs.get((line["part"], line["remark"]), line) if line["verdict"] == NOT_RUN else line
            for line in lines
        ]
    return lines


def sums(folder: Path, parts: list[str]) -> dict[str, str]:
    """SHA-256 of the results of the run in ``folder`` that the same seeds repeat in another run, by path."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for part in parts
        for file in sorted((folder / part).rglob("*"))
        if file.suffix in HASHED and "plots" not in file.parts
    }


def save(file: Path, content) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def without_folders(value):
    """The value with absolute paths, which are those of one machine, shortened to names of files."""
    if isinstance(value, dict):
        return {key: without_folders(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_folders(inner) for inner in value]
    if isinstance(value, str):
        path = value.startswith("/") and value.count("/") > 1 and "*" not in value
        return PurePosixPath(value).name if path else FOLDERS.sub("", value)
    return value


def on_white(svg: str) -> str:
    """The drawing on a white ground, since a dark page would show through it."""
    return re.sub(
        r"<svg\b[^>]*>", r'\g<0><rect width="100%" height="100%" fill="white"/>', svg, count=1
    )


def text(folder: Path) -> str:
    """The page about the run on record in ``folder``, as Markdown."""
    run, name = opened(folder), folder.resolve().name
    files = f"{folder.resolve().parent.name}/{name}"
    facts = run.provenance
    parts = []
    for part in run.settings["parts"]:
        if PARTS[part].record:
            values = PARTS[part].record.shown(run)
            template = templates().get_template(f"{part}/report/record.md")
            content = Markup(template.render(files=f"{files}/{part}", **values))
            parts.append({"name": part, "title": PARTS[part].title, "text": content} | values)
    verdicts = json.loads((folder / "claims.json").read_text())
    page_text = (
        templates()
        .get_template("report/record.md")
        .render(
            name=name,
            files=files,
            run=run,
            gpu=any(job.get("gpu") is not None for job in facts["jobs"]),
            facts=facts,
            parts=parts,
            absent=absent(run),
            counts=Counter(claim["verdict"] for claim in verdicts),
            verdicts={
                title: [claim for claim in verdicts if claim["verdict"] == verdict]
                for verdict, title in VERDICTS.items()
            },
            hashes=len((folder / HASHES).read_text().splitlines()),
            titles={part: PARTS[part].title for part in PARTS},
            costs=costs(run),
            further=json.loads(file.read_text()) if (file := folder / FURTHER).is_file() else [],
            commits=commits(facts),
            differences=differences.rows(run),
        )
    )
    page_text = re.sub(r"[ \t]+$", "", page_text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", page_text).strip() + "\n"


def opened(folder: Path) -> Run:
    """The run on record in ``folder``."""
    return recorded(folder, facts_of(folder))


def absent(run: Run) -> list[str]:
    """What the run lacks of the lecture in full, in sentences."""
    settings, sentences = run.settings, []
    if run.missing or run.failures or not run.ended:
        sentences.append("The run is not finished; the page shows what there is.")
        sentences += [f"Missing: {item}." for item in run.missing]
        sentences += [f"Failed: {item}" for item in run.failures]
    if left_out := [PARTS[part].title.lower() for part in PARTS if part not in settings["parts"]]:
        sentences.append(f"Not on this page: {', '.join(left_out)}.")
    if run.provenance.get("full"):
        sentences.append(
            "This is a quick look with a small budget, not the lecture in full: its figures are worse than "
            "those of fully trained networks."
        )
    for part in settings["parts"]:
        seeds = settings[part].get("seeds")
        if seeds and len(seeds) < LECTURE_SEEDS:
            count = f"{len(seeds)} seed{'s' * (len(seeds) > 1)}"
            sentences.append(f"{PARTS[part].title}: {count} instead of {LECTURE_SEEDS}.")
    if others := [row for row in differences.rows(run) if SOURCES.search(row["path"])]:
        changes = "; ".join(
            f"{code(row['path'])}: {words.markdown(row['here'])} instead of {words.markdown(row['lecture'])}"
            for row in others
        )
        sentences.append(
            Markup(
                f"Data and networks other than the lecture’s, so that figures differ: {changes}."
            )
        )
    samples = [asset["asset"] for asset in run.provenance["assets"] if asset["sample"]]
    if samples:
        sentences.append(
            f"Stand-ins in place of files that could not be reached: {', '.join(samples)}."
        )
    return sentences


def costs(run: Run) -> dict:
    """What the run took: a row a part, and the jobs whose estimates were far off."""
    jobs = provenance.whole_jobs(run.provenance["jobs"])
    groups: dict[str, list[dict]] = {}
    for job in jobs:
        groups.setdefault(job.get("part") or "", []).append(job)
    rows = [
        row(PARTS[part].title if part else "Data and report", groups[part])
        for part in [*PARTS, ""]
        if part in groups
    ]
    timed = [job for job in jobs if job.get("estimate")]
    off = [job | {"ratio": job["seconds"] / job["estimate"] - 1} for job in timed]
    off = [job for job in off if abs(job["ratio"]) > FAR_OFF]
    worst = sorted(off, key=lambda job: -abs(job["seconds"] - job["estimate"]))[:MOST]
    return {
        "rows": rows,
        "total": row("All jobs", jobs) if jobs else None,
        "resumed": sum(bool(job.get("resumed")) for job in jobs),
        "interruptions": sum(job.get("resumed", 0) for job in jobs),
        "timed": len(timed),
        "off": len(off),
        "worst": [
            f"{words.markdown(named(job))} ({words.percent(job['ratio'])}, {in_words(job['seconds'])} instead of {in_words(job['estimate'])})"
            for job in worst
        ],
    }


def spent(run: Run) -> dict:
    """What another run took, and the commits at which its jobs ran."""
    return row(run.name, provenance.whole_jobs(run.provenance["jobs"])) | {
        "commits": commits(run.provenance)
    }


def row(title: str, jobs: list[dict]) -> dict:
    """What some jobs took in total, and how far their estimates were off."""
    timed = [job for job in jobs if job.get("estimate")]
    expected = sum(job["estimate"] for job in timed)
    longest = max(jobs, key=lambda job: job["seconds"])
    return {
        "title": title,
        "jobs": len(jobs),
        "seconds": sum(job["seconds"] for job in jobs),
        "longest": f"{named(longest)}, {in_words(longest['seconds'])}",
        "memory": max(job["max_rss_mb"] for job in jobs),
        "expected": expected or None,
        "off": sum(job["seconds"] for job in timed) / expected - 1 if expected else None,
    }


def named(job: dict) -> str:
    """A job in words: its rule and its wildcards, with the word seed before a seed's number."""
    values = [
        f"seed{'s' * (',' in value)} {value}" if key == "seed" else value
        for key, value in job["wildcards"].items()
    ]
    return " ".join([job["rule"].replace("_", " "), *values])


def commits(facts: dict) -> list[str]:
    """The commits at which jobs ran, the most frequent first, with how many."""
    counts = Counter((job["commit"], job["dirty"]) for job in facts["jobs"])
    return [
        f"{(commit or 'unknown')[:12]}{' with uncommitted changes' if dirty else ''}: {count} job{'s' * (count > 1)}"
        for (commit, dirty), count in counts.most_common()
    ]


def templates() -> jinja2.Environment:
    """Templates of Markdown: whatever they print is escaped, unless it is Markdown already."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(page.HERE.parent),
        finalize=words.markdown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= words.FILTERS | {"code": code, "markup": Markup}
    return environment


def code(value: str) -> Markup:
    """The value as code, also within a table."""
    return Markup(f"`{str(value).replace('`', '’').replace('|', chr(92) + '|')}`")
