"""The overhead of the workflow: how cost grows with size, and what starting and importing take."""

import ast
import json
import math
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from benchmarks import runs
from benchmarks.rounds import Row, measure
from benchmarks.runs import NOWHERE, REPOSITORY, RUN, SAMPLES

WORKFLOW = REPOSITORY / "workflow"
SIZES = 2, 4
STEPS = 300
PLANNED = {"variants": 100, "seeds": 100}


def growth(count: int) -> list[Row]:
    """How core-seconds grow with steps, seeds and variants; 1 is linear growth beside a fixed cost."""

    def core_seconds(changes: dict) -> float:
        cost = runs.forecast(changes)
        return cost["itself"] + cost["jobs"]

    gru = runs.lecture()["forecast"]["variants"]["gru"]
    copies = {f"gru_{number}": gru for number in range(max(SIZES))}
    base = {"select": ["gru"], "steps": STEPS, "max_epochs": 1}
    larger = {
        "steps": [base | {"steps": size * STEPS} for size in SIZES],
        "seeds": [base | {"seeds": list(range(size))} for size in SIZES],
        "variants": [base | {"variants": copies, "select": list(copies)[:size]} for size in SIZES],
    }
    print("costs: one network, one seed ...", file=sys.stderr, flush=True)
    single = statistics.median(core_seconds(base) for _ in range(count))
    table = []
    for setting, settings in larger.items():
        print(f"costs: {setting} ...", file=sys.stderr, flush=True)
        middle, large = medians([[*map(core_seconds, settings)] for _ in range(count)])
        figure = f"core-seconds at 1, {', '.join(map(str, SIZES))} times the {setting}: {single:.0f}, {middle:.0f}, {large:.0f}; growth from 2 to 4 over twice that from 1 to 2"
        table.append(Row(figure, "", None, (large - middle) / (middle - single) / 2, asked="1"))
    return table


def planning(count: int) -> Row:
    """Core-seconds of a dry run, and how many times those of bare.smk, with as many jobs and files."""
    gru = runs.lecture()["forecast"]["variants"]["gru"]
    copies = {f"gru_{number}": gru for number in range(PLANNED["variants"])}
    forecast = {"select": list(copies), "variants": copies, "seeds": list(range(PLANNED["seeds"]))}
    bare, ours = [], []
    for number in range(1, count + 1):
        print(f"costs: planning, round {number} of {count} ...", file=sys.stderr, flush=True)
        plain = "--dry-run", "--snakefile", "benchmarks/bare.smk"
        bare.append(runs.snakemake(PLANNED, options=plain)["itself"])
        cost = runs.snakemake(runs.settings(forecast), options=("--dry-run",))
        ours.append(cost["itself"])
    ratios = [mine / plain for mine, plain in zip(ours, bare, strict=True)]
    figure = f"planning {math.prod(PLANNED.values()):,} trainings, times a bare Snakefile"
    middle = statistics.median(ratios)
    return Row(
        figure, "s", None, statistics.median(ours), middle, min(ratios), max(ratios), asked="1.2"
    )


def medians(measured: list[list[float]]) -> list[float]:
    """The median over the rounds of each figure; ``measured`` has a list of all figures a round."""
    return [statistics.median(of_rounds) for of_rounds in zip(*measured, strict=True)]


def imports(rule: str) -> float:
    """Core-seconds that a job of this rule needs to start and import, before it does anything."""
    tree = ast.parse(script_of(rule).read_text())
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    code = [*map(ast.unparse, nodes), "import time", "print(time.process_time())"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


def script_of(rule: str) -> Path:
    """The script of the rule, or of the rule from which it inherits."""
    for file in WORKFLOW.rglob("*.smk"):
        rules = file.read_text()
        if inherited := re.search(rf"^use rule (\w+) as {rule} with:", rules, re.M):
            return script_of(inherited[1])
        if script := re.search(rf"^ *rule {rule}:\n.*?^ +script:\n +\"(\S+)\"", rules, re.M | re.S):
            return file.parent / script[1]
    raise KeyError(rule)


def overhead(count: int) -> list[Row]:
    """The share of the quick look's core-seconds spent on starting, importing and scheduling."""
    measured = []
    for _ in range(count):
        *figures, jobs = quick_look()
        measured.append(figures)
    seconds, total, share = medians(measured)
    return [
        Row(f"the quick look from embedded files, {jobs} jobs", "s", None, seconds),
        Row("its core-seconds", "s", None, total),
        Row("of which start, import, schedule", "%", None, share, asked="15"),
    ]


def quick_look() -> tuple[float, float, float, int]:
    """Its seconds, core-seconds, the share of the overhead in these, in per cent, and number of jobs."""
    print("costs: the quick look ...", file=sys.stderr, flush=True)
    quick = yaml.safe_load((REPOSITORY / "config" / "quick.yaml").read_text())
    nowhere = {"assets": {name: NOWHERE for name in runs.lecture()["assets"]}}
    runs.prepare()
    cost = runs.snakemake(quick | SAMPLES | nowhere)
    records = [json.loads(file.read_text()) for file in RUN.glob("logs/**/*.json")]
    rules = Counter(record["rule"] for record in records if "rule" in record)
    starting = sum(number * imports(rule) for rule, number in rules.items())
    total = cost["itself"] + cost["jobs"]
    share = 100 * (cost["itself"] + starting) / total
    return cost["seconds"], total, share, rules.total()


def checkpoints() -> dict[str, float]:
    """The share of training time spent on saving checkpoints, in per cent, by network.

    A checkpoint is saved every minute, with the current state and those of the best and the last
    epoch; the text's has three kept epochs as well.
    """
    from reverie import backend, layers
    from reverie.checkpoints import SAVE_SECONDS, Checkpoint
    from reverie.forecast import models, variants
    from reverie.text import models as writers

    lecture = runs.lecture()
    networks = {
        name: (models.build(network, 1440, 6, 14, name), network["optimizer"], 3)
        for name, network in variants.networks(lecture).items()
        if network["step"] == "1 hour"
    }
    text = lecture["text"]
    networks["text"] = writers.build(text["layers"], text["window"], 57), text["optimizer"], 6
    shares = {}
    for name, (model, optimizer, states) in networks.items():
        loop = backend.loop(
            model, layers.optimizer(optimizer, name), None, None, [], compiled=False
        )
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Checkpoint(Path(folder))
            seconds = []
            for _ in range(5):
                start = time.perf_counter()
                checkpoint.save(dict.fromkeys(map(str, range(states)), loop.state()), {})
                seconds.append(time.perf_counter() - start)
        shares[name] = 100 * statistics.median(seconds) / SAVE_SECONDS
    return shares


def saving(count: int) -> Row:
    measured = [measure("costs", "checkpoints") for _ in range(count)]
    shares = dict(zip(measured[0], medians([list(of.values()) for of in measured]), strict=True))
    network = max(shares, key=shares.get)
    figure = f"checkpoints, of a training's time, at most ({network})"
    return Row(figure, "%", None, shares[network], asked="2")


def rows(count: int) -> list[Row]:
    seconds = statistics.median(runs.prepare()["seconds"] for _ in range(count))
    reading = Row("reading and preparing the full-size weather", "s", None, seconds, asked="3")
    return [reading, planning(count), saving(count), *growth(count), *overhead(count)]


if __name__ == "__main__":
    print(json.dumps(checkpoints()))
