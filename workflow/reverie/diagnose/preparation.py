"""Write the episodes, what is predicted of them, and the facts that the report shows."""

import json
from pathlib import Path

from reverie.diagnose.episodes import Episodes
from reverie.diagnose.split import split
from reverie.diagnose.tasks import Task


def write(
    found: Episodes, counts: dict, tasks: dict[str, Task], origin: dict, seed: int, folder: Path
) -> None:
    """Write `episodes.npz`, a .npz for each task and `episodes.json` into ``folder``.

    ``counts`` are of what was dropped, ``origin`` has `source, sha256, sample`. The facts are those of
    the first task: `labels` has for each label its positives in the parts of the ``seed``'s split
    and, over all episodes, how many had it before (`prevalent`) and were measured for it (`known`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    found.save(folder / "episodes.npz")
    for name, task in tasks.items():
        task.save(folder / f"{name}.npz")
    main = next(iter(tasks.values()))
    parts = split(len(found), seed)
    labels = {
        name: {part: int(main.truth[rows, label].sum()) for part, rows in parts.items()}
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
