"""Read the episodes, derive what is predicted of them, and write both with the facts that the report shows."""

import hashlib
import json
from pathlib import Path

from reverie.diagnose import episodes
from reverie.diagnose.conditions import CONDITIONS
from reverie.diagnose.episodes import DEATH, Episodes
from reverie.diagnose.kinds import OWN
from reverie.diagnose.split import split
from reverie.diagnose.tasks import Task, later_conditions, outcomes
from reverie.errors import ReverieError

FEWEST = 50  # episodes; fewer leave too few to choose with and to judge by
RAREST = 3  # episodes that have a label, and that do not have it


def prepare(
    sources: list[tuple[Path, dict]], tasks: list[str], hours: int, seed: int, folder: Path
) -> None:
    """Read the ``sources`` and write what :func:`write` writes.

    They are pairs of a file and its origin: for the one task `labels` the user's table and labels,
    for other tasks an archive of records and its table of outcomes, one set after the other.
    ``hours`` are those of the user's episodes that are read. Raises ReverieError for files that
    cannot be read, too few episodes, and labels of the user's that (nearly) all or no episodes have.
    """
    files = [file for file, _ in sources]
    if tasks == [OWN]:
        found, counts = episodes.own(*files)
        made = {OWN: outcomes(found, found.outcome_names.tolist(), hours)}
        refuse_constant(made[OWN], files[1])
    else:
        refuse_mixed(sources)
        found, counts = episodes.challenge(list(zip(files[::2], files[1::2], strict=True)))
        make = {"conditions": later_conditions, "death": lambda stays: outcomes(stays, [DEATH])}
        made = {task: make[task](found) for task in tasks}
    if len(found) < FEWEST:
        raise ReverieError(
            f"{files[0]} has {len(found)} episodes with measurements and labels; at least {FEWEST} are needed."
        )
    write(found, counts, made, origin_of(sources), seed, folder)
    print(f"{len(found):,} episodes, {counts['measurements']:,} measurements")


def refuse_mixed(sources: list[tuple[Path, dict]]) -> None:
    """Raise a ReverieError where simulated stays would meet the outcomes of patients, or the reverse."""
    by_sample = {origin["sample"]: file for file, origin in sources}
    if len(by_sample) == 2:
        raise ReverieError(
            f"{by_sample[False]} is real, and {by_sample[True]} is simulated, since the real file could not be "
            "reached; put all files of the Challenge into a mirror directory, or none."
        )


def refuse_constant(task: Task, file: Path) -> None:
    """Raise a ReverieError about a label that hardly any episode has, or lacks."""
    for name, column in zip(task.names.tolist(), task.truth.T, strict=True):
        positives, count = int(column.sum()), len(column)
        if min(positives, count - positives) < RAREST:
            raise ReverieError(
                f"{file}: {positives} of {count:,} episodes have the label {name!r}; it cannot be learned from "
                f"fewer than {RAREST} with and {RAREST} without it; leave its column out."
            )


def origin_of(sources: list[tuple[Path, dict]]) -> dict:
    """`source, sha256, sample` of all files; the hash of several is that of their hashes, in order."""
    origins = [origin for _, origin in sources]
    hashes = "".join(origin["sha256"] for origin in origins)
    return {
        "source": ", ".join(dict.fromkeys(origin["source"] for origin in origins)),
        "sha256": hashlib.sha256(hashes.encode()).hexdigest(),
        "sample": origins[0]["sample"],
    }


def write(
    found: Episodes, counts: dict, tasks: dict[str, Task], origin: dict, seed: int, folder: Path
) -> None:
    """Write `episodes.npz`, a .npz for each task and `episodes.json` into ``folder``.

    ``counts`` are of what was dropped, ``origin`` has `source, sha256, sample`. The facts are those of
    the first task: `labels` has for each label what it is in words, its positives in the parts of the
    ``seed``'s split and, over all episodes, how many had it before (`prevalent`) and were measured for
    it (`known`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    found.save(folder / "episodes.npz")
    for name, task in tasks.items():
        task.save(folder / f"{name}.npz")
    main = next(iter(tasks.values()))
    parts = split(len(found), seed)
    labels = {
        name: in_words(name)
        | {part: int(main.truth[rows, label].sum()) for part, rows in parts.items()}
        | {
            "prevalent": int(main.prevalent[:, label].sum()),
            "known": int(main.known[:, label].sum()),
        }
        for label, name in enumerate(main.names.tolist())
    }
    facts = {
        "episodes": len(found),
        "variables": found.variables.tolist(),
        "labels": labels,
        "hours": int(main.hours),
        "split": {part: len(rows) for part, rows in parts.items()},
        "dropped": counts,
        **origin,
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    (folder / "episodes.json").write_text(text + "\n", encoding="utf-8")


def in_words(label: str) -> dict[str, str]:
    """`title, rule, source` of a condition; a label of the user's has only its name."""
    if label in CONDITIONS:
        condition = CONDITIONS[label]
        return {"title": condition.title, "rule": condition.rule, "source": condition.source}
    title = "Death in hospital" if label == "death" else label
    return {"title": title, "rule": "", "source": ""}
