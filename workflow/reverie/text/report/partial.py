"""What there is of a text that is not finished."""

from pathlib import Path

from reverie.report.run import Run, link
from reverie.text import measures

RESULTS = ["samples.jsonl", "metrics.csv", "invented.json", "comparisons.csv", "reference.json"]


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the seeds that have written; False where there are none."""
    config = run.settings["text"]
    trainings = {
        seed: source / f"seed{seed}"
        for seed in config["seeds"]
        if (source / f"seed{seed}" / "samples.jsonl").is_file()
    }
    absent = [seed for seed in config["seeds"] if seed not in trainings]
    if not trainings or not (source / "corpus.json").is_file():
        run.missing.append("text: nothing is written yet")
        return False
    run.missing += [f"text: seed {seed} has not written" for seed in absent]
    if not absent and all((source / name).is_file() for name in [*RESULTS, "plots/curves.svg"]):
        link(source, target)
        return True
    config["seeds"] = list(trainings)
    link(source, target, {*RESULTS, "plots"})
    measures.measure(source / "corpus.npz", trainings, target)
    from reverie.text import plots

    plots.draw(target, config["seeds"], config["sampling"]["temperatures"], target / "plots")
    return True
