"""What several runs wrote, side by side."""

from reverie.histories import best_epoch, read_history
from reverie.report.run import Run
from reverie.text.report.section import marked_samples, method_of


def compared(runs: list[Run]) -> dict:
    """All that `compare.html` shows of the runs."""
    return {"samples": samples(runs)}


def samples(runs: list[Run]) -> list[dict]:
    """`method`, and by run the text at the first seed's best epoch, from its first prompt."""
    rows: dict[str, dict] = {}
    for run in runs:
        folder, seed = run.folder / "text", run.settings["text"]["seeds"][0]
        best = best_epoch(read_history(folder / f"seed{seed}"))["epoch"]
        written = [sample for sample in marked_samples(folder) if sample["seed"] == seed]
        prompt = written[0]["prompt"]
        for sample in written:
            if (sample["epoch"], sample["prompt"]) == (best, prompt):
                rows.setdefault(method_of(sample), {})[run.name] = sample
    return [{"method": method, "runs": row} for method, row in rows.items()]
