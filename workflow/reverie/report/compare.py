"""Two or more runs side by side: settings, what their parts compare, and pictures."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from reverie.config.files import differences
from reverie.errors import ReverieError
from reverie.report import embedded, page, partial
from reverie.report.parts import PARTS
from reverie.report.run import Run


def write(folders: list[Path]) -> Path:
    """Write `compare/<a>-vs-<b>.html` beside the runs' folders, finished, unfinished or on record."""
    with ExitStack() as stack:
        runs = [
            partial.so_far(folder, Path(stack.enter_context(tempfile.TemporaryDirectory())))
            for folder in folders
        ]
        names = [run.name for run in runs]
        if len(set(names)) < 2 or len(set(names)) < len(names):
            raise ReverieError(
                f"To compare are two or more different runs, not {' and '.join(names)}; name their "
                "folders in results/."
            )
        parts = {
            name: part.compared(having)
            for name, part in PARTS.items()
            if part.compared and (having := with_part(runs, name))
        }
        results = (
            folder.resolve().parent
            for folder, run in zip(folders, runs, strict=True)
            if not run.on_record
        )
        file = next(results, Path("results")) / "compare" / f"{'-vs-'.join(names)}.html"
        page.save(
            file,
            "compare.html",
            charts=any("charts" in values for values in parts.values()),
            title=" vs ".join(names),
            runs=runs,
            settings=changed(runs),
            parts=parts,
            pictures=pictures(runs),
        )
    return file


def with_part(runs: list[Run], part: str) -> list[Run]:
    return [run for run in runs if part in run.settings["parts"]]


def changed(runs: list[Run]) -> list[tuple[str, list]]:
    """Settings that differ between the runs: path, and the value in each."""
    configs = [run.provenance["config"] for run in runs]
    paths = sorted({path for config in configs for path in differences(config, configs[0])})
    return [(path, [at(config, path) for config in configs]) for path in paths]


def at(config: dict, path: str):
    """The setting at a dotted path; None where there is none."""
    for key in keys(config, path):
        config = config.get(key) if isinstance(config, dict) else None
    return config


def keys(config: dict, path: str) -> list[str]:
    """The path in its keys, of which some have a dot themselves."""
    for key in config if isinstance(config, dict) else []:
        if path.startswith(f"{key}.") and config[key] is not None:
            return [key, *keys(config[key], path[len(key) + 1 :])]
    return [path]


def pictures(runs: list[Run]) -> list[dict]:
    """Pictures that the first run shares with another: `name, title`, and both pictures by run."""
    first, *others = runs
    pairs = []
    for name, part in PARTS.items():
        if not part.pictures or name not in first.settings["parts"]:
            continue
        shown = part.pictures(first.settings)
        for other in with_part(others, name):
            for picture in shown.keys() & part.pictures(other.settings).keys():
                addresses = {
                    run.name: embedded.picture(
                        run.folder / name / f"{picture}{'.jpg' if run.on_record else '.png'}"
                    )
                    for run in (first, other)
                }
                title = shown[picture]["title"] or picture
                pairs.append({"name": picture, "title": title, "runs": addresses})
    return sorted(pairs, key=lambda pair: pair["name"])
