"""Read the episodes, derive what is predicted of them, and write both with the facts that the report shows."""

import hashlib
import json
from pathlib import Path

from reverie.diagnose import episodes
from reverie.diagnose.conditions import CONDITIONS
from reverie.diagnose.episodes import DEATH, Episodes
from reverie.diagnose.split import split
from reverie.diagnose.tasks import Task, later_conditions, outcomes
from reverie.errors import ReverieError

FEWEST = 50  # episodes; fewer leave too few to choose with and to judge by
RAREST = 3  # episodes that have a label, and that do not have it


def read(sources: list[tuple[Path, dict]], own: bool, file: Path, facts_file: Path) -> None:
    """Read the ``sources`` and write the episodes (.npz), and what was dropped and their origin (.json).

    Sources are pairs of a file and its origin: the user's ``own`` table and labels, or archives of records,
    each with its table of outcomes. Raises ReverieError for files that cannot be read and too few episodes.
    """
    files = [path for path, _ in sources]
    if own:
        cohort, counts = episodes.own(*files)
    else:
        refuse_mixed(sources)
        cohort, counts = episodes.challenge(list(zip(files[::2], files[1::2], strict=True)))
    if len(cohort) < FEWEST:
        raise ReverieError(
            f"{files[0]} has {len(cohort)} episodes with measurements and labels; at least {FEWEST} are needed."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    cohort.save(file)
    write_json(facts_file, {"dropped": counts, **origin_of(sources)})
    print(f"{len(cohort):,} episodes, {counts['measurements']:,} measurements")


def derive(task: str, cohort: Episodes, hours: int, labels: Path | None) -> Task:
    """What is predicted: `conditions` or `death`, or, of the first ``hours``, the user's own labels.

    Raises ReverieError for a column of the table ``labels`` that (nearly) all or no episodes have.
    """
    if task == "conditions":
        return later_conditions(cohort)
    if task == "death":
        return outcomes(cohort, [DEATH])
    made = outcomes(cohort, cohort.outcome_names.tolist(), hours)
    refuse_constant(made, labels)
    return made


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


def write_json(file: Path, facts: dict) -> None:
    file.write_text(json.dumps(facts, indent=2) + "\n")


def summarize(cohort: Episodes, task: Task, own: bool, seed: int, facts: dict, file: Path) -> None:
    """Write `episodes.json`: the ``facts`` of :func:`read`, and what the report shows of the ``task``.

    `labels` has for each label what it is in words, its positives in the parts of the ``seed``'s split
    and, over all episodes, how many had it before (`prevalent`) and were measured for it (`known`).
    """
    parts = split(len(cohort), seed)
    labels = {
        name: in_words(name, own)
        | {part: int(task.truth[rows, label].sum()) for part, rows in parts.items()}
        | {
            "prevalent": int(task.prevalent[:, label].sum()),
            "known": int(task.known[:, label].sum()),
        }
        for label, name in enumerate(task.names.tolist())
    }
    shown = {
        "episodes": len(cohort),
        "variables": cohort.variables.tolist(),
        "labels": labels,
        "hours": int(task.hours),
        "split": {part: len(rows) for part, rows in parts.items()},
    }
    write_json(file, shown | facts)


def in_words(label: str, own: bool) -> dict[str, str]:
    """`title, rule, source` of a condition; a label of the user's ``own`` has only its name."""
    if label in CONDITIONS and not own:
        condition = CONDITIONS[label]
        return {"title": condition.title, "rule": condition.rule, "source": condition.source}
    title = "Death in hospital" if label == "death" and not own else label
    return {"title": title, "rule": "", "source": ""}
